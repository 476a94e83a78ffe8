import pytest

from eval.report.slices import slice_fields, slice_tables, worst_slices
from tests.eval.runs import question, realistic_run, run_of


def _asked(number, kind, value):
    return question(number, slices={"kind": kind}, metrics={"span_mrr@10": value})


def test_properties_with_one_value_or_too_many_make_no_slices():
    questions = [
        question(
            number, slices={"kind": f"k{number % 2}", "set": "same", "twelve": str(number % 12), "id": str(number)}
        )
        for number in range(13)
    ]
    assert slice_fields(questions) == {"kind": ["k0", "k1"], "twelve": [str(number) for number in _by_size(range(12))]}


def _by_size(numbers):
    return sorted(numbers, key=lambda number: (number != 0, str(number)))


def test_a_slice_has_the_measures_of_its_questions():
    run = run_of(*[_asked(number, "a", 1.0) for number in range(30)], *[_asked(50 + n, "b", 0.0) for n in range(10)])
    (table,) = slice_tables([("system", run)])
    a, b = table.rows
    assert (table.field, a.value, a.n, b.value, b.n) == ("kind", "a", 30, "b", 10)
    assert (a.cells["span_mrr@10"].estimate.value, a.cells["span_mrr@10"].standing) == (1.0, "above")
    assert (b.cells["span_mrr@10"].estimate.value, b.cells["span_mrr@10"].standing) == (0.0, "below")
    assert table.metrics == ("span_mrr@10",)


def test_systems_stand_beside_each_other():
    runs = [("one", realistic_run(80)), ("two", realistic_run(80, skill=0.9))]
    table = slice_tables(runs)[0]
    assert [row.system for row in table.rows[:2]] == ["one", "two"]
    assert table.rows[0].value == table.rows[1].value
    assert table.rows[0].n == table.rows[1].n


def test_the_worst_slices_are_below_the_set_and_not_tiny():
    questions = [*[_asked(n, "good", 1.0) for n in range(40)], *[_asked(40 + n, "bad", 0.1) for n in range(20)]]
    questions += [_asked(60 + n, "tiny", 0.0) for n in range(4)]
    found = worst_slices(slice_tables([("system", run_of(*questions))]))
    assert [(row.value, metric) for _, row, metric in found] == [("bad", "span_mrr@10")]
    assert found[0][1].cells["span_mrr@10"].estimate.value == pytest.approx(0.1)
