"""How an answer came about, as values: what each stage made of each passage, and what the confidence is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """Rank, from 1, and score of a passage in one stage.

    Both are None where the stage did not see it; a score without a rank was computed afterwards, because the passage
    was not among the first of that search.
    """

    rank: int | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence in which an answer was looked for; `start` and `end` count in the document's canonical text.

    `logit` is the cross-encoder's if it read it; `coverage` is the share of the question's words that it holds.
    """

    start: int
    end: int
    logit: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class PassageExplanation:
    """The stages of a returned passage, by its id; `sentences` in the order of the text."""

    id: str
    dense: Stage
    lexical: Stage
    fused: Stage
    rerank: Stage
    final: Stage
    sentences: tuple[ReadSentence, ...]


@dataclass(frozen=True, slots=True)
class SignalExplanation:
    """A signal of the confidence; `contribution` is what it adds to the log-odds, None where there is no such sum."""

    name: str
    value: float
    contribution: float | None


@dataclass(frozen=True, slots=True)
class ConfidenceExplanation:
    """Value and threshold, 0..1, and the signals; `bias` is the log-odds to which their contributions are added."""

    value: float
    threshold: float
    calibration: str
    bias: float | None
    signals: tuple[SignalExplanation, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was searched for, how each returned passage was found, and what the confidence is made of."""

    searched: str
    passages: tuple[PassageExplanation, ...]
    confidence: ConfidenceExplanation
