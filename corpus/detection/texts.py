"""Kinds of text: by content where it tells, by the name among those that any text could be."""

import re
from pathlib import PurePath

from corpus.detection.text_or_binary import BLANK_BYTES
from corpus.formats import by_suffix
from corpus.media_types import HTML, JSON, JSON_LINES, MAIL, MBOX, TEXT

_HEAD = 8192
# A header line of a mail, and the names of which some stand in every one.
_HEADER = re.compile(rb"[!-9;-~]+:[ \t]?.*")
_MAIL_NAMES = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"mime-version", b"return-path"}
_MBOX = re.compile(rb"From \S+.*\d\d:\d\d.*\r?\n[!-9;-~]+:")


def text_media_type(data: bytes, name: str) -> str:
    """The media type of a file that is text."""
    suffix = PurePath(name).suffix.lower()
    head = data[:_HEAD].replace(b"\0", b"").lstrip(BLANK_BYTES)  # without NUL bytes this works for UTF-16 too
    if _is_html(head):
        return HTML
    if _MBOX.match(head):
        return MBOX
    if _is_mail(head):
        return MAIL
    named = by_suffix(suffix)
    if named in {JSON, JSON_LINES} and not head.startswith((b"{", b"[")):
        return TEXT
    return named or TEXT


def _is_html(head: bytes) -> bool:
    """Whether the file begins as an HTML page does."""
    head = head.lower()
    if head.startswith((b"<?xml", b"<!--")):
        return b"<html" in head
    return head.startswith((b"<!doctype html", b"<html"))


def _is_mail(head: bytes) -> bool:
    """Whether the file begins with header lines, two of which are those of mails."""
    names: set[bytes] = set()
    for line in head.splitlines():
        if not line.strip():
            break
        if line[:1] in b" \t" and names:
            continue
        if not _HEADER.fullmatch(line):
            return False
        names.add(line.partition(b":")[0].lower())
    return len(names & _MAIL_NAMES) > 1
