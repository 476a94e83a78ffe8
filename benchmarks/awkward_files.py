"""Every file of a folder of awkward ones through the readers that ship: text, a clear reason, or something wrong.

Usage: .venv/bin/python benchmarks/awkward_files.py --data DIR [--only eml/] [--ocr off] [--seconds 10] [--all].
DIR/inventory.jsonl has an object a line: `file`, and where known `password`, `encoding`, `utf8_pair` (a twin of the
same text) and `expected` (pages, encrypted). Files are read by `ParsePool` in worker processes.

Wrong are: an exception that is no `UnreadableError`, a file given up (time, memory, a crash), another number of pages
than expected, an encrypted file read without its password, or one that its password does not open; a text that differs
from that of its twin, or from what the same file gives when it is stored as UTF-8.
"""

import argparse
import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from corpus.errors import UnreadableError
from corpus.parse_pool import ParsePool, Pending, WorkerLimits
from corpus.parsers import ParseOptions
from corpus.types import ParsedDocument

# What the messages of `ParsePool` say of a defect of a reader, in place of a reason that lies in the file.
_DEFECTS = {"was given up": "given up", "the parser failed": "exception", "more memory than": "memory"}
_OUTCOMES = ("text", "attachments only", "reason", *_DEFECTS.values(), "defect")
# What browsers take these encodings for.
_SUPERSETS = {"gb2312": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs", "ascii": "utf-8"}


@dataclass(frozen=True, slots=True)
class Case:
    """A file of the inventory; its text must be that of one of the twins, if there are any."""

    entry: dict[str, Any]
    document: Pending[ParsedDocument]
    twins: tuple[Pending[ParsedDocument], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: a document, or the outcome's kind and message."""

    document: ParsedDocument | None
    outcome: str
    message: str = ""


def read(pending: Pending[ParsedDocument]) -> Reading:
    """Wait for a document and name its outcome."""
    try:
        document = pending.result()
    except UnreadableError as error:
        message = str(error)
        outcome = next((kind for words, kind in _DEFECTS.items() if words in message), "reason")
        return Reading(None, outcome, message)
    except Exception as error:
        return Reading(None, "defect", repr(error))
    return Reading(document, "text" if document.text.strip() else "attachments only")


def cases(data: Path, pool: ParsePool, only: str) -> Iterator[Case]:
    """The files of the inventory whose names begin with `only`, handed to the workers."""
    for line in (data / "inventory.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        path = data / entry["file"]
        if not entry["file"].startswith(only) or not path.exists():
            continue
        passwords = (entry["password"],) if "password" in entry else ()
        twins = tuple(pool.parse(twin, path.name) for twin in twins_of(data, entry, path.read_bytes()))
        yield Case(entry, pool.parse(path.read_bytes(), path.name, passwords), twins)


def twins_of(data: Path, entry: dict[str, Any], content: bytes) -> set[bytes]:
    """The same text in UTF-8: the twin of the inventory, or the file decoded as what it is known to be.

    Where browsers take an encoding for a larger one, some characters differ in width only: either reading is right.
    """
    if "utf8_pair" in entry:
        return {(data / entry["utf8_pair"]).read_bytes()}
    encoding = entry.get("encoding", "").lower()
    twins = set()
    for candidate in filter(None, (encoding, _SUPERSETS.get(encoding))):
        # A file that is not soundly what it is said to be has nothing to be compared with.
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            twins.add(content.decode(candidate).removeprefix("\ufeff").encode("utf-8-sig"))
    return twins


def problems(case: Case, reading: Reading) -> Iterator[str]:
    """What is wrong with a reading, in words."""
    if reading.outcome not in {"text", "attachments only", "reason"}:
        yield f"{reading.outcome}: {reading.message}"
    expected = case.entry.get("expected") or {}
    known_password = "password" in case.entry
    if known_password and "password" in reading.message:
        yield f"its password does not open it: {reading.message}"
    if expected.get("encrypted") and not known_password and reading.document is not None:
        yield "it is encrypted, but was read without a password"
    yield from page_problems(expected, reading)
    differences = [difference(reading, read(twin)) for twin in case.twins]
    if differences and all(differences):
        yield differences[0]


def page_problems(expected: dict[str, Any], reading: Reading) -> Iterator[str]:
    """Compare the number of pages, where it is known."""
    if reading.document is not None and "pages" in expected:
        found = len(reading.document.page_starts)
        if found != expected["pages"]:
            yield f"{found} pages, expected {expected['pages']}"


def difference(reading: Reading, twin: Reading) -> str:
    """Where the text differs from that of the same file in UTF-8; "" for nowhere."""
    if reading.document is None or twin.document is None:
        same = reading.outcome == twin.outcome
        return "" if same else f"{reading.outcome} ({reading.message}), but {twin.outcome} {twin.message} as UTF-8"
    ours, theirs = reading.document.text, twin.document.text
    if ours == theirs:
        return ""
    pairs = enumerate(zip_longest(ours, theirs))
    at = next(position for position, (our, their) in pairs if our != their)
    return f"from character {at} on {ours[at : at + 30]!r}, but {theirs[at : at + 30]!r} as UTF-8"


def main() -> None:
    """Print a table of outcomes by folder, and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default="", help="the beginning of the files' names")
    parser.add_argument("--seconds", type=float, default=10.0, help="what one file may take")
    parser.add_argument("--ocr", choices=("auto", "off"), default="auto")
    parser.add_argument("--all", action="store_true", help="print what came of every file")
    options = parser.parse_args()
    pool = ParsePool(ParseOptions(ocr=options.ocr), WorkerLimits(seconds=options.seconds))
    outcomes: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    try:
        for case in list(cases(options.data, pool, options.only)):
            file, reading = case.entry["file"], read(case.document)
            folder = "/".join(file.split("/")[:2]) if file.count("/") > 1 else file.split("/")[0]
            outcomes.setdefault(folder, Counter())[reading.outcome] += 1
            found = list(problems(case, reading))
            wrong += [f"{file}: {problem}" for problem in found]
            outcomes[folder]["wrong"] += bool(found)
            if options.all:
                print(f"{file}: {reading.outcome} {reading.message or shown(reading.document)}", flush=True)
    finally:
        pool.close()
    print_table(outcomes)
    print(f"\n{len(wrong)} wrong", *wrong, sep="\n- ")


def shown(document: ParsedDocument | None) -> str:
    """The beginning of a text, and what else came with it."""
    if document is None:
        return ""
    return f"{document.text[:100]!r} {len(document.attachments)} attachments, losses {document.losses}"


def print_table(outcomes: dict[str, Counter[str]]) -> None:
    """Print one row a folder, one column an outcome that occurred."""
    shown = [kind for kind in (*_OUTCOMES, "wrong") if any(counts[kind] for counts in outcomes.values())]
    print(f"\n| folder | files | {' | '.join(shown)} |")
    print("|---" * (len(shown) + 2) + "|")
    for folder, counts in outcomes.items():
        files = sum(counts[kind] for kind in _OUTCOMES)
        print(f"| {folder} | {files} | {' | '.join(str(counts[kind]) for kind in shown)} |")


if __name__ == "__main__":
    main()
