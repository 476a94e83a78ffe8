"""The parts of a mail: which are its body, which are files, and which cannot be had."""

import mimetypes
import re
from collections.abc import Callable
from email.message import Message
from typing import TYPE_CHECKING, TypeVar

from corpus.errors import UnreadableError
from corpus.parsers.blocks import BlockText
from corpus.parsers.containers.mail_headers import decode_text, decoded, header
from corpus.parsers.containers.members import Members
from corpus.parsers.packed import check_count
from corpus.parsers.protocol import ParseLimits
from corpus.parsers.web.page import whole_text
from corpus.types import Attachment

if TYPE_CHECKING:
    Part = Message[str, str]

Value = TypeVar("Value")
Body = tuple[str, str]
"""The kind of a body, "plain" or "html", and its source."""

_MEDIA_TYPE = re.compile(r"[a-z0-9][^/\s;]*/[a-z0-9][^/\s;]*")
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_SIGNED_OR_ENCRYPTED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
# Parts that are read as text where they stand: a returned mail says in them what went wrong.
_REPORTS = {"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"}
# Text that programs read.
_TEXT_FILES = {"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv"}
_DEEPEST = 30
# A plain text of fewer words than this share of the HTML's only says that one has to look at the HTML.
_LEAST_PLAIN_SHARE = 0.25
# A plain and an HTML text with this share of their words in common are one text.
_SAME_SHARE = 0.9


class MailParts:
    """Goes through a message and sorts its parts."""

    def __init__(self, name: str, limits: ParseLimits) -> None:
        self._name = name
        self._limits = limits
        self._members = Members(name, limits)
        self._count = 0
        self._losses: list[str] = []
        self.bodies: list[Body] = []

    @property
    def attachments(self) -> list[Attachment]:
        """Files, and messages within the message."""
        return self._members.attachments

    @property
    def losses(self) -> tuple[str, ...]:
        """What could not be read, in words."""
        return (*dict.fromkeys(self._losses), *self._members.losses)

    def read(self, part: "Part", depth: int = 1) -> None:
        """Sort a part and those within it. Raises TooLargeError for too many."""
        self._count += 1
        check_count(self._count, self._name, self._limits)
        kind = _kind(part)
        if depth > _DEEPEST:
            self._losses.append(f"parts nested deeper than {_DEEPEST} are not read")
        elif kind == "multipart/encrypted" or kind in _SIGNED_OR_ENCRYPTED:
            self._losses.append(_locked(part))
        elif kind == "message/rfc822":
            self._attach_message(part)
        elif kind in _REPORTS:
            self._add_report(part)
        elif part.is_multipart():
            self._read_parts(part, kind, depth)
        elif kind not in _SIGNATURES:
            self._read_leaf(part, kind)

    def _read_parts(self, part: "Part", kind: str, depth: int) -> None:
        inner = [child for child in part.get_payload() if isinstance(child, Message)]
        before = len(self.bodies)
        for child in inner:
            self.read(child, depth + 1)
        bodies = self.bodies[before:]
        if kind == "multipart/alternative" or _say_the_same(bodies, self._name):
            self.bodies[before:] = _best(bodies, self._name)

    def _read_leaf(self, part: "Part", kind: str) -> None:
        data = _content(part)
        if data is None:
            self._losses.append("a damaged part is not read")
        elif kind in _TNEF:
            self._losses.append("an attachment in Outlook's own format (TNEF) is not read")
        elif _is_body(part, kind):
            self._add_body(part, kind, data)
        elif data.strip():
            self._members.add(_file_name(part) or self._numbered(kind), data)

    def _add_body(self, part: "Part", kind: str, data: bytes) -> None:
        try:
            text = decode_text(data, _charset(part), self._name)
        except UnreadableError:
            self._losses.append("a part whose encoding cannot be told is not read")
            return
        if text.strip():
            self.bodies.append(("html" if kind == "text/html" or _is_html(text) else "plain", text))

    def _add_report(self, part: "Part") -> None:
        inner = part.get_payload() if part.is_multipart() else [part]
        for child in inner:
            if isinstance(child, Message):
                lines = [f"{key}: {decoded(str(value))}" for key, value in child.raw_items() if child is not part]
                body = "" if child.is_multipart() else decode_text(_content(child) or b"", _charset(child), self._name)
                self.bodies.append(("plain", "\n".join([*lines, body])))

    def _attach_message(self, part: "Part") -> None:
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner else None
        if not isinstance(message, Message):
            self._losses.append("an attached message is empty")
            return
        name = _file_name(part) or f"{header(message, 'subject') or self._numbered('message/rfc822')}"
        data = _unpacked(part, _serialized(message))
        if data is None:
            self._members.leave_out(name, "damaged messages are not read")
        else:
            self._members.add(name if name.lower().endswith(".eml") else f"{name}.eml", data)

    def _numbered(self, kind: str) -> str:
        return f"part {self._count}{mimetypes.guess_extension(kind) or ''}"


def _best(bodies: list[Body], name: str) -> list[Body]:
    """Of alternatives the plain ones, if they say about as much as the HTML ones."""
    plain = [body for body in bodies if body[0] == "plain"]
    html = [body for body in bodies if body[0] == "html"]
    if not plain or not html:
        return bodies
    return plain if len(_words(plain, name)) >= _LEAST_PLAIN_SHARE * len(_words(html, name)) else html


def _say_the_same(bodies: list[Body], name: str) -> bool:
    """Whether a plain and an HTML body stand beside each other that were to be alternatives."""
    if [kind for kind, _ in bodies] != ["plain", "html"]:
        return False
    plain, html = (set(_words([body], name)) for body in bodies)
    return len(plain & html) >= _SAME_SHARE * len(plain | html)


def _words(bodies: list[Body], name: str) -> list[str]:
    blocks = BlockText()
    for body in bodies:
        add_body(blocks, body, name)
    return re.findall(r"\w+", blocks.text)


def add_body(blocks: BlockText, body: Body, name: str) -> None:
    """Append a body; HTML that cannot be rendered as its source, so that nothing is lost."""
    kind, text = body
    try:
        if kind == "html":
            whole_text(text, name, blocks)
            return
    except UnreadableError:
        pass
    blocks.add(text)


def _is_body(part: "Part", kind: str) -> bool:
    """Whether a part is to be read where it stands: text that is no file, and what should have had parts but has none.

    Unknown kinds of text are plain text (RFC 2046, 4.1.4).
    """
    if _attempt(part.get_content_disposition) == "attachment":
        return False
    if kind in {"text/plain", "text/html"} or kind.startswith("multipart/"):
        return True
    return kind.startswith("text/") and kind not in _TEXT_FILES and not _file_name(part)


def _is_html(text: str) -> bool:
    return text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))


def _locked(part: "Part") -> str:
    if _kind(part) in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
        signed = _attempt(lambda: str(part.get_param("smime-type", ""))) or ""
        if signed.lower() == "signed-data":
            return "a part that is signed with S/MIME so that only mail programs can open it is not read"
        return "a part that is encrypted with S/MIME is not read"
    return "a part that is encrypted with PGP is not read"


def _kind(part: "Part") -> str:
    """The part's media type; plain text where it makes no sense, as the standard has it (RFC 2045, 5.2)."""
    kind = _attempt(part.get_content_type) or ""
    return kind if _MEDIA_TYPE.fullmatch(kind) else "text/plain"


def _content(part: "Part") -> bytes | None:
    payload = _attempt(lambda: part.get_payload(decode=True))
    return payload if isinstance(payload, bytes) else None


def _charset(part: "Part") -> str | None:
    return _attempt(lambda: part.get_content_charset(None))


def _file_name(part: "Part") -> str:
    """The name that a part gives its file, decoded (RFC 2231, and RFC 2047 where it does not belong)."""
    return decoded(_attempt(lambda: part.get_filename("")) or "")


def _serialized(message: "Part") -> bytes | None:
    return _attempt(message.as_bytes)


def _unpacked(part: "Part", data: bytes | None) -> bytes | None:
    """An attached message that was put into base64 or the like, which the standard forbids and programs do."""
    encoding = header(part, "content-transfer-encoding").lower()
    if data is None or encoding not in {"base64", "quoted-printable"}:
        return data
    whole: Part = Message()
    whole["Content-Transfer-Encoding"] = encoding
    whole.set_payload(data.strip().decode("ascii", "surrogateescape"))
    return _content(whole) or data


def _attempt(read: Callable[[], Value]) -> Value | None:
    """What `read` gives; None where the mail is so wrong that the library fails on it, which it does in many ways."""
    try:
        return read()
    except MemoryError:
        raise
    except Exception:
        return None
