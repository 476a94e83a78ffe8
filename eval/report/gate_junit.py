"""The outcome of a gate as JUnit XML: a test case for every metric, and one for the set and the settings."""

from xml.etree import ElementTree

from eval.gate import GateReport, MetricResult
from eval.report.junit import document, valid
from eval.report.wording import bound_figure


def gate_xml(report: GateReport) -> bytes:
    """Write one test suite; a metric fails when it fell, and is skipped when it could not be compared."""
    cases = [_case(report, "set and settings", failure="\n".join(report.set_problems))]
    for one in report.results:
        skipped = "the run cannot be held against the baseline" if one.outcome == "not compared" else ""
        cases.append(_case(report, one.bound.metric, _failure(one), skipped))
    suite = ElementTree.Element("testsuite", name="pincite eval gate", errors="0", time="0", tests=str(len(cases)))
    suite.extend(cases)
    for kind, name in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(kind, str(len(suite.findall(f"testcase/{name}"))))
    return document([suite])


def _case(report: GateReport, name: str, failure: str = "", skipped: str = "") -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=valid(report.dataset), name=valid(name), time="0")
    for kind, message in (("failure", failure), ("skipped", skipped)):
        if message:
            ElementTree.SubElement(case, kind, message=valid(message))
    return case


def _failure(result: MetricResult) -> str:
    bound = result.bound
    value, reached, width = map(bound_figure, (result.value, bound.value, bound.width))
    fell = f"{value}: the {bound.kind} is {reached}, the noise width {width}"
    return "\n".join(filter(None, (fell if result.outcome == "fell" else None, result.problem)))
