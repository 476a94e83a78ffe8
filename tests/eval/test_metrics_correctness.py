import pytest

from eval.metrics.correctness import is_correct
from eval.metrics.types import CitedSpan, DocumentSpan, Gold, PageRange

CITED = [CitedSpan(DocumentSpan("a", 0, 50), PageRange("a", 2, 2), "It opened in May 1901.")]
SPAN, FAR = DocumentSpan("a", 10, 20), DocumentSpan("a", 60, 70)


@pytest.mark.parametrize(
    ("gold", "expected"),
    [
        (Gold({"a": 1}, (SPAN,)), True),
        # A right page or document does not help where the characters are known.
        (Gold({"a": 1}, (FAR,), frozenset({("a", 2)}), ("May 1901",)), False),
        (Gold({}, (), frozenset({("a", 2)})), True),
        (Gold({}, (), frozenset({("a", 3)}), ("May 1901",)), False),
        (Gold({}, (), answers=("may 1901",)), True),
        (Gold({"a": 1}, (), answers=("June",)), False),
        # An answer that is a paragraph stands in no sentence.
        (Gold({"a": 1}, (), answers=("a word " * 11,)), True),
        (Gold({"a": 1, "b": 0}), True),
        (Gold({"b": 1}), False),
        (Gold({"a": 0}), None),
        (Gold({}), None),
    ],
)
def test_the_most_exact_gold_data_decides(gold, expected):
    assert is_correct(gold, CITED, True) is expected
    assert is_correct(gold, CITED, None) is expected
    assert is_correct(gold, [], True) is (None if expected is None else False)


def test_whatever_is_cited_for_a_question_without_an_answer_is_wrong():
    assert is_correct(Gold({"a": 1}, (SPAN,), has_no_answer=True), CITED, False) is False
    assert is_correct(Gold({}), [], False) is False
