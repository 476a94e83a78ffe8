"""What drafting makes: drafts of questions, chosen from things that have a place in a document."""

from dataclasses import dataclass
from typing import Protocol

from corpus.errors import EndpointError


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed question with its evidence; `page` counts from 1."""

    document: str
    text: str
    answer: str
    quote: str
    page: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The drafts; how many passages gave none that holds; and the error that ended the drafting before its time."""

    drafts: tuple[Draft, ...]
    dropped: int = 0
    error: EndpointError | None = None


class Placed(Protocol):
    """Something to choose from."""

    @property
    def document(self) -> str:
        """The id of the document."""

    @property
    def section(self) -> str:
        """The section or page that it stands in."""

    @property
    def rank(self) -> int:
        """How many turns of its document it waits; 0 is best."""

    @property
    def key(self) -> str:
        """A text that tells it from the others of its document."""
