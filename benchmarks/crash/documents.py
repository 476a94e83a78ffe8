"""The documents of the crash harness: each revision of each document can be told by a word of its own."""

import re

_MARKER = re.compile(rb"m(\d+)r(\d+)x")
_SENTENCE = "the harbour opens at nine and the ferry leaves at noon while gulls sleep on the quay near the gate"


def name_of(number: int) -> str:
    """The name of a document, which is its identity."""
    return f"d{number}"


def number_of(name: str) -> int:
    """The number of a document, by its name or the name of its file."""
    return int(name.removeprefix("d").removesuffix(".txt"))


def marker(number: int, revision: int) -> str:
    """A word that stands in every paragraph of this revision and nowhere else."""
    return f"m{number}r{revision}x"


def body(number: int, revision: int) -> str:
    """One to four paragraphs, each of them about a passage long and unlike the others."""
    return "\n\n".join(_paragraph(number, revision, part) for part in range((number + revision) % 4 + 1))


def revision_of(number: int, text: str) -> int | None:
    """The revision that the text is, from its first letter to its last; None when it is none of this document."""
    found = _MARKER.search(text.encode())
    if found is None or body(number, int(found[2])) != text:
        return None
    return int(found[2])


def markers_in(data: bytes) -> set[tuple[int, int]]:
    """The documents and revisions of which there is a trace in some bytes."""
    return {(int(number), int(revision)) for number, revision in _MARKER.findall(data)}


def _paragraph(number: int, revision: int, part: int) -> str:
    words = _SENTENCE.split()
    turn = (number * 7 + revision * 3 + part) % len(words)
    turned = " ".join([*words[turn:], *words[:turn]][:12])
    return f"Part {part} of {marker(number, revision)}: {turned}."
