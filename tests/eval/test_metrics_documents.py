import math
import random

import ir_measures
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, R, nDCG

from eval.metrics.documents import (
    average_precision,
    best_passage_scores,
    document_scores,
    ndcg,
    recall,
    reciprocal_rank,
    trec_ranking,
)

DOCUMENTS = [f"d{number}" for number in range(30)] + ["Ä", "é", "😀", "z-1"]


def test_hand_computed_values():
    ranking = ["x", "a", "y", "b"]
    judgements = {"a": 2, "b": 1, "c": 3, "x": 0}
    ideal = 3 + 2 / math.log2(3) + 1 / 2
    gained = 2 / math.log2(3) + 1 / math.log2(5)
    assert ndcg(ranking, judgements, 10) == pytest.approx(gained / ideal)
    assert ndcg(ranking, judgements, 2) == pytest.approx(2 / math.log2(3) / (3 + 2 / math.log2(3)))
    assert recall(ranking, judgements, 10) == pytest.approx(2 / 3)
    assert recall(ranking, judgements, 2) == pytest.approx(1 / 3)
    assert reciprocal_rank(ranking, judgements, 10) == 0.5
    assert reciprocal_rank(ranking, judgements, 1) == 0
    assert average_precision(ranking, judgements) == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert document_scores(ranking, judgements) == {
        "ndcg@10": ndcg(ranking, judgements, 10),
        "recall@10": recall(ranking, judgements, 10),
        "mrr@10": 0.5,
        "map": average_precision(ranking, judgements),
    }


@pytest.mark.parametrize("judgements", [{}, {"a": 0}, {"a": -1}])
def test_no_relevant_document_means_none(judgements):
    assert ndcg(["a"], judgements, 10) is None
    assert recall(["a"], judgements, 10) is None
    assert reciprocal_rank(["a"], judgements, 10) is None
    assert average_precision(["a"], judgements) is None


def test_an_empty_ranking_scores_zero():
    judgements = {"a": 1}
    assert ndcg([], judgements, 10) == recall([], judgements, 10) == 0
    assert reciprocal_rank([], judgements, 10) == average_precision([], judgements) == 0


def test_ties_fall_to_the_higher_id():
    assert trec_ranking({"a": 1.0, "b": 1.0, "c": 2.0, "B": 1.0}) == ["c", "b", "a", "B"]


def test_scores_are_compared_as_32_bit_floats():
    assert trec_ranking({"a": 1.0, "b": 1.0 - 1e-9}) == ["b", "a"]
    assert trec_ranking({"a": 1.0, "b": 1.0 - 1e-7}) == ["a", "b"]
    assert trec_ranking({"a": 1e300, "b": 1e39, "c": 1e38}) == ["b", "a", "c"], "beyond the range all are infinite"
    assert trec_ranking({"a": 1e-60, "b": -0.0, "c": -1e-60}) == ["c", "b", "a"]


def test_a_document_has_the_score_of_its_best_passage():
    scores = best_passage_scores([("a", 0.5), ("b", 0.7), ("a", 0.9), ("b", -1.0)])
    assert scores == {"a": 0.9, "b": 0.7}


def random_run(seed):
    """Judgements and a run with many ties, questions missing from either side, and negative grades."""
    chance = random.Random(seed)
    questions = [f"q{number}" for number in range(40)]
    qrels = {
        question: {document: chance.choice([-1, 0, 0, 1, 1, 2, 3]) for document in chance.sample(DOCUMENTS, 12)}
        for question in questions
    }
    run = {
        question: {document: chance.randrange(6) / 4 for document in chance.sample(DOCUMENTS, chance.randrange(1, 30))}
        for question in questions
        if chance.random() < 0.8
    }
    return qrels, run


def scores_of(qrels, run, question):
    ranking = trec_ranking(run.get(question, {}))
    judgements = qrels[question]
    return {
        "ndcg_cut_10": ndcg(ranking, judgements, 10),
        "recall_10": recall(ranking, judgements, 10),
        "recip_rank": reciprocal_rank(ranking, judgements, len(ranking)),
        "map": average_precision(ranking, judgements),
    }


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_trec_eval(seed):
    qrels, run = random_run(seed)
    reference = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "recall.10", "recip_rank", "map"}).evaluate(run)
    assert len(reference) == len(run)
    for question, expected in reference.items():
        assert scores_of(qrels, run, question) == pytest.approx(expected, abs=1e-12), question


@pytest.mark.parametrize("seed", range(5))
def test_means_equal_to_ir_measures_which_counts_missing_questions_as_zero(seed):
    qrels, run = random_run(seed)
    assert set(qrels) - set(run)
    rankings = {question: trec_ranking(run.get(question, {})) for question in qrels}
    expected = ir_measures.calc_aggregate([nDCG @ 10, R @ 10, RR, AP], qrels, run)
    # RR with a cutoff comes from another program there, which gives ties to the lower id: it gets a run without ties.
    untied = {question: {one: -rank for rank, one in enumerate(rankings[question])} for question in run}
    expected |= ir_measures.calc_aggregate([RR @ 10], qrels, untied)
    ours = {
        nDCG @ 10: [ndcg(rankings[one], qrels[one], 10) for one in qrels],
        R @ 10: [recall(rankings[one], qrels[one], 10) for one in qrels],
        RR: [reciprocal_rank(rankings[one], qrels[one], len(DOCUMENTS)) for one in qrels],
        RR @ 10: [reciprocal_rank(rankings[one], qrels[one], 10) for one in qrels],
        AP: [average_precision(rankings[one], qrels[one]) for one in qrels],
    }
    assert {name: sum(values) / len(qrels) for name, values in ours.items()} == pytest.approx(expected, abs=1e-12)


rankings = st.permutations(DOCUMENTS[:12]).flatmap(lambda all_: st.integers(0, 12).map(lambda end: all_[:end]))
graded = st.dictionaries(st.sampled_from(DOCUMENTS[:14]), st.integers(-1, 3), max_size=8)


@given(rankings, graded)
def test_bounds(ranking, judgements):
    values = [
        ndcg(ranking, judgements, 10),
        recall(ranking, judgements, 10),
        reciprocal_rank(ranking, judgements, 10),
        average_precision(ranking, judgements),
    ]
    if any(grade > 0 for grade in judgements.values()):
        assert all(0 <= value <= 1 + 1e-12 for value in values)
    else:
        assert values == [None] * 4


@given(rankings, graded, st.data())
def test_moving_a_relevant_document_up_never_lowers_a_score(ranking, judgements, data):
    places = [place for place, one in enumerate(ranking) if place and judgements.get(one, 0) > 0]
    if not places:
        return
    place = data.draw(st.sampled_from(places))
    above = judgements.get(ranking[place - 1], 0)
    if above > judgements[ranking[place]]:
        return
    better = list(ranking)
    better[place - 1], better[place] = better[place], better[place - 1]
    for score in (
        lambda one: ndcg(one, judgements, 10),
        lambda one: recall(one, judgements, 10),
        lambda one: reciprocal_rank(one, judgements, 10),
        lambda one: average_precision(one, judgements),
    ):
        assert score(better) >= score(ranking) - 1e-12
