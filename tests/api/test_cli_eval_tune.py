"""`pincite eval tune` and `calibrate`, with the real models on a small set."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.run_file import read_run
from retrieval.profile import DEFAULT_PROFILE, read_profile
from tests.api.commands import Run, pincite

SHIPS = ("Fulmar", "Gannet", "Puffin", "Razorbill", "Kittiwake", "Cormorant", "Guillemot", "Shearwater")
PLACES = ("Karn", "Eastwick", "Skelvay", "Brigg Sound", "North Quay", "Lowhaven", "Tarn Isle", "Westray")
CARGOES = ("timber", "salt", "wool", "slate", "barley", "peat", "herring", "glass")
QUESTIONS = ("Which cargo does the {} carry?", "Where does the {} sail to?", "Who is the captain of the {}?")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of eight ships: two questions of each are answered in the documents, one is not."""
    folder = tmp_path_factory.mktemp("tune")
    documents, questions = [], []
    for ship, place, cargo in zip(SHIPS, PLACES, CARGOES, strict=True):
        text = (
            f"The {ship} sails to {place} on Mondays. The {ship} carries {cargo} in its hold. The crew sleeps on deck."
        )
        documents.append({"_id": ship, "title": "Ships", "text": text})
        for number, wording in enumerate(QUESTIONS):
            quote = (f"The {ship} carries {cargo} in its hold.", f"The {ship} sails to {place} on Mondays.", "")[number]
            at = text.index(quote)
            evidence = [{"doc_id": ship, "start": at, "end": at + len(quote), "quote": quote}] if quote else []
            asked = {"_id": f"{ship}-{number}", "text": wording.format(ship), "answerable": bool(quote)}
            held_out = ship in SHIPS[-2:] and number > 0
            questions.append(
                asked | ({"evidence": evidence} if quote else {}) | ({"held_out": True} if held_out else {})
            )
    for name, lines in (("corpus", documents), ("queries", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def evaluate(work: Path, *arguments: str | Path) -> Run:
    return pincite(work / "home", "eval", *arguments, PINCITE_CACHE=str(work / "cache"))


def run_file(work: Path, name: str, *options: str | Path) -> Path:
    ended = evaluate(work, "run", work, "--json", *options)
    assert ended.code == 0, ended.errors
    (work / name).write_bytes(ended.stdout)
    return work / name


def test_a_calibration_is_used_by_the_runs_that_follow(work: Path) -> None:
    before = run_file(work, "before.json")
    ended = evaluate(work, "calibrate", before, "--out", work / "profile.json", "--json")
    assert (ended.code, ended.errors) == (0, "")
    found = ended.json()
    learned = [one for one in read_run(before).questions if not one.held_out]
    assert (found["questions"], found["right"]) == (len(learned), sum(one.correct is True for one in learned))
    profile = read_profile(work / "profile.json")
    calibration = profile.calibration
    assert calibration is not None
    assert found["profile"]["calibration"]["name"] == calibration.name
    after = read_run(run_file(work, "after.json", "--profile", work / "profile.json"))
    assert len(after.questions) == 24
    for one in after.questions:
        assert one.confidence == pytest.approx(calibration.form.probability(one.signals), abs=5.1e-5)
        assert one.abstained == (one.confidence < profile.min_confidence)
    assert [one.signals for one in after.questions] == [one.signals for one in read_run(before).questions]
    assert {one.confidence for one in after.questions} != {one.confidence for one in read_run(before).questions}


def test_without_the_cross_encoder_it_is_a_guess_again(work: Path) -> None:
    guessed = run_file(work, "guessed.json", "--no-rerank")
    fitted = run_file(work, "fitted.json", "--no-rerank", "--profile", fitted_profile(work))
    assert confidences(guessed) == confidences(fitted)


def test_people_see_forms_bins_and_the_threshold(work: Path) -> None:
    ended = evaluate(work, "calibrate", run_file(work, "run.json"), "--out", work / "shown.json", "--max-risk", "0.5")
    assert ended.code == 0, ended.errors
    assert "Confidence on 20 questions" in ended.text
    assert "uncalibrated" in ended.text
    assert "4 held-out questions" in ended.text
    told, written = ended.errors.splitlines()[-2:]
    threshold = read_profile(work / "shown.json").min_confidence
    assert told.startswith(f"answers from a confidence of {threshold:.4f} on: ")
    assert written == f"written: {work / 'shown.json'}"


def test_a_risk_that_cannot_be_had_writes_nothing(work: Path) -> None:
    run = json.loads(run_file(work, "run.json").read_text())
    learned = [one for one in run["questions"] if not one["held_out"]]
    for number, one in enumerate(learned):
        # Nothing tells right from wrong.
        one |= {"correct": number % 2 == 0, "signals": {"logit": 1.0}}
    (work / "blind.json").write_text(json.dumps(run))
    ended = evaluate(work, "calibrate", work / "blind.json", "--out", work / "no.json", "--max-risk", "0.4")
    assert ended.code == 2
    assert (
        "no threshold has a risk of 0.4 or less: the lowest that can be reached is 0.500, with 20 of 20" in ended.errors
    )
    assert not (work / "no.json").exists()


def test_the_weights_of_a_profile_are_kept(work: Path) -> None:
    (work / "mine.json").write_text('{"dense_weight": 0.8}')
    run = run_file(work, "mine-run.json", "--profile", work / "mine.json")
    ended = evaluate(work, "calibrate", run, "--profile", work / "mine.json", "--out", work / "both.json", "--json")
    assert ended.json()["notes"] == ["fitted on 20 questions only: with 100 or more it would be surer"]
    assert read_profile(work / "both.json").dense_weight == 0.8


def test_tuning_finds_a_profile_and_tells_how_good_it_is(work: Path) -> None:
    options = ("--folds", "2", "--passage-tokens", "200", "--limit", "8", "--json")
    ended = evaluate(work, "tune", work, "--out", work / "tuned.json", *options)
    assert ended.code == 0, ended.errors
    found = ended.json()
    assert found["metric"] == "span_mrr@10"
    assert found["questions"] == sum(one["questions"] for one in found["sets"]) <= 8
    assert ended.errors.count("trying ") == len(found["tried"])
    assert [mean for _, mean in found["tried"]] == sorted((mean for _, mean in found["tried"]), reverse=True)
    assert found["held_out"]["n"] == 2
    profile = read_profile(work / "tuned.json")
    assert found["out"] == str(work / "tuned.json")
    assert profile.provenance["sets"][0]["corpus_digest"] == read_run(run_file(work, "run.json")).corpus_digest
    if not found["significant"]:
        assert profile == replace(DEFAULT_PROFILE, provenance=profile.provenance)
        assert any("the profile keeps the defaults" in line for line in found["notes"])
    assert evaluate(work, "run", work, "--profile", work / "tuned.json", "--limit", "1").code == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--passage-tokens", "many"), "'many' is no list of numbers such as 120,200,300"),
        (("--passage-tokens", "5"), "passage_tokens of a profile must be from 16 to 8192, not 5"),
        (("--metric", "ece"), "'ece' has no value for a single question"),
        (("--metric", "page_hit@5", "--limit", "3"), "'page_hit@5' apply to no question of"),
        (("--limit", "3", "--folds", "9"), "into 9"),
    ],
)
def test_wrong_use_of_tune(work: Path, options: tuple[str, ...], problem: str) -> None:
    ended = evaluate(work, "tune", work, "--out", work / "wrong.json", *options)
    assert ended.code == 2
    assert problem in " ".join(ended.errors.split())
    assert not (work / "wrong.json").exists()


def fitted_profile(work: Path) -> Path:
    """A profile whose calibration holds for the cross-encoder."""
    ended = evaluate(
        work, "calibrate", run_file(work, "reranked.json"), "--out", work / "fitted-profile.json", "--json"
    )
    assert ended.code == 0, ended.errors
    return work / "fitted-profile.json"


def confidences(path: Path) -> list[float | None]:
    return [one.confidence for one in read_run(path).questions]
