import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Span
from retrieval.evidence import Evidence
from retrieval.passages import FoundPassage
from retrieval.profile import Profile
from retrieval.ranking import between, passage_logits, rank
from tests.retrieval.values import found_text

logits = st.one_of(st.none(), st.floats(-12, 12), st.sampled_from([0.0, 3.0]))
# For each passage its fused score and the logits of its sentences, None where nothing was read.
rankings = st.lists(
    st.tuples(st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]), st.lists(logits, max_size=5)), max_size=8
)
Case = list[tuple[float, list[float | None]]]


def _values(case: Case) -> tuple[list[FoundPassage], list[Evidence]]:
    found = [found_text("Some text.", number, fused) for number, (fused, _) in enumerate(case, start=1)]
    evidence = [
        Evidence(item, Span(0, 4), logit, 0.5)
        for item, (_, sentences) in zip(found, case, strict=True)
        for logit in sentences
    ]
    return found, evidence


@given(rankings)
def test_every_passage_is_ranked_once_with_a_score_from_0_to_1(case: Case) -> None:
    found, evidence = _values(case)
    ranked = rank(found, passage_logits(evidence), Profile())
    assert sorted(item.found.passage.number for item in ranked) == [item.passage.number for item in found]
    assert all(0 <= item.score <= 1 for item in ranked)
    scores = [item.score for item in ranked]
    assert scores == sorted(scores, reverse=True)


@given(rankings)
def test_passages_with_equal_scores_come_in_the_order_of_their_ids(case: Case) -> None:
    found, evidence = _values(case)
    ranked = rank(found, passage_logits(evidence), Profile())
    for before, after in pairwise(ranked):
        if before.score == after.score and (before.logit is None) == (after.logit is None):
            assert before.found.passage.id < after.found.passage.id


@given(rankings)
def test_what_was_not_read_stays_behind_what_was(case: Case) -> None:
    found, evidence = _values(case)
    ranked = rank(found, passage_logits(evidence), Profile())
    were_read = [item.logit is not None for item in ranked]
    assert were_read == sorted(were_read, reverse=True)
    if any(were_read):
        assert all(item.score >= 0.5 if item.logit is not None else item.score <= 0.5 for item in ranked)


@given(rankings)
def test_a_passage_has_the_mean_odds_of_its_best_three_sentences(case: Case) -> None:
    found, evidence = _values(case)
    for item in rank(found, passage_logits(evidence), Profile()):
        logits = sorted(logit for logit in case[item.found.passage.number - 1][1] if logit is not None)
        odds = [math.exp(logit) for logit in logits[-3:]]
        expected = math.log(sum(odds) / len(odds)) if odds else None
        assert item.logit == (None if expected is None else pytest.approx(expected, abs=1e-9))


def test_where_nothing_convinces_the_fused_scores_stand() -> None:
    found, evidence = _values([(1.0, [-9.0]), (0.6, [-4.0]), (0.2, [-2.0])])
    assert [item.found.passage.number for item in rank(found, passage_logits(evidence), Profile())] == [1, 2, 3]
    found, evidence = _values([(1.0, [-9.0]), (0.6, [-4.0]), (0.2, [4.0])])
    assert [item.found.passage.number for item in rank(found, passage_logits(evidence), Profile())] == [3, 1, 2]


@given(rankings, st.randoms(use_true_random=False))
def test_the_order_in_which_passages_and_sentences_come_does_not_matter(case: Case, chance: random.Random) -> None:
    found, evidence = _values(case)
    expected = rank(found, passage_logits(evidence), Profile())
    chance.shuffle(found)
    chance.shuffle(evidence)
    assert rank(found, passage_logits(evidence), Profile()) == expected


@given(rankings)
def test_where_nothing_was_read_the_fused_scores_stand(case: Case) -> None:
    found, _ = _values(case)
    ranked = rank(found, {}, Profile())
    assert {item.found.passage.number: item.score for item in ranked} == {
        item.passage.number: item.candidate.fused for item in found
    }


def test_the_weight_decides_between_both_opinions() -> None:
    found, evidence = _values([(1.0, [-2.0]), (0.2, [4.0])])
    trusting, doubting = Profile(rerank_weight=0.9), Profile(rerank_weight=0.1)
    assert [item.found.passage.number for item in rank(found, passage_logits(evidence), trusting)] == [2, 1]
    assert [item.found.passage.number for item in rank(found, passage_logits(evidence), doubting)] == [1, 2]


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_a_logit_between_two_lies_between_them(sentences: float, whole: float) -> None:
    low, high = sorted([sentences, whole])
    assert low - 1e-6 <= between(sentences, whole) <= high + 1e-6


def test_a_logit_between_two_by_hand() -> None:
    convincing = 0.7 * math.log(1 + math.exp(2)) + 0.3 * math.log(1 + math.exp(-1))
    assert between(2.0, -1.0) == pytest.approx(math.log(math.exp(convincing) - 1))
    assert math.isfinite(between(-1e6, -1e6))
