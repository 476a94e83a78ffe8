"""What went wrong with a question, by one rule for all kinds of reports."""

from typing import Literal, get_args

from eval.metrics.names import OF_QUESTIONS_TOGETHER, PRIMARY
from eval.records import QuestionResult

Problem = Literal["error", "missed", "abstained_wrongly", "answered_wrongly"]

PROBLEMS: tuple[Problem, ...] = get_args(Problem)

# Whether citations say what the source says is no measure of what was found.
_MAIN = tuple(name for name in PRIMARY if name not in OF_QUESTIONS_TOGETHER | {"citation_validity"})


def main_measure(question: QuestionResult) -> tuple[str, float] | None:
    """Choose the measure by which a question counts as found or missed: the first primary one that applies."""
    return next(((name, question.metrics[name]) for name in _MAIN if name in question.metrics), None)


def decided_wrongly(question: QuestionResult) -> bool:
    """Tell whether it abstained from an answerable question, or answered an unanswerable one."""
    return None not in (question.answerable, question.abstained) and question.answerable == question.abstained


def problems(question: QuestionResult) -> tuple[Problem, ...]:
    """Name what went wrong; nothing for a question that came out well, or that nothing applies to.

    "missed": the main measure is 0. "answered_wrongly": the evidence it gave is wrong, or there is no answer.
    """
    if question.error is not None:
        return ("error",)
    measure = main_measure(question)
    found: dict[Problem, bool] = {
        "missed": measure is not None and measure[1] == 0,
        "abstained_wrongly": question.abstained is True and decided_wrongly(question),
        "answered_wrongly": question.abstained is False and (question.correct is False or decided_wrongly(question)),
    }
    return tuple(problem for problem, holds in found.items() if holds)


def worst_first(question: QuestionResult) -> tuple[bool, int, float]:
    """Give the key by which errors come first, then the most problems, then the lowest main measure."""
    measure = main_measure(question)
    return question.error is None, -len(problems(question)), measure[1] if measure else 1.0
