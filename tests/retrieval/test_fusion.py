import random
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.fusion import fuse, fuse_ranks

passages = st.integers(1, 12)
cosines = st.dictionaries(passages, st.floats(-1, 1))
bm25 = st.dictionaries(passages, st.floats(0, 60))
weights = st.floats(0, 1)


def test_an_example_by_hand() -> None:
    fused = fuse({1: 0.9, 2: 0.5, 3: 0.7}, {2: 8.0, 4: 2.0}, dense_weight=0.4)
    assert fused == pytest.approx({1: 0.4, 2: 0.6, 3: 0.2, 4: 0.6 * 0.25})


@given(cosines, bm25, weights)
def test_every_passage_of_either_list_gets_a_score_from_0_to_1(
    dense: dict[int, float], lexical: dict[int, float], weight: float
) -> None:
    fused = fuse(dense, lexical, weight)
    assert fused.keys() == dense.keys() | lexical.keys()
    assert all(0 <= score <= 1 for score in fused.values())


@given(cosines, bm25, weights, st.data())
def test_a_better_score_in_one_list_never_makes_a_passage_worse(
    dense: dict[int, float], lexical: dict[int, float], weight: float, data: st.DataObject
) -> None:
    assume(dense or lexical)
    before = fuse(dense, lexical, weight)
    chosen = data.draw(st.sampled_from([scores for scores in (dense, lexical) if scores]))
    passage = data.draw(st.sampled_from(sorted(chosen)))
    chosen[passage] += data.draw(st.floats(0, 2))
    after = fuse(dense, lexical, weight)
    assert after[passage] >= before[passage]


@given(cosines, bm25, weights, st.randoms(use_true_random=False))
def test_the_order_in_which_results_come_does_not_matter(
    dense: dict[int, float], lexical: dict[int, float], weight: float, chance: random.Random
) -> None:
    assert fuse(_shuffled(dense, chance), _shuffled(lexical, chance), weight) == fuse(dense, lexical, weight)


def _shuffled(scores: dict[int, float], chance: random.Random) -> dict[int, float]:
    items = list(scores.items())
    chance.shuffle(items)
    return dict(items)


@given(cosines)
def test_one_list_alone_keeps_its_order(scores: dict[int, float]) -> None:
    for fused in (fuse(scores, {}, 1.0), fuse({}, {passage: score + 1 for passage, score in scores.items()}, 0.0)):
        best_first = sorted(scores, key=lambda passage: -scores[passage])
        assert all(fused[better] >= fused[worse] for better, worse in pairwise(best_first))


def test_lists_without_anything_to_compare() -> None:
    assert fuse({}, {}, 0.5) == {}
    assert fuse({7: 0.3}, {}, 0.5) == {7: 0.5}
    assert fuse({}, {7: 3.0}, 0.5) == {7: 0.5}
    assert fuse({7: -0.2}, {7: 3.0}, 0.5) == {7: 1.0}
    assert fuse({1: 0.4, 2: 0.4}, {}, 1.0) == {1: 1.0, 2: 1.0}
    assert fuse({1: 5e-324, 2: 0.0}, {}, 1.0) == {1: 1.0, 2: 0.0}


def test_the_worst_word_match_is_still_better_than_none() -> None:
    fused = fuse({1: 0.5, 2: 0.5}, {1: 9.0, 2: 1.0}, 0.0)
    assert fused[1] > fused[2] > fuse({1: 0.5, 2: 0.5, 3: 0.5}, {1: 9.0, 2: 1.0}, 0.0)[3]


def test_ranks_by_hand() -> None:
    fused = fuse_ranks({1: 0.9, 2: 0.5}, {2: 8.0, 4: 2.0})
    assert fused == pytest.approx({1: 0.5, 2: (1 / 62 + 1 / 61) * 61 / 2, 4: 61 / 62 / 2})


@given(cosines, bm25)
def test_ranks_give_scores_from_0_to_1_and_the_best_of_both_lists_is_1(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    fused = fuse_ranks(dense, lexical)
    assert fused.keys() == dense.keys() | lexical.keys()
    assert all(0 < score <= 1 + 1e-9 for score in fused.values())
    order = {passage: (-score, passage) for passage, score in dense.items()}
    assert fuse_ranks(dense, dense).keys() == order.keys()
    assert sorted(order, key=lambda passage: order[passage]) == sorted(
        order, key=lambda passage: (-fuse_ranks(dense, dense)[passage], passage)
    )
