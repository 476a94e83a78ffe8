"""How an answer came about, as tables on the terminal."""

from typing import TYPE_CHECKING, Final

from api.cli.output import print_table, printable

if TYPE_CHECKING:
    from retrieval.explained import Explanation, Stage
    from retrieval.types import QueryResult

_STAGES: Final = ("dense", "lexical", "fused", "rerank", "final")
_LONGEST: Final = 90  # characters of a sentence


def show_explanation(result: "QueryResult") -> None:
    """The stages of each passage, the sentences that were read, and the signals of the confidence."""
    explanation = result.explanation
    if explanation is None:
        return
    rows = [
        (str(passage.rank), passage.document_title, *(_stage(getattr(one, name)) for name in _STAGES))
        for passage, one in zip(result.passages, explanation.passages, strict=True)
    ]
    print_table(("", "passage", *_STAGES), rows, "How the passages were found: rank and score of each stage")
    print_table(("", "logit", "coverage", "sentence"), _sentences(result, explanation), "Sentences that were read")
    _show_confidence(explanation)


def _sentences(result: "QueryResult", explanation: "Explanation") -> list[tuple[str, ...]]:
    return [
        (
            str(passage.rank),
            _number(sentence.logit),
            f"{sentence.coverage:.2f}",
            _shortened(passage.text[sentence.start - passage.start : sentence.end - passage.start]),
        )
        for passage, one in zip(result.passages, explanation.passages, strict=True)
        for sentence in one.sentences
    ]


def _show_confidence(explanation: "Explanation") -> None:
    confidence = explanation.confidence
    rows = [(one.name, f"{one.value:.3f}", _number(one.contribution)) for one in confidence.signals]
    if confidence.bias is not None:
        rows.append(("(bias)", "", _number(confidence.bias)))
    title = f"Confidence {confidence.value:.2f}, threshold {confidence.threshold:.2f} ({confidence.calibration})"
    print_table(("signal", "value", "adds to the log-odds"), rows, title)


def _stage(stage: "Stage") -> str:
    if stage.score is None:
        return "-"
    return f"{'-' if stage.rank is None else stage.rank}  {stage.score:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _shortened(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."
