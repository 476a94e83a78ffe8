"""Random work for a home, and random moments in it."""

import random
import statistics
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crash.check import Opened
from benchmarks.crash.children import Moment, Say
from benchmarks.crash.ledger import Ledger, Step

_LARGEST_HOME = 60  # documents


@dataclass(frozen=True, slots=True)
class Means:
    """How a home is worked on and looked at; each is called in a process of its own."""

    carry_out: Callable[[Path, list[Step], Say], None]
    opening: Callable[[Path], AbstractContextManager[Opened]]
    weights: Mapping[str, int]
    passage_tokens: Sequence[int]
    steps: int


def random_plan(ledger: Ledger, means: Means, chance: random.Random) -> list[Step]:
    """Steps that fit to each other when each of them is carried out wholly."""
    there = set(ledger.there())
    plan = []
    for kind in chance.choices(list(means.weights), list(means.weights.values()), k=means.steps):
        step = _step(kind, there, ledger, means, chance)
        for number, revision in step.changes.items():
            (there.discard if revision is None else there.add)(number)
        plan.append(step)
    return plan


def _step(kind: str, there: set[int], ledger: Ledger, means: Means, chance: random.Random) -> Step:
    if kind == "reindex":
        return Step(kind, passage_tokens=frozenset({chance.choice(means.passage_tokens)}))
    if kind == "rollback":
        return Step(kind, passage_tokens=frozenset(means.passage_tokens))
    if kind == "backup":
        return Step(kind, backup=f"{chance.getrandbits(64):016x}")
    if kind == "ingest" and len(there) < _LARGEST_HOME:
        absent = [number for number in range(2 * _LARGEST_HOME) if number not in there]
        chosen = chance.sample(absent, chance.randint(1, 12))
        return Step("ingest", {number: ledger.next_revision(number) for number in chosen})
    if kind == "update" and there:
        chosen = chance.sample(sorted(there), min(len(there), chance.randint(1, 8)))
        return Step("update", {number: ledger.next_revision(number) for number in chosen})
    if kind in ("ingest", "update", "remove", "purge"):  # too many documents, or none
        chosen = chance.sample(sorted(there), min(len(there), chance.randint(1, 8)))
        purged = {number: ledger.revisions[number] + 1 for number in chosen} if kind == "purge" else {}
        return Step("purge" if purged else "remove", dict.fromkeys(chosen), purged=purged)
    return Step(kind)


class Moments:
    """Moments that fall into every part of a step: what a step of its kind takes, in seconds or calls, is measured."""

    def __init__(self, chance: random.Random, first: float) -> None:
        self._chance = chance
        self._taken: defaultdict[str, deque[float]] = defaultdict(lambda: deque([first], maxlen=15))

    def of(self, plan: list[Step]) -> Moment:
        """A moment in a random step of the plan; now and then it is behind the end of the step."""
        step = self._chance.randrange(len(plan))
        longest = 1.2 * statistics.median(self._taken[plan[step].kind])
        return Moment(step, self._chance.uniform(0.0, longest))

    def took(self, kind: str, amount: float) -> None:
        """A step of this kind took so much."""
        self._taken[kind].append(amount)
