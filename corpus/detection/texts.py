"""Kinds of text: by content where it tells, by the name among those that any text could be."""

import json
import re
from pathlib import PurePath

from corpus.detection.text_or_binary import BLANK_BYTES
from corpus.formats import by_suffix, module_of
from corpus.media_types import CODE, HTML, JSON, JSON_LINES, MAIL, MBOX, TEXT, XML

_HEAD = 8192
# A header line of a mail, and the names of which some stand in every one.
_HEADER = re.compile(rb"[!-9;-~]+[ \t]?:.*")
_MAIL_NAMES = {
    *(b"from", b"to", b"cc", b"date", b"subject", b"received", b"message-id", b"mime-version", b"return-path"),
    *(b"sender", b"reply-to", b"delivered-to", b"content-type", b"content-transfer-encoding", b"in-reply-to"),
}
_MULTIPART = re.compile(rb"content-type:\s*multipart/[a-z-]+\s*;\s*boundary", re.IGNORECASE)
_MBOX = re.compile(rb"From \S(?>.*?\d\d:\d\d).*+\n>?[!-9;-~]++:")
# The root element behind declarations and comments; possessive, or hostile files would take ages.
_HTML_ROOT = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(\[.*?\]\s*)?>)*+<html\b", re.DOTALL)
# A page without its frame begins with one of these, and has several more.
_FRAGMENT = re.compile(
    rb"<(p|div|h[1-6]|table|ul|ol|head|body|title|meta|section|article|main|span|style|link)\b[^<]*>"
)
_TAG = re.compile(rb"</?(p|div|h[1-6]|table|tr|td|ul|ol|li|a|b|i|em|strong|span|br|img|head|body|title|meta)\b[^<]*>")
_FRAGMENT_TAGS = 6
_LONGEST_JSON = 5_000_000


def certain_media_type(data: bytes) -> str | None:
    """HTML, XML, MBOX or MAIL where the beginning leaves no doubt; None for any other text."""
    head = _head(data)
    lower = head.lower()
    if _is_html(lower):
        return HTML
    if lower.startswith(b"<?xml"):
        return XML
    if _MBOX.match(head):
        return MBOX
    return MAIL if _is_mail(head) else None


def text_media_type(data: bytes, name: str) -> str:
    """The media type of a text whose beginning does not tell: by its name, else by what it holds."""
    named = by_suffix(PurePath(name).suffix.lower())
    if named == JSON_LINES and _head(data).startswith(b"{") and b"\n" not in data.strip():
        return JSON_LINES  # of one line
    if named in {JSON, JSON_LINES}:
        return _json_media_type(data) or (named if _head(data).startswith((b"{", b"[")) else TEXT)
    if named not in {None, TEXT}:
        return str(named)
    if named is None and _head(data).startswith(b"#!"):
        return CODE
    if _is_fragment(_head(data).lower()):
        return HTML
    found = None if named else _json_media_type(data)
    return found if found and module_of(found) else TEXT


def _head(data: bytes) -> bytes:
    """The beginning without white space and NUL bytes, which makes it fit UTF-16 too; without a line that is cut."""
    head = data[:_HEAD].replace(b"\0", b"").lstrip(BLANK_BYTES)
    return head if len(data) <= _HEAD else head.rpartition(b"\n")[0] or head


def _is_html(head: bytes) -> bool:
    """Whether the file begins as an HTML page does; `head` is in lower case."""
    return head.startswith(b"<!doctype html") or _HTML_ROOT.match(head) is not None


def _is_fragment(head: bytes) -> bool:
    return _FRAGMENT.match(head) is not None and len(_TAG.findall(head)) >= _FRAGMENT_TAGS


def _is_mail(head: bytes) -> bool:
    """Whether the file begins with header lines, two of which are those of mails, or one that tells of parts."""
    names: set[bytes] = set()
    for line in head.splitlines():
        if not line.strip():
            break
        if line[:1] in b" \t" and names:
            continue
        if not _HEADER.fullmatch(line):
            return False
        names.add(line.partition(b":")[0].strip().lower())
    return len(names & _MAIL_NAMES) > 1 or (bool(names) and _MULTIPART.match(head) is not None)


def _json_media_type(data: bytes) -> str | None:
    """JSON or JSON lines where all of it, or its first lines, are just that; None for the rest and for huge files."""
    if not _head(data).startswith((b"{", b"[")):
        return None
    lines = data[:_HEAD].splitlines()
    if len(lines) > 1 and all(line.startswith(b"{") and _is_json(line) for line in lines[:2]):
        return JSON_LINES
    return JSON if len(data) <= _LONGEST_JSON and _is_json(data) else None


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
