"""How figures are written, and what the measures mean in a few words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from eval.metrics.names import LOWER_IS_BETTER
from eval.report.outcomes import Problem
from eval.statistics.intervals import Estimate

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "span_mrr@10": "1 / rank of the first passage that holds the gold evidence",
        "span_hit@1": "the first passage holds the gold evidence",
        "span_hit@5": "one of the first 5 passages holds the gold evidence",
        "span_hit@10": "one of the first 10 passages holds the gold evidence",
        "span_hit@3000c": "the gold evidence stands in the first 3,000 characters returned",
        "page_hit@1": "the first passage stands on the gold page",
        "page_hit@5": "one of the first 5 passages stands on the gold page",
        "ndcg@10": "order of the first 10 documents against graded judgements",
        "recall@10": "share of the relevant documents among the first 10",
        "mrr@10": "1 / rank of the first relevant document",
        "map": "mean precision at the ranks of the relevant documents",
        "answer_hit@5": "one of the first 5 passages has the gold answer in it",
        "token_recall@5": "share of the gold tokens in the first 5 passages",
        "token_precision@5": "share of the first 5 passages' tokens that are gold",
        "token_iou@5": "gold tokens and the first 5 passages' tokens: overlap over union",
        "quote_f1": "characters quoted against the gold evidence",
        "quote_iou": "characters quoted and gold: overlap over union",
        "exact_match": "the answer is a gold answer, word for word",
        "f1": "words that the answer shares with a gold answer",
        "abstain_f1": "declining where there is no answer, and only there",
        "answerability_auroc": "an answerable question gets more confidence than an unanswerable one",
        "aurc": "mean risk over all shares of questions answered",
        "ece": "how far confidence is from being right that often",
        "coverage_at_risk_05": "share of questions that can be answered with 5 % wrong",
        "citation_validity": "citations that are what the source says; must be 1",
    }
)

PROBLEM_LABELS: Mapping[Problem, str] = MappingProxyType(
    {
        "error": "Failed with an error",
        "missed": "Evidence not found",
        "abstained_wrongly": "Abstained wrongly",
        "answered_wrongly": "Answered wrongly",
    }
)


def figure(value: float) -> str:
    """Write a measure with three digits."""
    return f"{value:.3f}"


def bound_figure(value: float | None) -> str:
    """Write a measure with as many digits as a bound has: fewer could hide by what a value misses it."""
    return "-" if value is None else f"{value:.6g}"


def signed(value: float) -> str:
    """Write a difference with its sign, and a real minus; none that rounds to 0 has a sign."""
    return f"{value:+.3f}".replace("-", "\u2212") if abs(value) >= 0.0005 else figure(0)


def interval(low: float, high: float) -> str:
    """Write the interval of a value."""
    return f"{figure(low)} to {figure(high)}"


def signed_interval(low: float, high: float) -> str:
    """Write the interval of a difference."""
    return f"{signed(low)} to {signed(high)}"


def estimate_text(estimate: Estimate) -> str:
    """Write a value with its interval and the number of questions."""
    return f"{figure(estimate.value)} ({interval(*estimate.ci95)}, n {estimate.n:,})"


def p_value(p: float) -> str:
    """Write a p value; smaller ones than a thousandth are not told apart."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def counted(number: int, noun: str) -> str:
    """Write `1 question`, `2,000 questions`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def milliseconds(value: float) -> str:
    """Write a duration as people say it."""
    return f"{value / 1000:,.1f} s" if value >= 10_000 else f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def direction(metric: str) -> str:
    """Mark the measures of which less is better."""
    return "\u2193 lower is better" if metric in LOWER_IS_BETTER else ""


def flattened(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write nested settings as one level of names with dots."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            flat |= flattened(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = _plain(value)
    return flat


def _plain(value: object) -> str:
    if value is None or value == "" or value == {}:
        return "\u2013"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
