"""A run as JUnit XML, which build servers show: a test case for every question."""

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from eval.compare import NamedRun
from eval.records import QuestionResult, RunResult
from eval.report.outcomes import decided_wrongly, main_measure

# Everything that XML 1.0 does not allow, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_NAME = 200


def junit_xml(runs: Sequence[NamedRun]) -> bytes:
    """Write a test suite for every run.

    A question fails when its main measure is 0 or its decision to abstain is wrong, has an error when it raised one,
    and is skipped when neither applies.
    """
    return document(_suite(name, run) for name, run in runs)


def document(suites: Iterable[ElementTree.Element]) -> bytes:
    """Write test suites as one JUnit file."""
    root = ElementTree.Element("testsuites")
    root.extend(suites)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def valid(text: str) -> str:
    """Replace what XML has no place for."""
    return _FORBIDDEN.sub("\ufffd", text)


def _suite(name: str, run: RunResult) -> ElementTree.Element:
    cases = [_case(name, run.dataset, question) for question in run.questions]
    kinds = [case[0].tag if len(case) else "" for case in cases]
    suite = ElementTree.Element(
        "testsuite",
        name=valid(f"{run.dataset} ({name})"),
        tests=str(len(cases)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=_seconds(sum(question.ms for question in run.questions)),
    )
    suite.extend(cases)
    return suite


def _case(system: str, dataset: str, question: QuestionResult) -> ElementTree.Element:
    title = f"{question.id}: {question.text}"[:_LONGEST_NAME]
    case = ElementTree.Element(
        "testcase", classname=valid(f"{dataset}.{system}"), name=valid(title), time=_seconds(question.ms)
    )
    outcome = _outcome(question)
    if outcome:
        tag, message = outcome
        ElementTree.SubElement(case, tag, message=valid(message)).text = valid(_told(question))
    return case


def _outcome(question: QuestionResult) -> tuple[str, str] | None:
    """Give the tag and the message of what is to be reported; None for a question that came out well."""
    if question.error is not None:
        return "error", question.error
    measure = main_measure(question)
    if measure is not None and measure[1] == 0:
        return "failure", f"{measure[0]} is 0"
    if decided_wrongly(question):
        return "failure", "abstained wrongly" if question.abstained else "answered without an answer in the documents"
    if measure is None and (question.answerable is None or question.abstained is None):
        return "skipped", "no measure applies"
    return None


def _told(question: QuestionResult) -> str:
    """Tell what was expected and what came back, for somebody who sees only this case."""
    expected = [f"expected: {answer}" for answer in question.gold_answers]
    gold = [f"evidence: {one.quote} ({one.document})" for one in question.gold]
    answer = [f"answer: {question.answer}"] if question.answer else []
    cited = [f"cited: {one.quote} ({one.document})" for one in (*question.citations, *question.withheld)]
    return "\n".join([question.text, *expected, *gold, *answer, *cited])


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.3f}"
