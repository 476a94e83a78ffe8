"""Rounds of work that is broken off: what was acknowledged is held against what is in the home afterwards."""

import errno
import os
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.crash.check import look, look_at_backup
from benchmarks.crash.children import Moment, Say, run
from benchmarks.crash.disk import Trouble, begin_image, lose_power, with_limit, with_trouble
from benchmarks.crash.ledger import Backup, Ledger, Step, backup_path
from benchmarks.crash.planning import Means, Moments, random_plan

_LOOKS = 0.75  # of the rounds
_LASTING = 0.5  # of the errors
_MOST_ROOM = 1_500_000  # bytes left on a disk that becomes full


@dataclass(slots=True)
class Tally:
    """What the rounds came to: processes broken off by the step they were in, and what was wrong afterwards."""

    rounds: int = 0
    broken_off: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    restored: int = 0
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For printing."""
        return {
            "rounds": self.rounds,
            "broken_off": sum(self.broken_off.values()),
            "broken_off_by_step": dict(self.broken_off.most_common()),
            "acknowledged": dict(self.acknowledged.most_common()),
            "backups_restored": self.restored,
            "notices": dict(self.notices.most_common()),
            "errors": dict(self.errors.most_common()),
            "problems": self.problems,
        }


class Rounds:
    """One long-lived home; every round goes on with what the one before left there."""

    def __init__(self, home: Path, means: Means, chance: random.Random, tally: Tally) -> None:
        self.home = home
        self.ledger = Ledger()
        self.tally = tally
        self._means = means
        self._chance = chance
        self._seconds = Moments(chance, 0.1)
        self._calls = Moments(chance, 100)

    def kill_one(self) -> None:
        """Work, killed at a random moment; then a look at the home."""
        plan = self.plan()
        self.work(partial(self._means.carry_out, self.home, plan), plan, self._seconds.of(plan))
        self.look_mostly()

    def lose_power_once(self, image: Path) -> None:
        """Work on a home whose disk forgets what was not synced, when it is broken off; then a look."""
        root, plan = self.home.parent, self.plan()
        begin_image(root, image)
        trouble = Trouble(self._calls.of(plan), image=image)
        self.work(partial(with_trouble, self._means.carry_out, self.home, plan, trouble), plan)
        lose_power(root, image, self._chance.choice((None, self._chance)))
        self.look_mostly()

    def fail_once(self) -> None:
        """Work on a home whose disk reports an error once, or from some call on, as when it is full; then a look."""
        plan, error = self.plan(), self._chance.choice((errno.ENOSPC, errno.EIO))
        trouble = Trouble(self._calls.of(plan), error, lasting=self._chance.random() < _LASTING)
        self.work(partial(with_trouble, self._means.carry_out, self.home, plan, trouble), plan, may_fail=True)
        self.look_mostly()

    def fill_once(self, ballast: Path) -> None:
        """Work on a home whose disk becomes full, until `ballast` is removed; then a look."""
        disk = os.statvfs(self.home.parent)
        room = self._chance.randrange(_MOST_ROOM)
        with ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, max(1, disk.f_bavail * disk.f_frsize - room))
        plan = self.plan()
        self.work(partial(self._means.carry_out, self.home, plan), plan, may_fail=True)
        ballast.unlink()
        self.look_mostly()

    def limit_once(self) -> None:
        """Work on a home whose files may not grow beyond some size; then a look."""
        plan = self.plan()
        carry_out = partial(with_limit, self._means.carry_out, self.home, plan, self._chance.randrange(_MOST_ROOM))
        self.work(carry_out, plan, may_fail=True)
        self.look_mostly()

    def look_mostly(self) -> None:
        """A look at the home; now and then the next process finds it as it is."""
        if self._chance.random() < _LOOKS:
            self.look()

    def plan(self) -> list[Step]:
        """Random work for the next process."""
        return random_plan(self.ledger, self._means, self._chance)

    def work(
        self,
        carry_out: Callable[[Say], None],
        plan: list[Step],
        moment: Moment | None = None,
        *,
        may_fail: bool = False,
    ) -> list[str]:
        """Have the plan carried out by a process; returns the errors by which it ended, which `may_fail` allows."""
        hearing = _Hearing(self.home, self.ledger, plan, self.tally, self._took)
        code = run(carry_out, hearing, moment)
        self.tally.rounds += 1
        if code < 0:
            self.tally.broken_off[plan[hearing.step].kind] += 1
        self.tally.errors.update(_without_names(error.partition("\n")[0]) for error in hearing.errors)
        if not (may_fail and hearing.clear):
            self._wrong(f"working failed: {error}" for error in hearing.errors)
        return hearing.errors

    def look(self) -> None:
        """Hold the home and its new backups against the ledger, each in a fresh process."""
        ledger = self.ledger
        work = partial(look, self.home, self._means.opening, tuple(ledger.gone), ledger.purged)
        for line in self._said(work, "looking"):
            self._wrong(line["problems"])
            self._wrong(ledger.settle(dict(line["found"]), line["tokens"], line["seq"]))
            self.tally.notices.update(map(_without_names, line["notices"]))
        for path, backup in ledger.backups.items():
            self._look_at_backup(path, backup)
        ledger.backups.clear()

    def _look_at_backup(self, path: Path, backup: Backup) -> None:
        """A backup that is there is whole."""
        if not path.exists():
            self._wrong(["a backup that was acknowledged is not there"] if backup.is_acknowledged else [])
            return
        home = self.home.with_name("restored")
        for line in self._said(partial(look_at_backup, path, home, self._means.opening), "restoring"):
            self._wrong([*line["problems"], *backup.compare(dict(line["found"]))])
            self.tally.restored += 1
        path.unlink()
        shutil.rmtree(home, ignore_errors=True)

    def _said(self, work: Callable[[Say], None], what: str) -> Iterator[dict[str, Any]]:
        said: list[dict[str, Any]] = []
        run(work, said.append)
        for line in said:
            if "error" in line:
                self._wrong([f"{what} failed: {line['error']}\n{line['trace']}"])
            else:
                yield line

    def _took(self, kind: str, seconds: float, calls: int | None) -> None:
        self._seconds.took(kind, seconds)
        if calls is not None:
            self._calls.took(kind, calls)

    def _wrong(self, problems: Iterable[str]) -> None:
        self.tally.problems += [f"round {self.tally.rounds}: {problem}" for problem in problems]


def _without_names(text: str) -> str:
    """The text without paths and names that are random, so that what is alike can be counted."""
    return re.sub(r"[0-9a-f]{8,}", "#", re.sub(r"/\S+/", "", text))


class _Hearing:
    """Takes down what a working process says."""

    def __init__(
        self,
        home: Path,
        ledger: Ledger,
        plan: list[Step],
        tally: Tally,
        took: Callable[[str, float, int | None], None],
    ) -> None:
        self._home = home
        self._ledger = ledger
        self._plan = plan
        self._took = took
        self._tally = tally
        self._began = 0.0
        self.step = 0
        self.clear = True
        self.errors: list[str] = []

    def __call__(self, line: dict[str, Any]) -> None:
        match line:
            case {"begin": int(step)}:
                self._next(step)
            case {"acknowledged": int(step), "document": int(number), "seq": int(seq)}:
                self._ledger.acknowledge(self._plan[step], number, seq)
                self._tally.acknowledged[self._plan[step].kind] += 1
            case {"done": int(step)}:
                self._ledger.finish(self._plan[step])
                if self._plan[step].backup is not None:
                    self._ledger.backups[backup_path(self._home, self._plan[step])].is_acknowledged = True
                self._took(self._plan[step].kind, time.monotonic() - self._began, line.get("calls"))
                if not self._plan[step].changes:
                    self._tally.acknowledged[self._plan[step].kind] += 1
            case {"error": str(error), "clear": bool(clear), "trace": str(trace)}:
                self.clear = clear
                self.errors.append(f"{error}\n{trace}")
            case _:
                raise ValueError(f"a line that nobody understands: {line}")

    def _next(self, step: int) -> None:
        self.step, self._began = step, time.monotonic()
        self._ledger.begin(self._plan[step])
        if self._plan[step].backup is not None:
            self._ledger.begin_backup(backup_path(self._home, self._plan[step]))
