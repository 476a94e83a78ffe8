"""What must be in the home: what was acknowledged, and what may be there because it was begun."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Revision = int | None  # None: the document is not there

_REMEMBERED = 60  # removed and replaced documents that are looked for


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: what it makes of documents, by number, or of all passages, whose size is then one of these.

    Of the documents `purged` no trace of the first so many revisions may be left.
    """

    kind: str
    changes: Mapping[int, Revision] = field(default_factory=dict)
    passage_tokens: frozenset[int] = frozenset()
    purged: Mapping[int, int] = field(default_factory=dict)
    backup: str | None = None


def backup_path(home: Path, step: Step) -> Path:
    """Where a step makes its backup: beside the home."""
    return home.parent / f"{step.backup}.backup"


@dataclass(slots=True)
class Backup:
    """What a backup may hold, if it is there; it must be there once it is acknowledged."""

    allowed: Mapping[int, set[Revision]]
    is_acknowledged: bool = False

    def compare(self, found: Mapping[int, int]) -> Iterator[str]:
        """Yields what is wrong with what was found in it."""
        for number in sorted({*self.allowed, *found}):
            yield from _compared(number, found.get(number), self.allowed.get(number, {None}))


@dataclass(slots=True)
class Ledger:
    """The acknowledged state of a home. A document that is not named was never there."""

    documents: dict[int, Revision] = field(default_factory=dict)
    revisions: dict[int, int] = field(default_factory=dict)
    passage_tokens: frozenset[int] = frozenset()
    seq: int = 0
    purged: set[tuple[int, int]] = field(default_factory=set)
    backups: dict[Path, "Backup"] = field(default_factory=dict)
    gone: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _begun: dict[int, set[Revision]] = field(default_factory=dict)
    _tokens_begun: frozenset[int] = frozenset()

    def there(self) -> list[int]:
        """The documents in force."""
        return sorted(number for number, revision in self.documents.items() if revision is not None)

    def next_revision(self, number: int) -> int:
        """A revision that the document never had, nor nearly had."""
        self.revisions[number] = self.revisions.get(number, -1) + 1
        return self.revisions[number]

    def allowed(self, number: int) -> set[Revision]:
        """The revisions that a document may be at."""
        return {self.documents.get(number), *self._begun.get(number, ())}

    def begin_backup(self, path: Path) -> None:
        """A backup is being made, which may hold what the home may hold now."""
        self.backups[path] = Backup({number: self.allowed(number) for number in {*self.documents, *self._begun}})

    def begin(self, step: Step) -> None:
        """From now on, until the next look at the home, its documents may be as they were or as the step makes them."""
        for number, revision in step.changes.items():
            self._begun.setdefault(number, set()).add(revision)
        self._tokens_begun |= step.passage_tokens

    def acknowledge(self, step: Step, number: int, seq: int) -> None:
        """One document of the step is said to be done: from now on it must be so."""
        self._set(number, step.changes[number])
        self._begun.pop(number, None)
        self.purged |= {(number, revision) for revision in range(step.purged.get(number, 0))}
        self.seq = max(self.seq, seq)

    def finish(self, step: Step) -> None:
        """The step as a whole is said to be done."""
        if step.passage_tokens:
            self.passage_tokens, self._tokens_begun = step.passage_tokens, frozenset()

    def settle(self, found: Mapping[int, int], passage_tokens: int | None, seq: int) -> Iterator[str]:
        """Hold what was found in the home against the ledger, and take it over. Yields what is wrong."""
        for number in sorted({*self.documents, *self._begun, *found}):
            yield from _compared(number, found.get(number), self.allowed(number))
            self._set(number, found.get(number))
        is_new = passage_tokens is None and not self.gone and not self.there()
        if self.passage_tokens and not is_new and passage_tokens not in self.passage_tokens | self._tokens_begun:
            yield f"passages are made for {passage_tokens} tokens, where {set(self.passage_tokens)} was acknowledged"
        if seq < self.seq:
            yield f"the home stands at change {seq}, after {self.seq} was acknowledged"
        self.passage_tokens = frozenset() if passage_tokens is None else frozenset({passage_tokens})
        self.seq, self._begun, self._tokens_begun = seq, {}, frozenset()

    def _set(self, number: int, revision: Revision) -> None:
        before = self.documents.get(number)
        if before is not None and before != revision:
            self.gone.append((number, before))
        self.documents[number] = revision


def _compared(number: int, found: Revision, allowed: set[Revision]) -> Iterator[str]:
    if found not in allowed:
        yield f"document {number} is at revision {found}; allowed: {sorted(map(str, allowed))}"
