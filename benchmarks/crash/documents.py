"""The documents of the crash harness: each revision of each document can be told by a word of its own."""

import re

# Letters stand for digits: of a word with digits the word index knows the parts, too, which markers have in common.
_LETTERS = "bcdfghjkmn"
_TO_LETTERS = str.maketrans("0123456789", _LETTERS)
_TO_DIGITS = str.maketrans(_LETTERS, "0123456789")
_MARKER = re.compile(rf"q([{_LETTERS}]+)v([{_LETTERS}]+)x".encode())
_SENTENCE = "the harbour opens at nine and the ferry leaves at noon while gulls sleep on the quay near the gate"


def name_of(number: int) -> str:
    """The name of a document, which is its identity."""
    return f"d{number}"


def number_of(name: str) -> int:
    """The number of a document, by its name or the name of its file."""
    return int(name.removeprefix("d").removesuffix(".txt"))


def marker(number: int, revision: int) -> str:
    """A word that stands in every paragraph of this revision and nowhere else."""
    return f"q{number}v{revision}x".translate(_TO_LETTERS)


def body(number: int, revision: int) -> str:
    """One to four paragraphs, each of them about a passage long and unlike the others."""
    return "\n\n".join(_paragraph(number, revision, part) for part in range((number + revision) % 4 + 1))


def revision_of(number: int, text: str) -> int | None:
    """The revision that the text is, from its first letter to its last; None when it is none of this document."""
    found = _MARKER.search(text.encode())
    if found is None or body(number, _number(found[2])) != text:
        return None
    return _number(found[2])


def markers_in(data: bytes) -> set[tuple[int, int]]:
    """The documents and revisions of which there is a trace in some bytes."""
    return {(_number(number), _number(revision)) for number, revision in _MARKER.findall(data)}


def _number(letters: bytes) -> int:
    return int(letters.decode().translate(_TO_DIGITS))


def _paragraph(number: int, revision: int, part: int) -> str:
    words = _SENTENCE.split()
    turn = (number * 7 + revision * 3 + part) % len(words)
    turned = " ".join([*words[turn:], *words[:turn]][:12])
    return f"Part {part} of {marker(number, revision)}: {turned}."
