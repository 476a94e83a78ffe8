import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.answers import answer_hit, normalise


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
