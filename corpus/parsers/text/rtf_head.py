"""The head of an RTF file: code pages and fonts, which say what bytes mean, styles and properties."""

import codecs

from corpus.parsers.text.rtf_flow import joined
from corpus.parsers.text.rtf_words import CHARSETS, CODE_PAGES, DOCUMENT_PAGES

_DEFAULT_PAGE = "cp1252"
_TIMES = {"creatim": "created", "revtim": "modified"}
_TIME_PARTS = ("yr", "mo", "dy", "hr", "min")
_PROPERTIES = {"title", "subject", "author", "keywords", *_TIMES}


class RtfHead:
    """Names and levels (from 0) of `styles` by number, and the properties in `info` by metadata key."""

    def __init__(self) -> None:
        self.styles: dict[int, str] = {}
        self.style_levels: dict[int, int] = {}
        self.info: dict[str, str] = {}
        self._page = _DEFAULT_PAGE
        self._fonts: dict[int, str] = {}
        self._default_font: int | None = None
        self._number = 0  # of the font or style that is being defined
        self._time: dict[str, int] = {}
        self._entry: list[str] = []

    def page_of(self, font: int | None) -> str:
        """The encoding of text in a font; None stands for the document's own."""
        font = self._default_font if font is None else font
        return self._page if font is None else self._fonts.get(font, self._page)

    def set_page(self, word: str, number: int) -> bool:
        """Whether the word is about the code page or font of the document, and has been heeded."""
        if word == "ansicpg":
            self._page = _codec(number)
        elif word in DOCUMENT_PAGES:
            self._page = DOCUMENT_PAGES[word]
        elif word == "deff":
            self._default_font = number
        else:
            return False
        return True

    def define_font(self, word: str, number: int) -> None:
        """Heed a word in the table of fonts."""
        if word == "f":
            self._number = number
        elif word == "fcharset" and number in CHARSETS:
            self._fonts[self._number] = CHARSETS[number]
        elif word == "cpg":
            self._fonts[self._number] = _codec(number)

    def define_style(self, word: str, number: int) -> bool:
        """Heed a word in the sheet of styles; whether it begins a style of paragraphs."""
        if word == "outlinelevel":
            self.style_levels[self._number] = number
        if word != "s":
            return False
        self._number = number
        return True

    def begin_property(self, word: str) -> bool:
        """Whether the word begins a property that is kept."""
        self._entry, self._time = [], {}
        return word in _PROPERTIES

    def set_time(self, word: str, number: int) -> None:
        """Heed a part of a time."""
        self._time[word] = number

    def add(self, text: str) -> None:
        """Add to the name of a style or to a property."""
        self._entry.append(text)

    def end_entry(self, kind: str) -> None:
        """A style's name ("style") or a property is complete."""
        entry, self._entry = " ".join(joined(self._entry).split()), []
        if kind == "style":
            self.styles.setdefault(self._number, entry.rstrip("; "))
        elif kind in _TIMES:
            parts = [self._time.get(part, 0) for part in _TIME_PARTS]
            self.info[_TIMES[kind]] = "{:04}-{:02}-{:02}T{:02}:{:02}:00".format(*parts)
        else:
            self.info.setdefault(kind, entry)


def _codec(number: int) -> str:
    try:
        return codecs.lookup(CODE_PAGES.get(number, f"cp{number}")).name
    except LookupError:
        return _DEFAULT_PAGE
