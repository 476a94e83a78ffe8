"""Reading JSON, and finding the text in it."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from corpus.errors import UnreadableError
from corpus.parsers.text.entries import scalar
from corpus.text import canonical

_TEXT_FIELDS: Final = ("text", "content", "body", "page_content")


@dataclass(frozen=True, slots=True)
class TextRecord:
    """An object with a text, and everything else that it holds."""

    text: str
    title: str
    rest: dict[str, Any]

    @property
    def unread(self) -> list[str]:
        """The fields that are neither the text nor fit for metadata: nested ones, and further texts."""
        return [key for key, value in self.rest.items() if value and scalar(value) is None]


def loaded(source: str, name: str) -> tuple[Any, list[str]]:
    """The value, and the keys that stand twice in one object, of which the last counts.

    Errors: ValueError for what is no JSON, UnreadableError for JSON that is nested too deeply.
    """
    repeated: list[str] = []

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.extend(sorted({canonical(key) for key, count in counts.items() if count > 1}))
        return found

    try:
        value = json.loads(source, object_pairs_hook=object_of, parse_int=_number, parse_constant=str)
    except RecursionError as error:
        raise UnreadableError(f"{name!r} is nested too deeply: Pincite reads JSON of a few hundred levels") from error
    return value, list(dict.fromkeys(repeated))


def text_record(value: Any) -> TextRecord | None:
    """The text of an object that has one in a field of its own; None if other fields say more than that."""
    if not isinstance(value, dict):
        return None
    field = next((field for field in _TEXT_FIELDS if isinstance(value.get(field), str) and value[field].strip()), None)
    if field is None:
        return None
    rest = {key: other for key, other in value.items() if key not in {field, "title"}}
    title = value.get("title")
    record = TextRecord(canonical(value[field]), _line(title) if isinstance(title, str) else "", rest)
    unread = sum(_length(rest[key]) for key in record.unread)
    return record if unread <= len(record.text) else None


def _number(digits: str) -> int | str:
    """Python reads no numbers of more than 4300 digits; nobody counts so far."""
    return int(digits) if len(digits) <= 1000 else digits


def _line(title: str) -> str:
    return " ".join(canonical(title).split())


def _length(value: Any) -> int:
    """How many characters of text a value holds, with what is nested in it."""
    return sum(len(leaf) for leaf in _leaves([value]) if isinstance(leaf, str))


def _leaves(values: Sequence[Any]) -> Iterator[Any]:
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            yield value
