"""Passages that say the same collapse into one that lists all places.

A passage is a copy of another where it says the same, or a piece of that (`retrieval.wording`). The first of them in
the order of relevance stands for all, unless a later one holds a little more than it: then that is shown in its place.
See docs/decisions/0028-copies-collapse.md for what was measured.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from retrieval.wording import Run, Wording, says_no_more, wording

if TYPE_CHECKING:
    from retrieval.passages import FoundPassage

_A_LITTLE: Final = 0.8  # share of the words of the longer passage that the shorter one has


@dataclass(slots=True)
class _Group:
    shown: "FoundPassage"
    wording: Wording
    copies: list["FoundPassage"] = field(default_factory=list)

    def holds_most_of(self, says: Wording) -> bool:
        """Whether what is shown is that text but for a few words."""
        return len(self.wording.words) >= _A_LITTLE * len(says.words) and says_no_more(self.wording, says)


class Copies:
    """Passages as they are found, best first; those that say the same are one group."""

    def __init__(self) -> None:
        self._groups: list[_Group] = []
        self._having: defaultdict[Run, list[int]] = defaultdict(list)
        self.passages = 0

    def __len__(self) -> int:
        """How many different passages there are."""
        return len(self._groups)

    def add(self, found: "FoundPassage") -> None:
        """Take in the next passage."""
        if not self.add_copy(found):
            says = wording(found.text)
            for run in says.runs:
                self._having[run].append(len(self._groups))
            self._groups.append(_Group(found, says))
            self.passages += 1

    def add_copy(self, found: "FoundPassage") -> bool:
        """Take in the next passage if it says the same as one that is there; returns whether it did."""
        says = wording(found.text)
        for number in self._like(says):
            group = self._groups[number]
            if says_no_more(says, group.wording):
                group.copies.append(found)
            elif group.holds_most_of(says):
                self._show_instead(number, found, says)
            else:
                continue
            self.passages += 1
            return True
        return False

    def distinct(self) -> list["FoundPassage"]:
        """One passage of each group with the others as its copies, groups in the order of their best passage."""
        return [replace(group.shown, copies=tuple(group.copies)) for group in self._groups]

    def _like(self, says: Wording) -> list[int]:
        """The groups that share a run of words, those that share most first."""
        shared = Counter(number for run in says.runs for number in self._having.get(run, ()))
        return [number for number, _ in shared.most_common()]

    def _show_instead(self, number: int, found: "FoundPassage", says: Wording) -> None:
        group = self._groups[number]
        for run in says.runs - group.wording.runs:
            self._having[run].append(number)
        group.copies.append(group.shown)
        # It stands where the best of the group stands.
        group.shown = replace(found, candidate=replace(found.candidate, fused=group.shown.candidate.fused))
        group.wording = says
