import pytest

from corpus.types import Span
from retrieval.calibration import Calibration, IsotonicForm, LogisticForm, sigmoid
from retrieval.evidence import Evidence
from retrieval.explained import ReadSentence, Stage
from retrieval.explanation import explain_confidence, explain_passages
from retrieval.ranking import Ranked
from retrieval.search import Candidate
from tests.retrieval.values import found_text

SIGNALS = {"logit": 2.0, "coverage": 0.5, "cosine": 0.8}
FORM = LogisticForm(("logit", "coverage"), (1.0, 0.25), (2.0, 0.5), (3.0, -1.0), 0.75)


def test_each_stage_of_a_passage_has_its_rank_and_score() -> None:
    first, second = found_text("One. Two.", number=1), found_text("Three.", number=2)
    candidate = Candidate(1, 0.9, 7.5, 0.8, dense_rank=2, lexical_rank=None, fused_rank=3)
    object.__setattr__(first, "candidate", candidate)
    ranked = [Ranked(first, 0.75, 1.5), Ranked(second, 0.25)]
    evidence = [Evidence(first, Span(5, 9), 2.5, 0.123456), Evidence(first, Span(0, 4), -1.0, 0.0)]
    one, two = explain_passages(ranked, {1: 1.5, 3: 4.0}, evidence)
    assert (one.id, one.final) == (first.passage.id, Stage(1, 0.75))
    assert (one.dense, one.lexical, one.fused) == (Stage(2, 0.9), Stage(None, 7.5), Stage(3, 0.8))
    assert one.rerank == Stage(2, 1.5)
    assert one.sentences == (ReadSentence(0, 4, -1.0, 0.0), ReadSentence(5, 9, 2.5, 0.1235))
    assert (two.rerank, two.final, two.sentences) == (Stage(), Stage(2, 0.25), ())


def test_what_the_signals_add_and_the_bias_make_the_confidence() -> None:
    calibration = Calibration("fitted", FORM, {})
    found = explain_confidence(SIGNALS, FORM.probability(SIGNALS), 0.3, "fitted", calibration)
    assert [one.contribution for one in found.signals] == [1.5, -0.5, None]
    assert found.bias is not None
    total = found.bias + sum(one.contribution or 0.0 for one in found.signals)
    assert sigmoid(total) == pytest.approx(found.value)
    assert found.threshold == 0.3


@pytest.mark.parametrize(
    "calibration",
    [None, Calibration("other", FORM, {}), Calibration("name", IsotonicForm("logit", (0.0, 1.0), (0.1, 0.9)), {})],
)
def test_without_a_sum_at_work_the_signals_stand_alone(calibration: Calibration | None) -> None:
    found = explain_confidence(SIGNALS, 0.5, 0.3, "name", calibration)
    assert found.bias is None
    assert {one.name: one.value for one in found.signals} == SIGNALS
    assert {one.contribution for one in found.signals} == {None}
