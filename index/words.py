"""What a word index must do. Implementation: `tantivy_words`; the oracle lives with the tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.errors import DamagedError
from index.vectors import Hit, Numbers, Scope


class DamagedWordsError(DamagedError):
    """The files of a word index cannot be read; it can be made anew from the store."""


@dataclass(frozen=True, slots=True)
class WordEntry:
    """A passage as the word index sees it: its text, and its context (title and headings) as a field of its own.

    `language` is the ISO 639-1 code by whose rules both are analysed; "" where it is not known.
    """

    passage: int
    document: int
    collection: int
    context: str
    body: str
    language: str = ""


class WordSnapshot(Protocol):
    """One state of a word index; later changes do not show in it."""

    @property
    def seq(self) -> int:
        """The `seq` of the store that this state holds."""

    def __len__(self) -> int:
        """How many passages it holds."""

    def terms(self, text: str, language: str) -> list[str]:
        """What a text of this language is found by, in the form in which the index holds it."""

    def passages(self) -> Numbers:
        """The numbers of all passages that it holds, in no particular order."""

    def holds(self, entry: WordEntry) -> bool:
        """Whether the passage is found by every word of its text and of its context."""

    def weights(self, question: str, language: str) -> dict[str, float]:
        """What a question is searched for by in passages of this language, each with its inverse document frequency."""

    def search(self, question: str, k: int, scope: Scope) -> list[Hit]:
        """The best passages by BM25 in `scope`, score descending, then passage number.

        The question is analysed by the rules of every language that the index holds. What stands in it in double
        quotation marks raises passages that have the same words one after the other; others are found, too.
        """


class WordIndex(Protocol):
    """BM25 over passages, kept in files, one writing process at a time."""

    def snapshot(self) -> WordSnapshot:
        """The newest committed state."""

    def change(self, added: Iterable[WordEntry], removed: Sequence[int], seq: int) -> None:
        """Add and remove passages and stand at `seq`, all in one commit."""

    def rebuild(self, entries: Iterable[WordEntry], seq: int) -> None:
        """Hold these passages and no others and stand at `seq`, all in one commit; nothing of others is left."""
