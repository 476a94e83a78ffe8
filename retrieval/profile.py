"""The weights and depths of retrieval, as one value and as a file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from corpus.errors import BadInputError
from corpus.files import write_output
from corpus.validation import problem_of
from retrieval.calibration import Calibration

Fusion = Literal["convex", "rrf"]
RerankUnit = Literal["sentences", "passages"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How a question is answered.

    `candidates`: passages taken from each of the two searches. `fusion`: how their scores become one; `dense_weight`:
    share of the cosine in a convex one, BM25 has the rest. `rerank_depth`: passages that the cross-encoder reads at
    most, `rerank_characters`: about how much of them (see `retrieval.reading`); `rerank_reads`: their sentences, of
    which the best three count, or each as a whole and nothing else; `rerank_weight`: its share in their final score.
    `evidence_passages`: passages in which evidence is looked for without it.
    `min_confidence`: below it the answer is declined. `passage_tokens`: length of passages, where the profile was tuned
    for one; it wins over the setting. `provenance` tells how the profile came about.
    """

    candidates: int = 100
    fusion: Fusion = "convex"
    dense_weight: float = 0.65
    rerank: bool = True
    rerank_reads: RerankUnit = "sentences"
    rerank_depth: int = 8
    rerank_characters: int = 13_000
    rerank_weight: float = 0.7
    evidence_passages: int = 3
    min_confidence: float = 0.15
    passage_tokens: int | None = None
    calibration: Calibration | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("candidates", "rerank_depth", "rerank_characters", "evidence_passages"):
            if getattr(self, name) < 1:
                raise BadInputError(f"{name} of a profile must be 1 or more, not {getattr(self, name)!r}")
        for name in ("dense_weight", "rerank_weight", "min_confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInputError(f"{name} of a profile must be from 0 to 1, not {getattr(self, name)!r}")
        if self.passage_tokens is not None and not 16 <= self.passage_tokens <= 8192:
            raise BadInputError(f"passage_tokens of a profile must be from 16 to 8192, not {self.passage_tokens!r}")


DEFAULT_PROFILE = Profile()
_BUILT_IN = Path(__file__).with_name("default_profile.json")


def built_in_profile() -> Profile:
    """The default weights, with the confidence that `pincite eval calibrate` fitted on their answers."""
    return read_profile(_BUILT_IN)


def read_profile(path: Path) -> Profile:
    """Read a profile file. Raises BadInputError when there is none, or it is not valid."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"the profile {str(path)!r} cannot be read: {error.strerror}") from error
    try:
        return _adapter().validate_json(data, extra="forbid")
    except (ValidationError, BadInputError) as error:
        raise BadInputError(f"{str(path)!r} is no profile: {problem_of(error)}") from error


def write_profile(profile: Profile, path: Path) -> None:
    """Write a profile file, whole or not at all. Raises BadInputError where that is not possible."""
    write_output(path, json.dumps(_adapter().dump_python(profile, mode="json"), indent=2).encode() + b"\n")


def _adapter() -> TypeAdapter[Profile]:
    return TypeAdapter(Profile)
