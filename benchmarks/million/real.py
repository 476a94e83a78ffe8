"""Real passages and questions with their vectors, from evaluation sets in BEIR form: what the million is made from.

Documents are split and embedded as an ingestion does it, with the default model; texts that were met before are left
out. Parts that are there already are not embedded again.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from corpus.types import ParsedDocument
from index.models.catalogue import DEFAULT_EMBEDDER
from index.open_embedder import open_embedder
from index.recipe import DEFAULT_PASSAGE_TOKENS, Recipe
from index.vectors import HalfMatrix, rounded

_PART = 512
_QUESTIONS = 3_000


@dataclass(frozen=True, slots=True)
class RealPassage:
    """A passage as it stands in its document; `document` is unique over the sets."""

    document: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Real:
    """Passages and questions, and a row of float16 for each."""

    passages: list[RealPassage]
    vectors: HalfMatrix
    questions: list[str]
    question_vectors: HalfMatrix


def default_recipe() -> Recipe:
    """What a new home is made with."""
    return Recipe(DEFAULT_EMBEDDER, open_embedder(DEFAULT_EMBEDDER), DEFAULT_PASSAGE_TOKENS)


def prepare(sets: list[Path], work: Path, most: int) -> None:
    """Split, embed and write down everything that `load` reads; at most so many passages, which are by chance."""
    work.mkdir(parents=True, exist_ok=True)
    recipe = default_recipe()
    if not (work / "questions.npy").exists():
        _split(sets, work, recipe)
    texts = [passage.text for passage in _read(work)[:most]]
    parts = []
    for start in range(0, len(texts), _PART):
        path = work / f"part-{start:06d}.npy"
        if not path.exists():
            np.save(path, rounded(recipe.embedder.embed_passages(texts[start : start + _PART])))
            print(f"embedded {min(start + _PART, len(texts))} of {len(texts)}", flush=True)
        parts.append(np.load(path))
    np.save(work / "passages.npy", np.concatenate(parts))


def load(work: Path) -> Real:
    """What `prepare` wrote."""
    questions = json.loads((work / "questions.json").read_text())
    vectors = np.load(work / "passages.npy")
    return Real(_read(work)[: len(vectors)], vectors, questions, np.load(work / "questions.npy"))


def _split(sets: list[Path], work: Path, recipe: Recipe) -> None:
    passages, questions = _passages(sets, recipe), _questions(sets)
    asked = [rounded(recipe.embedder.embed_question(question)) for question in questions]
    (work / "passages.jsonl").write_text("".join(json.dumps(asdict(passage)) + "\n" for passage in passages))
    (work / "questions.json").write_text(json.dumps(questions))
    np.save(work / "questions.npy", np.stack(asked))


def _read(work: Path) -> list[RealPassage]:
    return [RealPassage(**json.loads(line)) for line in (work / "passages.jsonl").read_text().splitlines()]


def _passages(sets: list[Path], recipe: Recipe) -> list[RealPassage]:
    """Those of a document together, the documents in an order by chance."""
    found: dict[str, RealPassage] = {}
    for folder in sets:
        for line in _lines(folder / "corpus.jsonl"):
            document = ParsedDocument(line["text"], "text/plain", line.get("title") or "")
            for span in recipe.spans(document):
                text = span.of(document.text)
                found.setdefault(text, RealPassage(f"{folder.name}/{line['_id']}", document.title, text))
    by_document: dict[str, list[RealPassage]] = {}
    for passage in found.values():
        by_document.setdefault(passage.document, []).append(passage)
    documents = list(by_document.values())
    random.Random(0).shuffle(documents)
    return [passage for document in documents for passage in document]


def _questions(sets: list[Path]) -> list[str]:
    """As many of each set as there are, up to an equal share; in an order by chance."""
    chance = random.Random(0)
    asked: list[str] = []
    for folder in sets:
        texts = list(dict.fromkeys(line["text"] for line in _lines(folder / "queries.jsonl")))
        asked += chance.sample(texts, min(len(texts), _QUESTIONS // len(sets)))
    chance.shuffle(asked)
    return asked


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open() as lines:
        yield from map(json.loads, lines)
