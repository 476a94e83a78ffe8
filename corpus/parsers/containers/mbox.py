"""Mailboxes in one file (MBOX): every message is a document of its own."""

import re

from corpus.media_types import MBOX
from corpus.parsers.containers import mail
from corpus.parsers.containers.members import Members
from corpus.parsers.packed import check_count
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

# The line before every message. A line of a text that begins so was to be quoted as ">From ", so it is enough to ask
# for a time in it and a header behind it.
_SEPARATOR = re.compile(rb"^From \S(?>[^\n]*?\d\d:\d\d)[^\n]*+\n(?=>?[!-9;-~]++:)", re.MULTILINE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The messages by their numbers, "1.eml" first; a single one is read as the mail that it is."""
    starts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(data)]
    check_count(len(starts), name, options.limits)
    ends = [start for start, _ in starts[1:]] + [len(data)]
    messages = [_QUOTED.sub(rb"\1", data[start:end]) for (_, start), end in zip(starts, ends, strict=True)]
    if len(messages) < 2:
        return mail.parse(messages[0] if messages else data, name, options)
    members = Members(name, options.limits)
    for number, message in enumerate(messages, start=1):
        members.add(f"{number}.eml", message)
    return members.document(MBOX)
