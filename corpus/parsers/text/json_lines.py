"""JSON Lines: a document for each line that is an object with a text in it (see `json_text`)."""

from pathlib import PurePath

from corpus.media_types import JSON_LINES
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.text.json_values import loaded, text_record
from corpus.types import Attachment, ParsedDocument


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The lines as documents named after their numbers, counted from 1 with blank lines.

    If one line is something else, or there are more than `max_members`, the text is the file's own.
    Raises UnreadableError for JSON that is nested too deeply.
    """
    found = canonical_text(data, name, options.limits)
    lines = [(number, line) for number, line in enumerate(found.text.split("\n"), start=1) if line.strip()]
    divided = len(lines) <= options.limits.max_members and all(_has_text(line, name) for _, line in lines)
    return ParsedDocument(
        text="" if divided else found.text,
        media_type=JSON_LINES,
        title=PurePath(name).stem,
        losses=found.losses,
        attachments=tuple(Attachment(f"{number}.json", line.encode()) for number, line in lines) if divided else (),
    )


def _has_text(line: str, name: str) -> bool:
    try:
        value, _ = loaded(line.lstrip("\ufeff"), name)
    except ValueError:
        return False
    return text_record(value) is not None
