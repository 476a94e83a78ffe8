import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.answers import answer_hit, exact_match, normalise, token_f1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  U.S. Envoy!", "us envoy"),
        ("a theory of an anthem", "theory of anthem"),
        ("low-cost", "lowcost"),
        ("$1,577.00", "157700"),
        ("“Quoted”", "“quoted”"),
        ("The", ""),
    ],
)
def test_normalisation_of_squad(text, expected):
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("passages", "answers", "expected"),
    [
        (["It was in France."], ["france"], 1),
        (["It was in 1953."], ["195", "5"], 0),
        (["The answer: the 10th\ncentury"], ["10th century"], 1),
        (["nothing", "in the 10th century"], ["9th century", "10th century"], 1),
        ([], ["france"], 0),
        (["France"], [], None),
        (["France"], ["the", "?"], None),
        (["France"], ["?", "France"], 1),
    ],
)
def test_answer_hit(passages, answers, expected):
    assert answer_hit(passages, answers) == expected


@given(st.text(), st.text(), st.text(alphabet="bcd ", min_size=1))
def test_an_answer_between_blanks_is_found(before, after, answer):
    expected = None if not normalise(answer) else 1
    assert answer_hit([f"{before} {answer} {after}"], [answer]) == expected


@pytest.mark.parametrize(
    ("prediction", "golds", "exact", "f1"),
    [
        ("The Eiffel Tower!", ["eiffel tower"], 1, 1),
        ("in the town of Karn", ["Karn"], 0, 2 * 1 / (4 + 1)),
        ("noon", ["at noon sharp", "12 noon"], 0, 2 * 1 / (1 + 2)),
        # Words count as often as they stand in both.
        ("very very old", ["very old very tall"], 0, 2 * 3 / (3 + 4)),
        ("dogs", ["cats"], 0, 0),
        # Declining: right where there is no answer, and only there.
        ("", [""], 1, 1),
        ("", [], 1, 1),
        ("", ["Karn"], 0, 0),
        ("Karn", [""], 0, 0),
        # Without its article nothing is left: no words, as in an abstention.
        ("the", [""], 1, 1),
        # A gold answer without words does not make declining right beside one that has words.
        ("", ["The", "Karn"], 0, 0),
    ],
)
def test_the_measures_of_squad(prediction, golds, exact, f1):
    assert exact_match(prediction, golds) == exact
    assert token_f1(prediction, golds) == pytest.approx(f1)


@given(st.text("ab the.", max_size=12), st.lists(st.text("ab the.", max_size=12), max_size=4))
def test_f1_lies_between_an_exact_match_and_one(prediction, golds):
    f1 = token_f1(prediction, golds)
    assert exact_match(prediction, golds) <= f1 <= 1
    assert f1 == max((token_f1(prediction, [gold]) for gold in golds if normalise(gold)), default=f1)
    predicted = normalise(prediction).split()
    if f1 == 1:
        assert any(sorted(normalise(gold).split()) == sorted(predicted) for gold in [*golds, ""])
