from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from eval.report.junit import junit_xml
from tests.eval.runs import hostile_run, question, realistic_run, run_of

MISSED = question(1, metrics={"span_mrr@10": 0.0}, gold_answers=("9 metres",))
HELD_BACK = question(2, abstained=True)
INVENTED = question(3, answerable=False, metrics={}, correct=False, abstained=False)
FAILED = question(4, error="TimeoutError: too slow", abstained=None, metrics={"span_mrr@10": 0.0}, ms=1500.0)
UNJUDGED = question(5, answerable=None, metrics={}, correct=None)
DECLINED = question(6, answerable=False, metrics={}, correct=False, abstained=True)
FINE = question(7)


def _suites(*runs):
    return ElementTree.fromstring(junit_xml(runs)).findall("testsuite")


def test_every_question_is_a_case_with_its_outcome():
    (suite,) = _suites(("base", run_of(MISSED, HELD_BACK, INVENTED, FAILED, UNJUDGED, DECLINED, FINE)))
    outcomes = [[(child.tag, child.get("message")) for child in case] for case in suite]
    assert outcomes == [
        [("failure", "span_mrr@10 is 0")],
        [("failure", "abstained wrongly")],
        [("failure", "answered without an answer in the documents")],
        [("error", "TimeoutError: too slow")],
        [("skipped", "no measure applies")],
        [],
        [],
    ]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "3", "errors": "1", "skipped": "1"}
    assert suite.get("name") == "made-up (base)"
    assert suite[3].get("time") == "1.500"
    assert "expected: 9 metres" in suite[0][0].text


def test_every_run_is_a_suite():
    suites = _suites(("a", realistic_run(20)), ("b", realistic_run(20, skill=0)))
    assert [suite.get("name") for suite in suites] == ["made-up (a)", "made-up (b)"]
    assert all(suite.get("tests") == "20" for suite in suites)


def test_hostile_text_is_valid():
    (suite,) = _suites(("x", hostile_run()))
    assert len(suite) == len(hostile_run().questions)


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_is_valid(words):
    failed = question(1, id=words, text=words, error=words, gold_answers=(words,), answer=words)
    (suite,) = _suites((words, run_of(failed)))
    assert suite[0][0].tag == "error"
