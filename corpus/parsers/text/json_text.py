"""JSON: an object with a text in it is a document with metadata, a list of such objects one document each.

Of any other JSON the canonical text is the file's own.
"""

import json
from pathlib import PurePath

from corpus.media_types import JSON
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.text import json_lines
from corpus.parsers.text.entries import document_metadata, scalar
from corpus.parsers.text.json_values import TextRecord, loaded, text_record
from corpus.text import canonical
from corpus.types import Attachment, ParsedDocument

_MOST_NAMED = 20
_LONGEST_NAME = 100


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The document or the documents in the file.

    The text is that of the field "text", "content", "body" or "page_content", the title that of "title"; other single
    values and lists of such become metadata. Raises UnreadableError for JSON that is nested too deeply.
    """
    found = canonical_text(data, name, options.limits)
    own_text = ParsedDocument(text=found.text, media_type=JSON, title=PurePath(name).stem, losses=found.losses)
    try:
        value, repeated = loaded(found.text.lstrip("\ufeff"), name)
    except ValueError:  # JSON with comments, several values, or broken off: the text is there all the same
        lines = json_lines.parse(data, name, options)
        return lines if lines.attachments else own_text
    record = text_record(value)
    if record is not None:
        return _document(record, name, (*found.losses, *_repeated(repeated)))
    records = value if isinstance(value, list) else []
    if not 0 < len(records) <= options.limits.max_members or not all(map(text_record, records)):
        return own_text
    attachments = tuple(
        Attachment(f"{number}.json", json.dumps(item).encode()) for number, item in enumerate(records, start=1)
    )
    losses = (*found.losses, *_repeated(repeated))
    return ParsedDocument(text="", media_type=JSON, title=PurePath(name).stem, attachments=attachments, losses=losses)


def _document(record: TextRecord, name: str, losses: tuple[str, ...]) -> ParsedDocument:
    fields = _named([canonical(field) for field in record.unread])
    metadata = document_metadata(record.rest)
    left = sum(scalar(value) not in {None, ""} for value in record.rest.values()) - len(metadata)
    if left:  # too many, of the same meaning, or a language that is none
        losses = (*losses, f"fields that do not fit among the metadata are not read ({left:,})")
    unread = (f"fields that are neither the text nor single values are not read: {fields}",) if fields else ()
    return ParsedDocument(
        text=record.text,
        media_type=JSON,
        title=record.title or PurePath(name).stem,
        metadata=metadata,
        losses=(*losses, *unread),
    )


def _repeated(keys: list[str]) -> tuple[str, ...]:
    return (f"of keys that stand twice in an object only the last is read: {_named(keys)}",) if keys else ()


def _named(keys: list[str]) -> str:
    more = f" and {len(keys) - _MOST_NAMED:,} more" if len(keys) > _MOST_NAMED else ""
    return ", ".join(repr(key[:_LONGEST_NAME]) for key in keys[:_MOST_NAMED]) + more
