"""The main text of web pages: snippets found and kept out by the HTML reader, beside trafilatura's own settings.

Usage: .venv/bin/python benchmarks/html_extraction.py --data DIR [--misses]. DIR/expected.jsonl has a page a line:
`file`, `must_contain` (snippets of its main text) and `must_not_contain` (navigation, adverts, footers).

As in trafilatura's own evaluation a snippet is sought as it stands: one of the main text that is found is a true
positive, one of the others a false positive; precision, recall and F1 are over the snippets of all pages. Every
setting reads the bytes of every page once, in turn, after a first round that loads what it needs.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from trafilatura import extract

from corpus.errors import UnreadableError
from corpus.parsers import parse


@dataclass(slots=True)
class Score:
    """Snippets and seconds of one way to read pages."""

    found: int = 0
    missed: int = 0
    wrong: int = 0
    pages: int = 0
    seconds: float = 0.0

    @property
    def precision(self) -> float:
        """The share of the snippets found that belong to the main text."""
        return self.found / max(1, self.found + self.wrong)

    @property
    def recall(self) -> float:
        """The share of the main text's snippets that are found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.wrong)


def pincite(data: bytes) -> str:
    """The text that the product indexes."""
    try:
        return parse(data, "page.html").text
    except UnreadableError:
        return ""


def trafilatura(data: bytes, **settings: bool) -> str:
    """The text that trafilatura gives."""
    return extract(data, **settings) or ""  # type: ignore[arg-type] # all of these settings are switches


READERS: dict[str, Callable[[bytes], str]] = {
    "Pincite": pincite,
    "trafilatura": trafilatura,
    "trafilatura, no comments": partial(trafilatura, include_comments=False),
    "trafilatura, fast": partial(trafilatura, include_comments=False, fast=True),
    "trafilatura, precision": partial(trafilatura, include_comments=False, favor_precision=True),
    "trafilatura, recall": partial(trafilatura, include_comments=False, favor_recall=True),
}


def pages_of(data: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The expectations of every page, and its bytes."""
    for line in (data / "expected.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        path = data / entry["file"]
        if path.exists():
            yield entry, path.read_bytes()


def add(score: Score, entry: dict[str, Any], text: str) -> Iterator[str]:
    """Count a page's snippets; what is missed and what should not be there, in words."""
    for snippet in entry["must_contain"]:
        hit = snippet in text
        score.found += hit
        score.missed += not hit
        if not hit:
            yield f"{entry['_id']}: missed {snippet!r}"
    for snippet in entry["must_not_contain"]:
        score.wrong += snippet in text
        if snippet in text:
            yield f"{entry['_id']}: not main text {snippet!r}"


def measure(data: Path) -> tuple[dict[str, Score], list[str]]:
    """The scores of all readers, and what is wrong in the product's own texts."""
    scores = {name: Score() for name in READERS}
    wrong: list[str] = []
    pages = list(pages_of(data))
    for reader in READERS.values():
        reader(pages[0][1])
    for entry, content in pages:
        for name, reader in READERS.items():
            score = scores[name]
            begun = time.perf_counter()
            text = reader(content)
            score.seconds += time.perf_counter() - begun
            score.pages += 1
            problems = list(add(score, entry, text))
            wrong += problems if name == "Pincite" else []
    return scores, wrong


def rows(scores: dict[str, Score]) -> Iterable[str]:
    """The lines of a Markdown table."""
    yield "| reader | precision | recall | F1 | found | missed | wrong | pages/s |"
    yield "|---" * 8 + "|"
    for name, score in scores.items():
        rates = f"{score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f}"
        counts = f"{score.found} | {score.missed} | {score.wrong}"
        yield f"| {name} | {rates} | {counts} | {score.pages / score.seconds:.1f} |"


def main() -> None:
    """Print the table, and with --misses what the product gets wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    scores, wrong = measure(options.data)
    print(*rows(scores), sep="\n")
    if options.misses:
        print("", *wrong, sep="\n- ")


if __name__ == "__main__":
    main()
