"""Short summaries in Markdown, for pull requests."""

import re
from collections.abc import Iterable, Sequence

from eval.compare import Comparison, Difference, NamedRun, compare
from eval.metrics.abstention import DecisionTable
from eval.metrics.names import LOWER_IS_BETTER, METRICS, PRIMARY
from eval.records import QuestionResult, RunResult
from eval.report.outcomes import main_measure, problems, worst_first
from eval.report.slices import slice_tables, worst_slices
from eval.report.warnings import warnings
from eval.report.wording import PROBLEM_LABELS, counted, figure, interval, p_value, signed, signed_interval
from eval.summary import abstention_of

_FAILURES = 5
_LONGEST = 160
# What would be markup anywhere in a line.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$]")
# What hosts turn into mentions, references and links even when it is escaped: parted by a character without width.
_CALLS = re.compile(r"[@#]|:(?=//)|www(?=\.)", re.IGNORECASE)
_JOINER = "\u2060"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\s]+")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def run_markdown(run: RunResult) -> str:
    """Summarise a run: primary measures, decisions, the worst slices, five failures."""
    parts = [f"## {_text(run.dataset)}: {_text(run.system)}, {counted(len(run.questions), 'question')}"]
    parts += [_list(_text(one) for one in warnings(run)), _measures(run)]
    abstention = abstention_of(run.questions)
    if abstention:
        parts.append(_decisions(abstention.table))
    parts += [_worst_slices([(run.system, run)]), _failures(run.questions)]
    return _joined(parts)


def comparison_markdown(runs: Sequence[NamedRun]) -> str:
    """Summarise a comparison with the first run: differences by system, and the questions that changed most."""
    found = compare(runs, changes=_FAILURES)
    parts = [f"## {_text(runs[0][1].dataset)}: {_text(', '.join(found.systems))} against {_text(found.baseline)}"]
    parts.append(_list(_text(one) for one in found.notes))
    for system in found.systems:
        parts.append(f"### {_text(system)}")
        parts.append(_differences([one for one in found.differences if one.system == system]))
    parts += [_changes(found), _worst_slices(runs[1:])]
    return _joined(parts)


def _measures(run: RunResult) -> str:
    rows = [
        (
            _metric(name),
            figure(one.value),
            interval(*one.ci95),
            f"{one.n:,}",
            f"{one.not_applicable:,}",
            str(one.errors),
        )
        for name, one in run.metrics.items()
        if name in PRIMARY
    ]
    if not rows:
        return "None of the primary measures applies to this set."
    return _table(("measure", "value", "95 % interval", "n", "not applicable", "errors"), rows)


def _decisions(table: DecisionTable) -> str:
    right = f"{table.answerable_answered:,} (evidence right {table.right:,}, wrong {table.wrong:,})"
    rows = [
        ("answerable", right, f"{table.answerable_abstained:,}"),
        ("not answerable", f"{table.unanswerable_answered:,}", f"{table.unanswerable_abstained:,}"),
    ]
    return "### Answering and abstaining\n\n" + _table(("", "answered", "abstained"), rows)


def _worst_slices(runs: Sequence[NamedRun]) -> str:
    several = len(runs) > 1
    rows = [
        (
            _text(f"{row.system}, {table.field}" if several else table.field),
            _text(row.value),
            _metric(metric),
            figure(row.cells[metric].estimate.value),
            interval(*row.cells[metric].estimate.ci95),
            f"{row.cells[metric].estimate.n:,}",
        )
        for table, row, metric in worst_slices(slice_tables(runs))
    ]
    heading = "### Slices that are clearly worse than the whole set\n\n"
    return heading + _table(("slice", "value", "measure", "result", "95 % interval", "n"), rows) if rows else ""


def _failures(questions: Sequence[QuestionResult]) -> str:
    failed = [question for question in sorted(questions, key=worst_first) if problems(question)]
    if not failed:
        return ""
    lines = (_failure(question) for question in failed[:_FAILURES])
    return f"### {min(_FAILURES, len(failed))} of {len(failed):,} failures\n\n{_list(lines)}"


def _failure(question: QuestionResult) -> str:
    labels = ", ".join(PROBLEM_LABELS[problem].lower() for problem in problems(question))
    measure = main_measure(question)
    value = f", {_metric(measure[0])} {figure(measure[1])}" if measure else ""
    expected = f"; expected: {_text(question.gold_answers[0])}" if question.gold_answers else ""
    return f"{_named(question.id, question.text)}: {labels}{value}{expected}"


def _differences(found: Sequence[Difference]) -> str:
    rows = [
        (
            _metric(one.metric),
            figure(one.baseline_value),
            figure(one.system_value),
            f"{signed(one.difference)}{'' if one.verdict == 'unclear' else f' {one.verdict}'}",
            signed_interval(*one.ci95),
            p_value(one.p_holm),
            f"{one.wins:,} / {one.losses:,} / {one.ties:,}",
        )
        for one in found
    ]
    baseline, system = _text(found[0].baseline), _text(found[0].system)
    head = ("measure", baseline, system, "difference", "95 % interval", "p (Holm)", "wins / losses / ties")
    return _table(head, rows)


def _changes(found: Comparison) -> str:
    lines = [
        f"{_named(one.question, one.text)}: {_text(one.system)}, {_metric(one.metric)} "
        f"{figure(one.before)} → {figure(one.after)}"
        for one in found.changes
    ]
    return f"### Questions that changed most\n\n{_list(lines)}" if lines else ""


def _metric(name: str) -> str:
    # Code is easier to read than escaped text; in a name that is not ours it could end early.
    written = f"`{name}`" if name in METRICS else _text(name)
    return f"{written}{' ↓' if name in LOWER_IS_BETTER else ''}"


def _named(question_id: str, words: str) -> str:
    """Write a question; the bracket keeps a text like `1. Why` from beginning a list of its own."""
    return f"({_text(question_id)}) {_text(words)}"


def _text(words: str) -> str:
    """Write text of documents on one line, so that nothing in it is markup, a mention or a link."""
    line = _BIDI.sub("", _UNSEEN.sub(" ", words)).strip()
    short = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return _CALLS.sub(rf"\g<0>{_JOINER}", _SPECIAL.sub(r"\\\g<0>", short))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
