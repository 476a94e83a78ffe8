"""The table of formats: what each is called, which module reads it, and which file names tell it among texts."""

from dataclasses import dataclass
from typing import Final

from corpus.media_types import DOCX, HTML, MARKDOWN, PDF, TEXT


@dataclass(frozen=True, slots=True)
class Format:
    """A format that Pincite reads.

    `module` has the function `parse` (see `corpus.parsers.protocol.Parser`). `suffixes` decide only among files that
    are text and whose content does not tell.
    """

    media_type: str
    label: str
    module: str
    suffixes: tuple[str, ...] = ()


FORMATS: Final = (
    Format(TEXT, "plain text", "corpus.parsers.text.plain", (".txt", ".text", ".log")),
    Format(MARKDOWN, "Markdown", "corpus.parsers.text.markdown", (".md", ".markdown", ".mdown")),
    Format(HTML, "HTML", "corpus.parsers.web.html", (".html", ".htm", ".xhtml")),
    Format(PDF, "PDF", "corpus.parsers.pdf.document"),
    Format(DOCX, "Word (.docx)", "corpus.parsers.office.docx"),
)
SUPPORTED: Final = ", ".join(dict.fromkeys(kind.label for kind in FORMATS))

_MODULES = {kind.media_type: kind.module for kind in FORMATS}
_SUFFIXES = {suffix: kind.media_type for kind in FORMATS for suffix in kind.suffixes}


def module_of(media_type: str) -> str | None:
    """The module that reads a media type; None for one that is recognised but not read."""
    return _MODULES.get(media_type)


def by_suffix(suffix: str) -> str | None:
    """The media type that a text file's suffix (".md") stands for."""
    return _SUFFIXES.get(suffix)
