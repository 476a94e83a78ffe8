import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from eval.records import RunResult, RunSettings
from eval.run_file import write_run
from eval.statistics.intervals import Estimate
from retrieval.profile import Profile, write_profile
from tests.api.commands import Run, pincite, pincite_process
from tests.eval.runs import HOSTILE, realistic_run

FERRY = "The ferry to Karn sails at noon.\n\nDogs travel free of charge on deck."
LIGHT = "Karn Light was lit in 1887.\n\nIts lamp burns paraffin. Nobody lives there."
USUAL = [
    "span_mrr@10",
    "span_hit@1",
    "page_hit@5",
    "ndcg@10",
    "quote_f1",
    "abstain_f1",
    "answerability_auroc",
    "aurc",
    "citation_validity",
]


@cache
def good_run() -> RunResult:
    run = realistic_run(40)
    return replace(run, dataset="harbour", counts={**run.counts, "errors": 0})


def run_with(**values: float) -> RunResult:
    """The good run with other values, _ for @."""
    metrics = dict(good_run().metrics)
    for name, value in values.items():
        metrics[name] = replace(metrics[name], value=value)
    return replace(good_run(), metrics=metrics)


class Desk:
    """A folder with a run file and a baseline, and the command."""

    def __init__(self, folder: Path) -> None:
        self.run_file, self.baseline, self.home = folder / "run.json", folder / "baseline.json", folder / "home"

    def gate(self, run: RunResult, *options: str | Path) -> Run:
        write_run(run, self.run_file)
        return pincite(self.home, "eval", "gate", self.run_file, "--baseline", self.baseline, *options)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def pinned(desk: Desk) -> Desk:
    """With the baseline of the good run."""
    assert desk.gate(good_run(), "--update").code == 0
    return desk


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]


# --- text and exit codes ---------------------------------------------------------------------------------------------


def test_without_a_baseline(desk: Desk) -> None:
    ended = desk.gate(good_run())
    assert (ended.code, ended.stdout) == (2, b"")
    assert f"there is no baseline {str(desk.baseline)!r}: --update makes it of this run" in ended.errors
    assert not desk.baseline.exists()


def test_making_a_baseline(desk: Desk) -> None:
    ended = desk.gate(good_run(), "--update")
    assert (ended.code, ended.errors) == (0, "")
    assert [row[0] for row in rows(ended.text)] == USUAL
    assert rows(ended.text)[-1] == ["citation_validity", "floor 1", "0", "40", "added"]
    assert list(json.loads(desk.baseline.read_text())["metrics"]) == USUAL


def test_the_gate_holds(pinned: Desk) -> None:
    before = pinned.baseline.read_bytes()
    ended = pinned.gate(good_run())
    assert (ended.code, ended.text) == (0, "")
    assert ended.errors == "the gate holds for harbour: none of 9 metrics fell\n"
    assert pinned.baseline.read_bytes() == before


def test_what_fell_is_listed(pinned: Desk) -> None:
    bounds = json.loads(pinned.baseline.read_text())["metrics"]
    ended = pinned.gate(run_with(quote_f1=0.25, aurc=0.875))
    assert ended.code == 1
    assert ended.text.startswith("fallen")
    assert [(row[0], row[1].split()[0], row[4]) for row in rows(ended.text)] == [
        ("quote_f1", "floor", "0.25"),
        ("aurc", "ceiling", "0.875"),
    ]
    assert float(rows(ended.text)[0][2]) == bounds["quote_f1"]["width"]
    assert ended.errors == "the gate fails for harbour (fallen metrics: 2, problems: 0)\n"


def test_a_run_that_cannot_be_compared(pinned: Desk) -> None:
    ended = pinned.gate(replace(run_with(quote_f1=0.0), settings=RunSettings(mode="dense")))
    assert (ended.code, ended.text) == (1, "")
    problem, verdict = ended.errors.splitlines()
    assert problem.startswith("problem: other settings: mode dense instead of hybrid: gate a run of the same set")
    assert verdict == "the gate fails for harbour (fallen metrics: 0, problems: 1)"


def test_updates(pinned: Desk) -> None:
    old = json.loads(pinned.baseline.read_text())["metrics"]
    ended = pinned.gate(run_with(quote_f1=0.9375, abstain_f1=0.0625), "--update")
    assert ended.code == 1
    changed, kept = rows(ended.text)
    assert (changed[0], changed[1], changed[4].split(",")[0]) == ("quote_f1", "floor 0.9375", "stricter")
    assert (kept[0], kept[4]) == ("abstain_f1", "0.0625")
    assert "below the baseline, which is kept (--allow-lower lowers it)" in ended.text
    new = json.loads(pinned.baseline.read_text())["metrics"]
    assert new["quote_f1"]["floor"] == 0.9375
    assert new["abstain_f1"] == old["abstain_f1"]

    ended = pinned.gate(run_with(quote_f1=0.9375, abstain_f1=0.0625), "--update", "--allow-lower")
    assert ended.code == 0
    assert rows(ended.text)[0][4].startswith("laxer, was ")
    assert json.loads(pinned.baseline.read_text())["metrics"]["abstain_f1"]["floor"] == 0.0625
    assert pinned.gate(run_with(quote_f1=0.9375, abstain_f1=0.0625)).code == 0


def test_an_update_without_news(pinned: Desk) -> None:
    ended = pinned.gate(good_run(), "--update")
    assert (ended.code, ended.text) == (0, "")
    assert ended.errors == "the baseline has the values of this run already\n"


def test_floors_of_another_set_stay_whole(pinned: Desk) -> None:
    # In a form of its own, so that writing it again would be seen.
    pinned.baseline.write_text(json.dumps(json.loads(pinned.baseline.read_text())))
    before = pinned.baseline.read_bytes()
    ended = pinned.gate(replace(run_with(quote_f1=0.0), corpus_digest="f" * 64), "--update")
    assert ended.code == 1
    assert "nothing was written, because the bounds of quote_f1 would be laxer" in ended.errors
    assert pinned.baseline.read_bytes() == before


def test_chosen_metrics(desk: Desk) -> None:
    ended = desk.gate(good_run(), "--update", "--metric", "quote_f1", "--metric", "aurc", "--json")
    assert [one["metric"] for one in ended.json()["added"]] == ["quote_f1", "aurc"]
    assert list(json.loads(desk.baseline.read_text())["metrics"]) == ["quote_f1", "aurc"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--allow-lower"], "give --update, too"),
        (["--metric", "f1"], "give --update, too"),
        (["--update", "--metric", "speed"], "held to 'speed'"),
    ],
)
def test_wrong_use(pinned: Desk, options: list[str], problem: str) -> None:
    before = pinned.baseline.read_bytes()
    ended = pinned.gate(good_run(), *options)
    assert (ended.code, ended.stdout) == (2, b"")
    assert problem in ended.errors
    assert pinned.baseline.read_bytes() == before


def test_files_that_are_something_else(pinned: Desk) -> None:
    ended = pincite(pinned.home, "eval", "gate", pinned.baseline, "--baseline", pinned.baseline)
    assert (ended.code, ended.stdout) == (2, b"")
    assert "is no run file" in ended.errors
    ended = pincite(pinned.home, "eval", "gate", pinned.run_file, "--baseline", pinned.run_file, "--update")
    assert (ended.code, ended.stdout) == (2, b"")
    assert "is no baseline" in ended.errors
    assert pincite(pinned.home, "eval", "gate", pinned.run_file).code == 2


# --- JSON ------------------------------------------------------------------------------------------------------------

NOTHING: dict[str, Any] = {
    "passed": True,
    "fallen": [],
    "problems": [],
    "raised": [],
    "added": [],
    "lowered": [],
    "dropped": [],
    "notes": [],
}


def test_json_of_a_gate_that_holds(pinned: Desk) -> None:
    ended = pinned.gate(good_run(), "--json")
    assert (ended.json(), ended.errors, ended.code) == (NOTHING, "", 0)


def test_json_of_a_fall(pinned: Desk) -> None:
    bound = json.loads(pinned.baseline.read_text())["metrics"]["aurc"]
    ended = pinned.gate(run_with(aurc=0.875), "--json")
    fallen = {"metric": "aurc", "ceiling": bound["ceiling"], "width": bound["width"], "value": 0.875}
    assert (ended.json(), ended.errors, ended.code) == ({**NOTHING, "passed": False, "fallen": [fallen]}, "", 1)


def test_json_of_problems(pinned: Desk) -> None:
    run = good_run()
    metrics = {name: one for name, one in run.metrics.items() if name != "quote_f1"}
    ended = pinned.gate(replace(run, metrics=metrics, counts={**run.counts, "errors": 1, "passages": 1}), "--json")
    found = ended.json()
    assert [line.split(":")[0] for line in found["problems"]] == [
        "1 questions failed, the run file has their errors",
        "quote_f1 applies to no question of the run",
    ]
    assert [line.split()[:2] for line in found["notes"]] == [["1", "passages"]]
    assert ended.code == 1


def test_json_of_an_update(pinned: Desk) -> None:
    old = json.loads(pinned.baseline.read_text())["metrics"]
    found = pinned.gate(run_with(quote_f1=0.9375, aurc=0.875), "--update", "--json").json()
    assert [(one["metric"], one["floor"], one["before"]) for one in found["raised"]] == [
        ("quote_f1", 0.9375, old["quote_f1"]["floor"])
    ]
    assert [(one["metric"], one["ceiling"], one["value"]) for one in found["fallen"]] == [
        ("aurc", old["aurc"]["ceiling"], 0.875)
    ]
    assert not found["passed"]
    found = pinned.gate(run_with(aurc=0.875), "--update", "--allow-lower", "--json").json()
    assert [(one["metric"], one.get("ceiling"), one["before"]) for one in found["lowered"]] == [
        ("quote_f1", None, 0.9375),
        ("aurc", 0.875, old["aurc"]["ceiling"]),
    ]
    assert found["passed"]


# --- JUnit -----------------------------------------------------------------------------------------------------------


def cases(path: Path) -> dict[str, dict[str, str]]:
    """What every test case holds beside its name: the message of its failure, or why it was skipped."""
    suite = ElementTree.parse(path).getroot().find("testsuite")
    assert suite is not None
    found = {case.get("name", ""): {one.tag: one.get("message", "") for one in case} for case in suite}
    kinds = [kind for children in found.values() for kind in children]
    counted = (len(found), kinds.count("failure"), kinds.count("skipped"), 0)
    assert tuple(int(suite.get(name, "")) for name in ("tests", "failures", "skipped", "errors")) == counted
    return found


def test_junit_of_a_gate_that_holds(pinned: Desk, tmp_path: Path) -> None:
    path = tmp_path / "reports" / "gate.xml"
    assert pinned.gate(good_run(), "--junit", path).code == 0
    assert cases(path) == {"set and settings": {}, **{name: {} for name in USUAL}}


def test_junit_of_a_fall(pinned: Desk, tmp_path: Path) -> None:
    path = tmp_path / "gate.xml"
    assert pinned.gate(run_with(aurc=0.875), "--junit", path, "--json").code == 1
    found = cases(path)
    assert found.pop("aurc")["failure"].startswith("0.875: the ceiling is 0.")
    assert not any(found.values())


def test_junit_of_another_set(pinned: Desk, tmp_path: Path) -> None:
    path = tmp_path / "gate.xml"
    assert pinned.gate(replace(good_run(), questions_digest="f" * 64), "--junit", path).code == 1
    found = cases(path)
    assert "questions_digest ffffffffffff" in found.pop("set and settings")["failure"]
    assert {tuple(children) for children in found.values()} == {("skipped",)}


@pytest.mark.parametrize("name", [*HOSTILE, "\ufffe\uffff \x1f"])
def test_junit_of_hostile_names(desk: Desk, tmp_path: Path, name: str) -> None:
    run, path = replace(good_run(), dataset=name, metrics={name: Estimate(0.5, (0.4, 0.6), 9)}), tmp_path / "gate.xml"
    assert desk.gate(run, "--update").code == 0
    other = replace(run, dataset=f"{name}!", metrics={}, corpus_digest=name)
    assert desk.gate(other, "--junit", path).code == 1
    assert "corpus_digest" in cases(path)["set and settings"]["failure"]
    assert desk.gate(replace(run, metrics={name: Estimate(0.1, (0.0, 0.2), 9)}), "--junit", path).code == 1
    assert len(cases(path)) == 2


def test_junit_that_cannot_be_written(pinned: Desk) -> None:
    ended = pinned.gate(good_run(), "--junit", pinned.run_file / "gate.xml")
    assert ended.code == 2
    assert "cannot be written" in ended.errors


# --- with real runs --------------------------------------------------------------------------------------------------


def evidence(document: str, text: str, quote: str) -> list[dict[str, Any]]:
    start = text.index(quote)
    return [{"doc_id": document, "start": start, "end": start + len(quote), "quote": quote}]


@pytest.fixture
def small_set(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    documents = [{"_id": "ferry", "title": "", "text": FERRY}, {"_id": "light", "title": "", "text": LIGHT}]
    noon = evidence("ferry", FERRY, "The ferry to Karn sails at noon.")
    lamp = evidence("light", LIGHT, "Its lamp burns paraffin.")
    questions = [
        {"_id": "noon", "text": "When does the ferry to Karn sail?", "answerable": True, "evidence": noon},
        {"_id": "lamp", "text": "What does the lamp burn?", "answerable": True, "evidence": lamp},
        {"_id": "moons", "text": "How many moons has Jupiter?", "answerable": False},
    ]
    for name, lines in (("corpus", documents), ("queries", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nnoon\tferry\t1\nlamp\tlight\t1\n")
    return folder


def test_from_a_set_to_a_gate_that_catches_a_regression(tmp_path: Path, small_set: Path) -> None:
    home, baseline = tmp_path / "home", tmp_path / "baseline.json"

    def run(name: str, *options: str | Path) -> Path:
        ended = pincite(home, "eval", "run", small_set, "--json", *options)
        assert ended.code == 0, ended.errors
        (tmp_path / name).write_bytes(ended.stdout)
        return tmp_path / name

    def gate(run_file: Path, *options: str) -> Run:
        return pincite_process(home, "eval", "gate", run_file, "--baseline", baseline, "--json", *options)

    first = run("first.json")
    assert gate(first).code == 2
    assert gate(first, "--update").code == 0
    # Asked anew, with nothing remembered but the index.
    assert gate(run("second.json", "--fresh")).json() == NOTHING

    # A profile that answers nothing: it is not among the settings that must agree, since it is what a gate watches.
    write_profile(Profile(min_confidence=1.0), tmp_path / "strict.json")
    ended = gate(run("strict-run.json", "--profile", tmp_path / "strict.json"))
    assert ended.code == 1
    assert {"quote_f1", "abstain_f1"} <= {one["metric"] for one in ended.json()["fallen"]}
    assert "span_hit@1" not in {one["metric"] for one in ended.json()["fallen"]}

    ended = gate(run("lexical.json", "--mode", "lexical"))
    assert "mode lexical instead of hybrid" in ended.json()["problems"][0]
    assert ended.code == 1
