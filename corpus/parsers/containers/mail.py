"""Mails: the best form of their body below the headers that people read; files and forwarded mails are attachments.

The text begins with the lines "Subject", "From", "To", "Cc" and "Date" as the mail has them, so that a question about
who wrote what and when can be answered with a citation.
"""

import email
import email.policy
from email.message import Message
from pathlib import PurePath

from corpus.errors import UnreadableError
from corpus.media_types import MAIL
from corpus.parsers.blocks import BlockText
from corpus.parsers.containers.mail_headers import header, iso_date
from corpus.parsers.containers.mail_parts import MailParts, add_body
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import sections_of
from corpus.types import MetadataValue, ParsedDocument

_SHOWN = ("Subject", "From", "To", "Cc", "Date")


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The mail; its subject is its title. Quoted replies are kept.

    Of alternatives the plain text is taken, unless it only says that the HTML is the real one. Signatures of files are
    left out without a word; encrypted parts and Outlook's own format (TNEF) are told as losses.
    """
    message = _message(data, name)
    parts = MailParts(name, options.limits)
    parts.read(message)
    blocks = BlockText()
    blocks.add("\n".join(f"{shown}: {value}" for shown in _SHOWN if (value := header(message, shown.lower()))))
    for body in parts.bodies:
        add_body(blocks, body, name)
    return ParsedDocument(
        text=blocks.text,
        media_type=MAIL,
        title=header(message, "subject") or PurePath(name).stem,
        sections=sections_of(blocks.headings),
        metadata=_metadata(message),
        losses=parts.losses,
        attachments=tuple(parts.attachments),
        tables=blocks.tables,
    )


def _message(data: bytes, name: str) -> "Message[str, str]":
    try:
        # The older policy: it keeps headers as they are, where the newer one fails on some that are wrong.
        return email.message_from_bytes(data.lstrip(b"\r\n \t"), policy=email.policy.compat32)
    except RecursionError as error:
        raise UnreadableError(f"{name!r} is nested too deeply to be read") from error


def _metadata(message: "Message[str, str]") -> dict[str, MetadataValue]:
    values = {
        "from": header(message, "from"),
        "to": header(message, "to"),
        "cc": header(message, "cc"),
        "date": iso_date(header(message, "date")),
        "subject": header(message, "subject"),
        "message_id": header(message, "message-id"),
    }
    return {key: value for key, value in values.items() if value}
