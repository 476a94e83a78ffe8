"""The table of formats: what each is called, which module reads it, and which file names tell it among texts."""

from dataclasses import dataclass
from typing import Final

from corpus.media_types import (
    CODE,
    CSV,
    DOCX,
    ENCRYPTED_OFFICE,
    EPUB,
    HTML,
    IMAGE,
    JSON,
    JSON_LINES,
    MAIL,
    MARKDOWN,
    MBOX,
    ODP,
    ODS,
    ODT,
    PDF,
    PPTX,
    RST,
    RTF,
    TAR,
    TEXT,
    TSV,
    XLS,
    XLSX,
    XML,
    ZIP,
)
from corpus.programming_languages import CODE_SUFFIXES


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


_OPEN_DOCUMENT = "OpenDocument (.odt, .ods, .odp)"

FORMATS: Final = (
    Format(TEXT, "plain text", "corpus.parsers.text.plain", (".txt", ".text", ".log")),
    Format(MARKDOWN, "Markdown", "corpus.parsers.text.markdown", (".md", ".markdown", ".mdown")),
    Format(HTML, "HTML", "corpus.parsers.web.html", (".html", ".htm", ".xhtml")),
    Format(XML, "XML", "corpus.parsers.web.xml_text", (".xml", ".rss", ".atom", ".svg")),
    Format(RST, "reStructuredText", "corpus.parsers.text.rst", (".rst", ".rest")),
    Format(CODE, "source code", "corpus.parsers.text.code", CODE_SUFFIXES),
    Format(CSV, "CSV and TSV", "corpus.parsers.text.table", (".csv",)),
    Format(TSV, "CSV and TSV", "corpus.parsers.text.table", (".tsv", ".tab")),
    Format(JSON, "JSON and JSON Lines", "corpus.parsers.text.json_text", (".json",)),
    Format(JSON_LINES, "JSON and JSON Lines", "corpus.parsers.text.json_lines", (".jsonl", ".ndjson")),
    Format(MAIL, "mail (.eml, .mbox)", "corpus.parsers.containers.mail", (".eml",)),
    Format(MBOX, "mail (.eml, .mbox)", "corpus.parsers.containers.mbox", (".mbox",)),
    Format(EPUB, "EPUB", "corpus.parsers.containers.epub"),
    Format(ZIP, "ZIP and TAR archives", "corpus.parsers.containers.zip_archive"),
    Format(TAR, "ZIP and TAR archives", "corpus.parsers.containers.tar_archive"),
    Format(PDF, "PDF", "corpus.parsers.pdf.document"),
    Format(DOCX, "Word (.docx)", "corpus.parsers.office.docx"),
    Format(ENCRYPTED_OFFICE, "Word (.docx)", "corpus.parsers.office.encrypted"),
    Format(PPTX, "PowerPoint (.pptx)", "corpus.parsers.office.pptx"),
    Format(XLSX, "Excel (.xlsx)", "corpus.parsers.office.xlsx"),
    Format(XLS, "old Excel (.xls)", "corpus.parsers.office.xls"),
    Format(ODT, _OPEN_DOCUMENT, "corpus.parsers.office.odt"),
    Format(ODS, _OPEN_DOCUMENT, "corpus.parsers.office.ods"),
    Format(ODP, _OPEN_DOCUMENT, "corpus.parsers.office.odp"),
    Format(RTF, "RTF", "corpus.parsers.text.rtf"),
    Format(IMAGE, "images (with Tesseract)", "corpus.parsers.ocr.image"),
)
_LABELS = tuple(dict.fromkeys(kind.label for kind in FORMATS))
SUPPORTED: Final = f"{', '.join(_LABELS[:-1])} and {_LABELS[-1]}"

_MODULES = {kind.media_type: kind.module for kind in FORMATS}
_SUFFIXES = {suffix: kind.media_type for kind in FORMATS for suffix in kind.suffixes}


def module_of(media_type: str) -> str | None:
    """The module that reads a media type; None for one that is recognised but not read."""
    return _MODULES.get(media_type)


def by_suffix(suffix: str) -> str | None:
    """The media type that a text file's suffix (".md") stands for."""
    return _SUFFIXES.get(suffix)
