"""An evaluation set as values."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from corpus.types import Span
from retrieval.types import Turn

Form = Literal["beir", "files"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a document of the set supports an answer.

    `span` counts in the canonical text and `quote` is its slice (BEIR form). Without a span, the quote is
    still to be found in the text that we extract (`eval.evidence`). `page` counts from 1.
    """

    document: str
    span: Span | None = None
    quote: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its gold answers, evidence and graded documents.

    `answerable` is None where the set does not say. `judgements` maps a document to its grade; above 0 is
    relevant. `properties` are further fields, by which reports group questions. `conversation` are the turns before it.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    answerable: bool | None
    evidence: tuple[Evidence, ...]
    judgements: Mapping[str, int]
    properties: Mapping[str, str] = field(default_factory=dict)
    conversation: tuple[Turn, ...] = ()
    held_out: bool = False
    draft: bool = False

    def documents(self) -> set[str]:
        """Collect every document that the evidence or the judgements name."""
        return {evidence.document for evidence in self.evidence} | set(self.judgements)


@dataclass(frozen=True, slots=True)
class SetDocument:
    """A document to ingest: a text (BEIR form) or a file."""

    id: str
    title: str
    content: str | Path
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The ending of a file's name, or "text"."""
        return self.content.suffix.lstrip(".").lower() if isinstance(self.content, Path) else "text"

    def digest(self) -> str:
        """Hash what is ingested with SHA-256: the bytes of a file, or the title and the text."""
        if isinstance(self.content, Path):
            return _file_digest(self.content)
        return _sha256(f"{self.title}\0{self.content}")


@dataclass(frozen=True, slots=True)
class Dataset:
    """An evaluation set.

    `corpus_digest` is a SHA-256 over the sorted (id, content digest) of the documents, `questions_digest` one over
    the questions with their gold data. `left_out` are questions about documents that the set has as text but not as
    files; `drafts_left_out` counts drafts that nobody asked for.
    """

    name: str
    form: Form
    documents: tuple[SetDocument, ...]
    questions: tuple[Question, ...]
    corpus_digest: str
    questions_digest: str
    left_out: tuple[str, ...] = ()
    drafts_left_out: int = 0


def corpus_digest(documents: Iterable[SetDocument]) -> str:
    """Hash ids and contents: the digest does not depend on the order of the documents."""
    return _sha256("\n".join(sorted(f"{document.id}\0{document.digest()}" for document in documents)))


def questions_digest(questions: Iterable[Question]) -> str:
    """Hash what is asked and what is right; neither the order of the questions nor their properties count."""
    return _sha256("\n".join(sorted(map(_gold_json, questions))))


def _gold_json(question: Question) -> str:
    gold = asdict(question)
    for name in ("properties", "held_out", "draft"):
        del gold[name]
    if not question.conversation:
        del gold["conversation"]  # a set without any keeps the digest that it had before there were some
    return json.dumps(gold, sort_keys=True)


def sample(questions: Sequence[Question], limit: int | None, seed: int) -> tuple[Question, ...]:
    """Choose a fixed sample in the order of the set; a larger `limit` keeps the questions of a smaller."""
    if limit is None or limit >= len(questions):
        return tuple(questions)
    chosen = sorted(questions, key=lambda question: _sha256(f"{seed}\0{question.id}"))[:limit]
    kept = {question.id for question in chosen}
    return tuple(question for question in questions if question.id in kept)


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        # Ingesting reports it; a set with one unreadable file can still be run.
        return "unreadable"


def _sha256(text: str) -> str:
    # Lone surrogates can come out of JSON escapes; strict UTF-8 would refuse them.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
