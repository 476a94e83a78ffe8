"""What the documentation says must be so: commands run, and every setting, route, command and metric is named."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from api.cli.main import app
from retrieval.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
_KINDS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "exists", "and", "or", "not"]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`PINCITE_(\w+)` \|", read("docs/settings.md")))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_every_command_is_documented() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(re.findall(r"^\| `pincite (\w+)", read("docs/command-line.md"), re.MULTILINE)) == set(commands)


def test_every_route_is_documented() -> None:
    from api.http import routes_collections, routes_documents, routes_query, routes_system

    modules = (routes_query, routes_documents, routes_collections, routes_system)
    paths = {route.path for module in modules for route in module.router.routes}  # type: ignore[attr-defined]
    assert paths == set(re.findall(r"(?:GET|POST|DELETE) (/[\w./{}]+)", read("docs/http.md")))


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_room_is_on_the_map() -> None:
    for room in ("corpus", "index", "retrieval", "eval", "api", "tests", "benchmarks", "docs"):
        assert f"    {room}/" in read("README.md")


def test_slim_requirements_are_the_dependencies_without_torch() -> None:
    import tomllib

    declared = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    names = {re.split(r"[<>=]", line)[0] for line in declared}
    slim = {line for line in read("requirements-slim.txt").splitlines() if line and not line.startswith("#")}
    assert slim == names - {"sentence-transformers"}


def test_every_requirement_is_pinned() -> None:
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in read("constraints.txt").splitlines()}
    wanted = [*read("requirements-slim.txt").splitlines(), *read("requirements-dev.txt").splitlines()]
    assert {line for line in wanted if line and not line.startswith("#")} <= pinned


def _tested_commands(page: str) -> list[str]:
    block = read(page).partition("<!-- tested -->\n")[2].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


def _readme_commands() -> list[str]:
    return _tested_commands("README.md")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("readme")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PINCITE_HOME": str(folder / "home"), "PINCITE_CACHE": str(folder / "cache")}


def test_readme_has_commands() -> None:
    assert len(_readme_commands()) >= 5


@pytest.mark.parametrize("command", _readme_commands())
def test_readme_commands_run(command: str, environment: dict[str, str]) -> None:
    done = subprocess.run(shlex.split(command), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_newcomer_comes_from_a_folder_of_pdfs_to_a_gate(environment: dict[str, str], tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    for path in sorted((ROOT / "corpus" / "sample").glob("*.pdf")):
        shutil.copy(path, reports)
    commands = _tested_commands("docs/evaluation.md")
    assert {line.split()[2] for line in commands if line.startswith("pincite")} >= {"draft", "run", "report", "gate"}
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert "<html" in (tmp_path / "report.html").read_text()


def test_a_folder_is_followed_as_the_documentation_says(environment: dict[str, str], tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    for name in ("council-decision-school-meals.pdf", "library-user-rules.docx", "visitor-faq.md"):
        shutil.copy(ROOT / "corpus" / "sample" / name, reports)
    commands = _tested_commands("docs/ingestion.md")
    assert {line.split()[1] for line in commands if line.startswith("pincite")} >= {"ingest", "sync", "reindex"}
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}"


def test_filters_do_what_the_documentation_says() -> None:
    from corpus.document_metadata import DocumentMetadata
    from index.metadata_index import MetadataIndex
    from retrieval.filters import compile_filter

    page = read("docs/filters.md")
    documents = [json.loads(found) for found in re.findall(r"\b[ABC] with\s+`(.*?)`", page)]
    index = MetadataIndex().changed(1, (), (DocumentMetadata(n, 1, metadata) for n, metadata in enumerate(documents)))
    rows = re.findall(r"^\| `(\{.*\})` \| (.*) \|$", page, re.MULTILINE)
    for tree, said in rows:
        passing = index.select(1, compile_filter(json.loads(tree))).tolist()
        assert ", ".join("ABC"[n] for n, passes in enumerate(passing) if passes) == said.replace("none", ""), tree
    assert {json.loads(tree)["type"] for tree, _ in rows} | {"and"} == set(_KINDS)


def test_every_measure_is_documented() -> None:
    from eval.metrics.names import METRICS

    names = set(re.findall(r"`([\w@]+)`", read("docs/evaluation.md")))
    assert {metric for metric in METRICS if not metric.startswith(("span_hit", "page_hit"))} <= names


def test_every_command_of_eval_is_documented() -> None:
    commands = typer.main.get_command(app).commands["eval"].commands  # type: ignore[attr-defined]
    page = read("docs/evaluation.md")
    assert all(f"pincite eval {name}" in page or f"`{name}" in page for name in commands)
