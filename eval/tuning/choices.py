"""What is tuned: the settings of retrieval that are tried, and how the best of them is searched for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from retrieval.profile import DEFAULT_PROFILE, Profile

# Passes over all coordinates: the second takes up what the first has changed for those before it.
_PASSES = 2
# A difference of means below this is the rounding of a sum.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """The part of a profile that is tuned; `rerank_depth` 0 is without the cross-encoder."""

    dense_weight: float
    candidates: int
    rerank_depth: int
    rerank_weight: float
    passage_tokens: int

    def profile(self) -> Profile:
        """The default profile with these values."""
        return replace(
            DEFAULT_PROFILE,
            dense_weight=self.dense_weight,
            candidates=self.candidates,
            rerank=self.rerank_depth > 0,
            rerank_depth=self.rerank_depth or DEFAULT_PROFILE.rerank_depth,
            rerank_weight=self.rerank_weight,
            passage_tokens=self.passage_tokens,
        )

    def in_words(self) -> str:
        """For instance "dense_weight 0.5, candidates 100, ..."."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return ", ".join(f"{name} {value:g}" for name, value in values.items())


# Coordinates in the order in which they are searched: what changes most comes first.
Grid = Mapping[str, Sequence[float]]


def default_choice(passage_tokens: int) -> Choice:
    """The choice that the default profile makes, with the passages that the settings ask for."""
    profile = DEFAULT_PROFILE
    depth = profile.rerank_depth if profile.rerank else 0
    return Choice(profile.dense_weight, profile.candidates, depth, profile.rerank_weight, passage_tokens)


def grid(passage_tokens: Sequence[int]) -> Grid:
    """The values that are tried, with these lengths of passages. Raises BadInputError for one that cannot be."""
    for tokens in passage_tokens:
        replace(DEFAULT_PROFILE, passage_tokens=tokens)
    return {
        "dense_weight": (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0),
        "rerank_depth": (0, 4, 8, 12, 16),
        "rerank_weight": (0.3, 0.5, 0.7, 0.85, 1.0),
        "candidates": (50, 100, 200),
        "passage_tokens": tuple(passage_tokens),
    }


def search(score: Callable[[Choice], float], start: Choice, values: Grid) -> Choice:
    """Return the best choice that changing one coordinate at a time leads to; of equal ones, the nearest to `start`."""
    best = start
    for _ in range(_PASSES):
        before = best
        for name in values:
            best = _best_along(name, score, best, values[name])
        if best == before:
            break
    return best


def _best_along(name: str, score: Callable[[Choice], float], start: Choice, values: Sequence[float]) -> Choice:
    if name == "rerank_weight" and start.rerank_depth == 0:
        return start  # nothing is read that it could weigh
    best, best_score = start, score(start)
    for value in values:
        other = replace(start, **{name: value})  # type: ignore[arg-type]  # the grid has values for each field
        if (found := score(other)) > best_score + _SAME:
            best, best_score = other, found
    return best
