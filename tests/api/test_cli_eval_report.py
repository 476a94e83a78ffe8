"""`pincite eval report`, as a function: which files are written, and what is refused."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.cli.evaluation.report import report
from corpus.errors import BadInputError
from eval.foreign import score_files
from eval.run_file import write_run
from eval.trec import read_run
from tests.eval.runs import hostile_run, realistic_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    paths = folder / "base.json", folder / "new.json"
    for path, skill in zip(paths, (0.3, 0.9), strict=True):
        write_run(realistic_run(60, skill=skill), path)
    return paths


def test_every_form_of_one_run(runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: tmp_path / f"out.{name}" for name in ("html", "markdown", "junit", "trec")}
    report([runs[0]], **files)
    assert files["html"].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert files["markdown"].read_text(encoding="utf-8").startswith("## made-up: pincite, 60 questions")
    assert len(ElementTree.parse(files["junit"]).findall("testsuite/testcase")) == 60
    said = capsys.readouterr()
    assert all(str(path) in said.err for path in files.values())
    assert said.out == ""


def test_trec_has_the_best_passage_of_every_document(runs: tuple[Path, Path], tmp_path: Path) -> None:
    report([runs[0]], trec=tmp_path / "run.trec")
    written = read_run(tmp_path / "run.trec")
    found = {one.id: one for one in realistic_run(60, skill=0.3).questions if one.passages}
    assert written.keys() == found.keys()
    for question_id, scores in written.items():
        passages = found[question_id].passages
        assert scores == {
            one.document: max(other.score for other in passages if other.document == one.document) for one in passages
        }


def test_several_runs_are_a_comparison_with_the_first(runs: tuple[Path, Path], tmp_path: Path) -> None:
    report(list(runs), html=tmp_path / "x.html", markdown=tmp_path / "x.md", junit=tmp_path / "x.xml")
    assert "new against the baseline base" in (tmp_path / "x.html").read_text(encoding="utf-8")
    assert (tmp_path / "x.md").read_text(encoding="utf-8").startswith("## made-up: new against base")
    assert len(ElementTree.parse(tmp_path / "x.xml").findall("testsuite")) == 2


def test_hostile_text_goes_through_a_run_file(tmp_path: Path) -> None:
    write_run(hostile_run(), tmp_path / "run.json")
    report([tmp_path / "run.json"], html=tmp_path / "x.html", markdown=tmp_path / "x.md", junit=tmp_path / "x.xml")
    assert ElementTree.parse(tmp_path / "x.xml").getroot().tag == "testsuites"


def test_a_report_of_nothing_is_refused(runs: tuple[Path, Path]) -> None:
    with pytest.raises(BadInputError, match="--html, --markdown, --junit or --trec"):
        report([runs[0]])


def test_trec_takes_one_run(runs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="one run, not 2"):
        report(list(runs), trec=tmp_path / "x.trec")
    assert list(tmp_path.iterdir()) == []


def test_the_run_of_another_system_has_no_ranking_to_write(tmp_path: Path) -> None:
    (tmp_path / "theirs.trec").write_text("q1 Q0 d1 1 2.5 tag\n")
    (tmp_path / "qrels").write_text("q1 0 d1 1\n")
    write_run(score_files(tmp_path / "theirs.trec", tmp_path / "qrels"), tmp_path / "run.json")
    with pytest.raises(BadInputError, match="'run' is the run of another system"):
        report([tmp_path / "run.json"], trec=tmp_path / "x.trec")
    assert not (tmp_path / "x.trec").exists()


def test_what_cannot_be_written_or_read_is_named(runs: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"cannot be written: Is a directory"):
        report([runs[0]], markdown=tmp_path)
    with pytest.raises(BadInputError, match=r"missing\.json"):
        report([tmp_path / "missing.json"], markdown=tmp_path / "x.md")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(BadInputError, match="no run file"):
        report([tmp_path / "other.json"], markdown=tmp_path / "x.md")
