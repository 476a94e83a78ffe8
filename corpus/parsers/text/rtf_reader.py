"""From RTF tokens to flows of text, styles and properties."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from corpus.errors import UnreadableError
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.text.rtf_flow import Flow
from corpus.parsers.text.rtf_head import RtfHead
from corpus.parsers.text.rtf_tokens import Token, tokens
from corpus.parsers.text.rtf_words import (
    CHARACTERS,
    LOSSES,
    NO_TEXT,
    TEXT_ALL_THE_SAME,
)

_DEEPEST = 10_000
_FLOWS = {"footnote", "shptxt", "dptxbxtext"}


@dataclass(slots=True)
class _Group:
    """What holds in a group and, unless changed there, in the groups inside it."""

    place: str = "body"  # where its text belongs; "" for nowhere
    opened: str = ""  # the flow or entry that ends with this very group
    font: int | None = None
    hidden: bool = False
    skip_after_unicode: int = 1


class RtfReader:
    """Reads a file on construction: `body` and `notes` are its text, `head` has styles and properties.

    What cannot be read is noted in `text`, into which nothing else is written. Raises UnreadableError for groups that
    are nested beyond all sense.
    """

    def __init__(self, data: bytes, name: str, text: OfficeText) -> None:
        self.body = Flow()
        self.notes: list[Flow] = []
        self.head = RtfHead()
        self._name = name
        self._text = text
        self._flows = [self.body]
        self._groups = [_Group(place="")]  # what stands outside of the one group of a file is no text
        self._bytes = bytearray()
        self._bytes_page = ""
        self._starred = False
        self._skip = 0  # bytes that stand for the Unicode character before them
        self._read(data)

    def _read(self, data: bytes) -> None:
        handlers: dict[str, Callable[[Token], None]] = {
            "open": self._open,
            "close": self._close,
            "word": self._word,
            "bytes": self._add_bytes,
        }
        for token in tokens(data):
            handlers[token.kind](token)
        self._flush()
        if len(self._groups) > 1:
            self._text.lose("the end of the file, which is cut off")
        for flow in (self.body, *self.notes):
            flow.finish()

    @property
    def _group(self) -> _Group:
        return self._groups[-1]

    def _open(self, token: Token) -> None:
        self._flush()
        self._skip = 0
        if len(self._groups) > _DEEPEST:
            raise UnreadableError(f"{self._name!r} is damaged: its groups are nested more than {_DEEPEST:,} deep")
        outermost = len(self._groups) == 1
        self._groups.append(_Group() if outermost else replace(self._group, opened=""))

    def _close(self, token: Token) -> None:
        self._flush()
        self._skip = 0
        self._starred = False
        if len(self._groups) == 1:
            return
        group = self._groups.pop()
        if group.opened in _FLOWS:
            self._end_flow(group.opened)
        elif group.opened:
            self.head.end_entry(group.opened)

    def _end_flow(self, kind: str) -> None:
        flow = self._flows.pop()
        flow.finish()
        if kind != "footnote":
            self._flows[-1].blocks += flow.blocks

    def _word(self, token: Token) -> None:
        word, number = token.word, token.number
        if self._skip and word in CHARACTERS:
            self._skip -= 1
            return
        self._skip = 0
        if word == "*":
            self._starred = True
            return
        starred, self._starred = self._starred, False
        if word == "u":
            self._add_unicode(number or 0)
        elif word in CHARACTERS:
            self._write(CHARACTERS[word])
        elif not self._begins_destination(word, starred=starred):
            self._set(word, 1 if number is None else number)

    def _begins_destination(self, word: str, *, starred: bool) -> bool:
        """Whether the word says what the group is for."""
        group = self._group
        if word in NO_TEXT or (starred and word not in TEXT_ALL_THE_SAME):
            self._pass_over(word)
        elif word in {"fonttbl", "stylesheet", "info"}:
            group.place = word
        elif word in _FLOWS and group.place in {"body", "shape"}:
            self._begin_flow(word)
        elif group.place == "info" and self.head.begin_property(word):
            group.place, group.opened = "entry", word
        elif word in {"shpinst", "do"}:
            group.place = group.place and "shape"
        elif word == "ud":
            group.place = "body"
        else:
            return False
        return True

    def _pass_over(self, word: str) -> None:
        if self._group.place:
            self._text.lose(LOSSES.get(word, ""), int(word in LOSSES))
        if self._group.place == "body" and word in {"listtext", "pntext"}:
            self._flows[-1].paragraph.has_marker = True
        self._group.place = ""

    def _begin_flow(self, word: str) -> None:
        self._flush()
        self._flows.append(Flow())
        self._group.place, self._group.opened = "body", word
        if word == "footnote":
            self.notes.append(self._flows[-1])

    def _set(self, word: str, number: int) -> None:
        place = self._group.place
        if place == "fonttbl":
            self.head.define_font(word, number)
        elif place == "stylesheet":
            if self.head.define_style(word, number):
                self._group.opened = "style"
        elif place == "entry":
            self.head.set_time(word, number)
        elif not self.head.set_page(word, number) and not self._set_character(word, number) and place == "body":
            self._set_paragraph(word, number)

    def _set_character(self, word: str, number: int) -> bool:
        group = self._group
        if word == "f":
            group.font = number
        elif word == "plain":
            group.font, group.hidden = None, False
        elif word in {"v", "deleted", "htmlrtf"}:
            group.hidden = number != 0
        elif word == "uc":
            group.skip_after_unicode = max(0, min(number, 10))
        else:
            return False
        return True

    def _set_paragraph(self, word: str, number: int) -> None:
        flow = self._flows[-1]
        actions: dict[str, Callable[[], None]] = {
            "par": flow.end_paragraph,
            "sect": flow.end_paragraph,
            "page": flow.end_paragraph,
            "cell": flow.end_cell,
            "row": flow.end_row,
            "pard": flow.paragraph.reset,
        }
        if word in actions:
            self._flush()
            actions[word]()
        elif word in _PROPERTIES:
            _PROPERTIES[word](flow, number)

    def _add_unicode(self, number: int) -> None:
        self._write(chr(number & 0xFFFF))
        self._skip = self._group.skip_after_unicode

    def _add_bytes(self, token: Token) -> None:
        data = token.data[self._skip :]
        self._skip -= len(token.data) - len(data)
        page = self.head.page_of(self._group.font)
        if page != self._bytes_page:
            self._flush()
        self._bytes_page = page
        self._bytes += data

    def _flush(self) -> None:
        """Decode the bytes so far: characters of two bytes may come in two tokens."""
        if self._bytes:
            text = self._bytes.decode(self._bytes_page, "replace")
            self._bytes.clear()
            self._put(text)

    def _write(self, text: str) -> None:
        self._flush()
        self._put(text)

    def _put(self, text: str) -> None:
        group = self._group
        if group.place == "body" and not group.hidden:
            self._flows[-1].write(text)
        elif group.opened or group.place == "entry":
            self.head.add(text)


def _set_style(flow: Flow, number: int) -> None:
    flow.paragraph.style = number


def _set_level(flow: Flow, number: int) -> None:
    flow.paragraph.level = number


def _set_in_list(flow: Flow, number: int) -> None:
    flow.paragraph.in_list = number > 0


def _set_in_table(flow: Flow, number: int) -> None:
    flow.paragraph.in_table = number > 0


def _set_header_row(flow: Flow, number: int) -> None:
    flow.in_header_row = number > 0


_PROPERTIES: dict[str, Callable[[Flow, int], None]] = {
    "s": _set_style,
    "outlinelevel": _set_level,
    "ls": _set_in_list,
    "intbl": _set_in_table,
    "trhdr": _set_header_row,
}
