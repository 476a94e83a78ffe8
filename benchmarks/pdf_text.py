"""How well the text of PDFs is read, how quickly, and whether the boxes of its characters are right.

Usage: .venv/bin/python benchmarks/pdf_text.py --data DIR [--only contracts|filings|boxes|awkward]. DIR has the folders
`cuad_legal` (PDFs of contracts with their official texts), `financebench` (PDFs of filings) and `awkward_files` (with
`inventory.jsonl`). Needs the developers' packages pdfplumber, pypdf and rapidfuzz.

contracts: character error rate against the official text, white space left out, and pages a second of processor time.
The official texts hold running feet and page numbers, which Pincite leaves out: "all lines" is Pincite with them, and
the second column of rates is without the lines that come three times and more in the official text, on both sides.
filings: for each page, which characters of plain PDFium are missing, and the lines they were in.
boxes: the words that pdfplumber finds within the rectangle of a word are compared with that word.
awkward: files read, refused and given up, and whether page counts and passwords are as the inventory says.
"""

import argparse
import json
import logging
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pdfplumber
import pypdf
import pypdfium2
from rapidfuzz.distance import Levenshtein

from corpus.errors import PinciteError
from corpus.parsers import ParseOptions, page_counts, parse
from corpus.parsers.pdf import document as pdf_document
from corpus.parsers.pdf.lines import Line
from corpus.parsers.pdf.running_heads import running_lines
from corpus.text import canonical
from corpus.types import CharacterBoxes, ParsedDocument

_SPACE = re.compile(r"\s+")
_SLOW_SECONDS = 10.0
_SAMPLED_PAGES = 4
_SAMPLED_WORDS = 15


def pincite(path: Path) -> str:
    """The text as it is indexed."""
    return parse(path.read_bytes(), path.name).text


def pincite_all_lines(path: Path) -> str:
    """The text with running heads and feet."""
    with patch.object(pdf_document, "running_lines", lambda _pages: set()):
        return pincite(path)


def plain_pdfium(path: Path) -> str:
    """What PDFium gives without any more."""
    return "\n".join(plain_pages(path))


def plain_pages(path: Path) -> Iterator[str]:
    """The same page by page."""
    with closing(pypdfium2.PdfDocument(path)) as document:
        for number in range(len(document)):
            with closing(document[number]) as page, closing(page.get_textpage()) as text_page:
                yield text_page.get_text_range(errors="surrogatepass")


def with_pdfplumber(path: Path) -> str:
    """The text of pdfplumber with its defaults."""
    with pdfplumber.open(path) as document:
        return "\n".join(page.extract_text() or "" for page in document.pages)


def with_pypdf(path: Path) -> str:
    """The text of pypdf with its defaults."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


READERS: dict[str, Callable[[Path], str]] = {
    "Pincite": pincite,
    "Pincite, all lines": pincite_all_lines,
    "pypdfium2": plain_pdfium,
    "pdfplumber": with_pdfplumber,
    "pypdf": with_pypdf,
}


def contracts(data: Path) -> None:
    """Character error rates and speed, a row a reader."""
    folder = data / "cuad_legal"
    rows = (json.loads(line) for line in (folder / "corpus.jsonl").open(encoding="utf-8"))
    official = {row["file"]: row["text"] for row in rows if row.get("file")}
    paths = [folder / file for file in sorted(official) if (folder / file).is_file()]
    pages = sum(_count(path) for path in paths)
    print(f"{len(paths)} contracts, {pages} pages\n")
    print("| reader | errors % | without repeated lines % | median of files % | pages/s |\n|---|---|---|---|---|")
    for name, read in READERS.items():
        begun = time.process_time()
        texts = [read(path) for path in paths]
        seconds = time.process_time() - begun
        rates = [
            _errors(text, official[str(path.relative_to(folder))]) for text, path in zip(texts, paths, strict=True)
        ]
        whole, distinct = _rate(rates, 0), _rate(rates, 2)
        median = float(np.median([errors / length for errors, length, *_ in rates]))
        print(f"| {name} | {whole:.3%} | {distinct:.3%} | {median:.3%} | {pages / seconds:.1f} |")


def _rate(rates: list[tuple[int, int, int, int]], first: int) -> float:
    return sum(rate[first] for rate in rates) / sum(rate[first + 1] for rate in rates)


def _errors(text: str, official: str) -> tuple[int, int, int, int]:
    """Edit distance and length of the official text, then the same without lines that come again and again."""
    again = {line for line, count in Counter(map(_letters, official.split("\n"))).items() if line and count > 2}
    pairs = (text, official), (_without(text, again), _without(official, again))
    return tuple(  # type: ignore[return-value]
        value
        for got, want in pairs
        for value in (Levenshtein.distance(_letters(got), _letters(want)), len(_letters(want)))
    )


def _without(text: str, lines: set[str]) -> str:
    return "\n".join(line for line in text.split("\n") if _letters(line) not in lines)


def _letters(text: str) -> str:
    return _SPACE.sub("", canonical(text))


def _count(path: Path) -> int:
    with closing(pypdfium2.PdfDocument(path)) as document:
        return len(document)


def filings(data: Path) -> None:
    """Which characters of plain PDFium's pages are not in Pincite's."""
    print("| filing | pages | s | plain s | pages with less | characters less | not in running lines |")
    print("|---|---|---|---|---|---|---|")
    left_out: Counter[str] = Counter()
    for path in sorted((data / "financebench").rglob("*.pdf")):
        begun = time.process_time()
        document, running = _parsed(path)
        middle = time.process_time()
        plain_texts = list(plain_pages(path))
        ended = time.process_time()
        fewer, missing, unexplained = 0, 0, 0
        for number, (ours, plain) in enumerate(zip(pages_of(document), plain_texts, strict=True)):
            left = _missing(ours, plain)
            rest = left - Counter(_letters("".join(running.get(number, []))))
            fewer, missing, unexplained = fewer + bool(left), missing + left.total(), unexplained + rest.total()
            if rest:
                print(f"   page {number + 1}: {dict(rest)}")
        left_out.update(re.sub(r"\d+", "#", line) for lines in running.values() for line in lines)
        times = f"{middle - begun:.2f} | {ended - middle:.2f}"
        print(f"| {path.stem} | {len(plain_texts)} | {times} | {fewer} | {missing} | {unexplained} |")
    print("\nrunning lines, numbers as #:")
    for line, count in left_out.most_common():
        print(f"{count:6} {line}")


def _parsed(path: Path) -> tuple[ParsedDocument, dict[int, list[str]]]:
    """The document, and the running lines that were left out of each page, from 0."""
    running: dict[int, list[str]] = defaultdict(list)

    def noted(pages: list[list[Line]]) -> set[tuple[int, int]]:
        found = running_lines(pages)
        for page, line in found:
            running[page].append(pages[page][line].text)
        return found

    with patch.object(pdf_document, "running_lines", noted):
        return parse(path.read_bytes(), path.name), running


def pages_of(document: ParsedDocument) -> list[str]:
    """The text of each page."""
    ends = (*document.page_starts[1:], len(document.text))
    return [document.text[start:end] for start, end in zip(document.page_starts, ends, strict=True)]


def _missing(ours: str, plain: str) -> Counter[str]:
    # A mark of a divided word stands for a hyphen or for nothing.
    return Counter(re.sub("[\ufffe\x02]", "", _letters(plain))) - Counter(_letters(ours))


def boxes(data: Path) -> None:
    """Words of our text against the characters that pdfplumber finds in their rectangles."""
    chooser = random.Random(1)
    right, total, without = 0, 0, 0
    wrong: list[str] = []
    for path in sorted((data / "financebench").rglob("*.pdf")):
        document = parse(path.read_bytes(), path.name)
        without += sum(_unplaced(entry, document.text) for entry in document.boxes)
        entries = chooser.sample(document.boxes, min(_SAMPLED_PAGES, len(document.boxes)))
        with pdfplumber.open(path, pages=[entry.page for entry in entries]) as other:
            pages = {page.page_number: page for page in other.pages}
            for entry, (start, end) in _sampled_words(document, entries, chooser):
                page = pages[entry.page]
                found = _text_in(page, _rectangle(entry, start, end, page))
                total += 1
                right += found == document.text[start:end]
                if found != document.text[start:end]:
                    wrong.append(f"{path.stem} page {entry.page}: {document.text[start:end]!r}, there {found!r}")
    print(
        f"{right} of {total} words are the same ({right / total:.2%}); {without} characters have no box on their page"
    )
    print("\n".join(wrong[:30]))


def _unplaced(entry: CharacterBoxes, text: str) -> int:
    """Characters of a page that are not white space and have no box, or one without any width or height."""
    sides = np.frombuffer(entry.boxes, "<u2").reshape(-1, 4)
    flat = (sides[:, 2] <= sides[:, 0]) | (sides[:, 3] <= sides[:, 1])
    own = text[entry.start : entry.start + len(sides)]
    return sum(not character.isspace() and bool(bad) for character, bad in zip(own, flat, strict=True))


def _sampled_words(
    document: ParsedDocument, entries: list[CharacterBoxes], chooser: random.Random
) -> Iterator[tuple[CharacterBoxes, tuple[int, int]]]:
    for entry in entries:
        words = list(_words(document, entry.page))
        for word in chooser.sample(words, min(_SAMPLED_WORDS, len(words))):
            yield entry, word


def _words(document: ParsedDocument, page: int) -> Iterator[tuple[int, int]]:
    start = document.page_starts[page - 1]
    end = document.page_starts[page] if page < len(document.page_starts) else len(document.text)
    return ((start + found.start(), start + found.end()) for found in re.finditer(r"\S+", document.text[start:end]))


def _rectangle(
    entry: CharacterBoxes, start: int, end: int, page: pdfplumber.page.Page
) -> tuple[float, float, float, float]:
    """The rectangle around characters of the text, in points from the top left."""
    sides = np.frombuffer(entry.boxes, "<u2").reshape(-1, 4)[start - entry.start : end - entry.start] / 65535
    (left, top), (right, bottom) = sides[:, :2].min(0).tolist(), sides[:, 2:].max(0).tolist()
    return left * page.width, top * page.height, right * page.width, bottom * page.height


def _text_in(page: pdfplumber.page.Page, rectangle: tuple[float, float, float, float]) -> str:
    """The characters whose middle is in the rectangle, in the order in which pdfplumber has them."""
    left, top, right, bottom = rectangle
    return "".join(
        char["text"]
        for char in page.chars
        if left <= (char["x0"] + char["x1"]) / 2 <= right and top <= (char["top"] + char["bottom"]) / 2 <= bottom
    ).strip()


def awkward(data: Path) -> None:
    """What comes of every file of the inventory."""
    folder = data / "awkward_files"
    rows = [json.loads(line) for line in (folder / "inventory.jsonl").open(encoding="utf-8")]
    outcomes: Counter[str] = Counter()
    stated, differing = 0, []
    slowest = 0.0
    for row in (row for row in rows if row["file"].startswith("pdf/")):
        path = folder / row["file"]
        options = ParseOptions(ocr="off", passwords=(row["password"],) if "password" in row else ())
        begun = time.perf_counter()
        outcome, pages = _outcome(path, options)
        seconds = time.perf_counter() - begun
        slowest = max(slowest, seconds)
        outcomes[outcome] += 1
        expected = row.get("expected", {})
        for wrong in _differences(outcome, pages, expected, needs_password="password" in row):
            stated += 1
            if wrong:
                differing.append(f"{path.name}: {wrong}")
        if seconds > _SLOW_SECONDS:
            print(f"slow: {path.name} {seconds:.1f} s")
    print(outcomes.most_common())
    print(f"slowest {slowest:.2f} s; of {stated} statements of the inventory {len(differing)} differ: {differing}")


def _outcome(path: Path, options: ParseOptions) -> tuple[str, int | None]:
    try:
        document = parse(path.read_bytes(), path.name, options)
    except PinciteError as error:
        found = re.search(r"has no text on its (\d+)", str(error))
        return str(error).replace(repr(path.name), "X").split(";")[0][:60], int(found[1]) if found else None
    except Exception as error:  # a defect, to be counted
        return f"DEFECT {type(error).__name__}", None
    return "read", page_counts(document)[0]


def _differences(
    outcome: str, pages: int | None, expected: dict[str, object], *, needs_password: bool
) -> Iterator[str]:
    """For each statement of the inventory "" or what is different."""
    if needs_password:
        yield "" if "password" not in outcome else outcome
    if "encrypted" in expected and "pages" in expected:
        refused = "encrypted" in outcome
        yield "" if refused <= bool(expected["encrypted"]) else outcome
        if not refused:
            yield "" if pages == expected["pages"] else f"{pages} pages instead of {expected['pages']}"


def main() -> None:
    """Run all parts, or the one that is asked for."""
    parts: dict[str, Callable[[Path], None]] = {
        "contracts": contracts,
        "filings": filings,
        "boxes": boxes,
        "awkward": awkward,
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", choices=parts)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    for name, part in parts.items():
        if asked.only in {None, name}:
            print(f"\n## {name}\n")
            part(asked.data)


if __name__ == "__main__":
    main()
