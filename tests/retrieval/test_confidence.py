"""The signals of a question, what is made of them, and that services use what was fitted for their models only."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Span
from index.embedder import Embedder
from index.keeper import Snapshot
from retrieval.answering import Answerer
from retrieval.calibration import Calibration, IsotonicForm, LogisticForm, sigmoid
from retrieval.confidence import UNCALIBRATED, confidence, signals_of
from retrieval.engines import Engines
from retrieval.evidence import Evidence
from retrieval.profile import DEFAULT_PROFILE, Profile
from retrieval.ranking import Ranked
from retrieval.reranker import Reranker, RerankerFingerprint
from retrieval.types import QueryRequest, QueryResult
from tests.index.homes import Home, open_home, text_source
from tests.retrieval.values import found_text

MODELS = {"embedder": "0" * 64, "reranker": "1" * 64}
LOGIT = LogisticForm(("logit",), (0.0,), (1.0,), (1.0,), 0.0)
FITTED = Calibration("fitted on owls", LOGIT, MODELS)


def ranked(*scores: tuple[float | None, float | None]) -> list[Ranked]:
    """Passages in order, each with its cosine and its BM25 score."""
    found = [found_text("Owls hunt.", number, dense=dense) for number, (dense, _) in enumerate(scores, 1)]
    return [
        Ranked(replace(item, candidate=replace(item.candidate, lexical=lexical)), 1.0)
        for item, (_, lexical) in zip(found, scores, strict=True)
    ]


def sentence(item: Ranked, logit: float | None, coverage: float = 0.5) -> Evidence:
    return Evidence(item.found, Span(0, 10), logit, coverage)


# --- signals ------------------------------------------------------------------------------------------------------


def _signals(evidence: list[Evidence], ranked: list[Ranked]) -> dict[str, float]:
    return signals_of(evidence, evidence, ranked)


def test_signals_of_a_question_that_was_read_by_the_cross_encoder() -> None:
    first, second, third = ranked((0.7, 3.0), (0.9, 8.0), (0.8, None))
    evidence = [sentence(second, 4.0, 0.25), sentence(second, 3.5), sentence(first, 1.5), sentence(third, -2.0)]
    assert signals_of(evidence, evidence, [first, second, third]) == {
        "coverage": 0.25,
        "logit": 4.0,
        "logit_gap": 2.5,
        "cosine": 0.9,
        "cosine_gap": pytest.approx(0.1),
        "lexical": 8.0,
        "agreement": 1.0,
    }


def test_a_search_that_leads_elsewhere_agrees_by_half_and_two_not_at_all() -> None:
    first, second = ranked((0.9, 1.0), (0.8, 2.0))
    assert _signals([sentence(first, 1.0)], [first, second])["agreement"] == 0.5
    first, second = ranked((0.9, 2.0), (0.8, 1.0))
    assert _signals([sentence(second, 1.0)], [first, second])["agreement"] == 0


def test_what_was_not_measured_is_left_out() -> None:
    (only,) = ranked((0.9, None))
    assert set(_signals([sentence(only, None)], [only])) == {"coverage", "cosine", "agreement"}
    (only,) = ranked((None, 4.0))
    assert set(_signals([sentence(only, None)], [only])) == {"coverage", "lexical", "agreement"}
    assert _signals([], [only]) == {}


def test_without_a_second_passage_the_lead_of_a_sentence_is_wide_and_that_of_the_cosine_unknown() -> None:
    (only,) = ranked((0.9, None))
    found = _signals([sentence(only, 2.0), sentence(only, 1.0)], [only])
    assert (found["logit_gap"], found["cosine"], "cosine_gap" in found) == (10.0, 0.9, False)


# --- confidence ---------------------------------------------------------------------------------------------------


def test_a_calibration_that_fits_is_used_and_named() -> None:
    assert confidence({"logit": 2.0, "coverage": 0.5}, FITTED, MODELS) == (sigmoid(2.0), "fitted on owls")


@pytest.mark.parametrize("models", [{"embedder": "0" * 64}, MODELS | {"reranker": "2" * 64}, {}])
def test_with_other_models_it_is_a_guess_again(models: dict[str, str]) -> None:
    signals = {"logit": 2.0, "coverage": 0.5}
    assert confidence(signals, FITTED, models) == confidence(signals, None, MODELS)
    assert confidence(signals, FITTED, models)[1] == UNCALIBRATED


def test_without_its_signals_it_is_a_guess_and_without_any_it_is_none() -> None:
    assert confidence({"coverage": 0.5, "cosine": 0.8}, FITTED, MODELS)[1] == UNCALIBRATED
    assert confidence({}, FITTED, MODELS) == (0.0, UNCALIBRATED)


@given(st.dictionaries(st.sampled_from(("logit", "cosine", "lexical")), st.floats(-1e6, 1e6)), st.floats(0, 1))
def test_a_guess_is_from_0_to_1(signals: dict[str, float], coverage: float) -> None:
    assert 0 <= confidence(signals | {"coverage": coverage}, None, {})[0] <= 1


# --- in a service -------------------------------------------------------------------------------------------------


class WordReranker:
    """Reads how many words the two have in common."""

    fingerprint = RerankerFingerprint("words", "1" * 64, 512, "fp32")

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        asked = set(question.lower().split())
        return [2.0 * len(asked & set(text.lower().split())) - 4.0 for text in texts]


class OtherReranker(WordReranker):
    fingerprint = RerankerFingerprint("words", "2" * 64, 512, "fp32")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("confidence") / "home") as opened:
        opened.ingest(
            text_source("owls", "Owls hunt at night in the forest."), text_source("tea", "Tea is served at five.")
        )
        yield opened


def ask(home: Home, profile: Profile, reranker: Reranker | None = None, **options: object) -> QueryResult:
    def embedder(_snapshot: Snapshot) -> Embedder:
        return home.embedder

    engines = Engines(embedder, lambda: reranker or WordReranker())
    answerer = Answerer(home.database, home.keeper, engines, profile)
    return answerer.answer(QueryRequest("when do owls hunt at night", **options))  # type: ignore[arg-type]


def test_answers_show_the_fitted_confidence_and_its_name(home: Home) -> None:
    before = ask(home, DEFAULT_PROFILE)
    after = ask(home, Profile(calibration=FITTED))
    assert before.confidence_calibration == UNCALIBRATED
    assert after.confidence_calibration == "fitted on owls"
    assert after.signals == before.signals
    assert after.confidence == pytest.approx(sigmoid(after.signals["logit"]), abs=1e-4)
    assert after.confidence != before.confidence


def test_the_threshold_is_compared_with_the_fitted_confidence(home: Home) -> None:
    sure = ask(home, Profile(calibration=FITTED)).confidence
    level = Calibration("level", IsotonicForm("logit", (0.0,), (0.25,)), MODELS)
    assert not ask(home, Profile(calibration=FITTED, min_confidence=sure)).abstained
    declined = ask(home, Profile(calibration=level, min_confidence=0.26))
    assert declined.abstained
    assert declined.abstain_reason is not None
    assert declined.abstain_reason.endswith("confidence 0.25 is below 0.26 (level)")
    assert not ask(home, Profile(calibration=level, min_confidence=0.25)).abstained


def test_with_another_cross_encoder_or_none_it_is_not_used(home: Home) -> None:
    profile = Profile(calibration=FITTED)
    assert ask(home, profile, OtherReranker()).confidence_calibration == UNCALIBRATED
    assert ask(home, profile, rerank=False).confidence_calibration == UNCALIBRATED


def test_a_threshold_that_was_chosen_for_a_calibration_is_not_applied_to_the_first_guess(home: Home) -> None:
    strict = Profile(calibration=FITTED, min_confidence=1.0)
    assert ask(home, strict).abstained
    assert not ask(home, strict, rerank=False).abstained
    assert ask(home, replace(strict, calibration=None), rerank=False).abstained


def test_the_confidence_does_not_depend_on_how_many_passages_are_returned(home: Home) -> None:
    answers = [ask(home, Profile(calibration=FITTED), top_k=top_k) for top_k in (1, 2, 8)]
    assert len(answers[0].passages) == 1
    assert answers[0].signals == answers[1].signals == answers[2].signals
    assert "cosine_gap" in answers[0].signals


def test_one_that_was_fitted_without_a_cross_encoder_is_used_without_it(home: Home) -> None:
    form = LogisticForm(("coverage",), (0.0,), (1.0,), (1.0,), 0.0)
    profile = Profile(rerank=False, calibration=Calibration("plain", form, {"embedder": "0" * 64}))
    assert ask(home, profile).confidence_calibration == "plain"
    assert ask(home, profile, mode="lexical").confidence_calibration == "plain"
    assert ask(home, profile, rerank=True).confidence_calibration == UNCALIBRATED
