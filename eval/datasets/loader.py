"""Reads an evaluation set in either form, and refuses one whose gold data does not fit its documents."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from corpus.errors import BadInputError
from corpus.text import canonical
from corpus.types import Span
from eval.datasets.folders import documents_folder, files_by_stem, form_of, set_folder
from eval.datasets.lines import ROLES, CorpusLine, EvidenceLine, QuestionLine, bad_line, read_jsonl, read_qrels
from eval.datasets.types import Dataset, Evidence, Form, Question, SetDocument, corpus_digest, questions_digest
from retrieval.types import Turn

Judgements = Mapping[str, Mapping[str, int]]

# Characters of a text that an error message shows.
_SHOWN = 80


def load(name_or_folder: str | Path, form: Form | None = None, drafts: bool = False) -> Dataset:
    """Read the set in a folder, or the built-in one called "sample".

    A folder with both forms is read as BEIR unless `form` says otherwise. Questions that are marked as drafts are
    left out unless `drafts` asks for them. Raises BadInputError, which names file and line.
    """
    folder = set_folder(name_or_folder)
    chosen = form or form_of(folder)
    loaded = _load_beir(folder) if chosen == "beir" else _load_files(folder)
    return loaded if drafts else _without_drafts(loaded)


def _load_beir(folder: Path) -> Dataset:
    documents = _read_corpus(folder / "corpus.jsonl")
    texts = {document.id: str(document.content) for document in documents}
    return _dataset(folder, "beir", documents, _read_questions(folder, texts.keys(), texts))


def _load_files(folder: Path) -> Dataset:
    documents = _read_files(documents_folder(folder))
    present = {document.id for document in documents}
    absent = _ids_of_corpus(folder / "corpus.jsonl") - present
    questions = _read_questions(folder, present | absent, texts={})
    asked = [question for question in questions if not question.documents() & absent]
    left_out = [question.id for question in questions if question.documents() & absent]
    return _dataset(folder, "files", documents, asked, left_out)


def _dataset(
    folder: Path,
    form: Form,
    documents: list[SetDocument],
    questions: list[Question],
    left_out: Collection[str] = (),
) -> Dataset:
    return Dataset(
        name=folder.resolve().name,
        form=form,
        documents=tuple(documents),
        questions=tuple(questions),
        corpus_digest=corpus_digest(documents),
        questions_digest=questions_digest(questions),
        left_out=tuple(left_out),
    )


def _without_drafts(dataset: Dataset) -> Dataset:
    """Leave out what no person has reviewed, so that it never counts unnoticed."""
    reviewed = tuple(question for question in dataset.questions if not question.draft)
    if dataset.questions and not reviewed:
        raise BadInputError(
            f"all {len(dataset.questions)} questions of {dataset.name!r} are drafts: review them and remove"
            ' "draft": true, or ask for them with --drafts'
        )
    left_out = len(dataset.questions) - len(reviewed)
    return replace(dataset, questions=reviewed, questions_digest=questions_digest(reviewed), drafts_left_out=left_out)


def _read_corpus(path: Path) -> list[SetDocument]:
    documents: dict[str, SetDocument] = {}
    for number, line in read_jsonl(path, CorpusLine):
        if line.id in documents:
            raise bad_line(path, number, f"the document id {line.id!r} was there before: ids must be unique")
        documents[line.id] = SetDocument(line.id, line.title or "", line.text, line.properties())
    if not documents:
        raise BadInputError(f"{str(path)!r} has no documents: add a line for each")
    return list(documents.values())


def _ids_of_corpus(path: Path) -> set[str]:
    """Read the ids of a BEIR corpus beside the files; some of its documents may have no file."""
    return {line.id for _, line in read_jsonl(path, CorpusLine)} if path.is_file() else set()


def _read_files(folder: Path) -> list[SetDocument]:
    return [SetDocument(stem, "", path) for stem, path in files_by_stem(folder).items()]


def _read_questions(folder: Path, documents: Collection[str], texts: Mapping[str, str]) -> list[Question]:
    path = folder / "queries.jsonl"
    lines: dict[str, tuple[QuestionLine, tuple[Evidence, ...]]] = {}
    for number, line in read_jsonl(path, QuestionLine):
        if line.id in lines:
            raise bad_line(path, number, f"the question id {line.id!r} was there before: ids must be unique")
        try:
            lines[line.id] = line, tuple(_evidence(one, documents, texts) for one in line.evidence or ())
        except ValueError as error:
            raise bad_line(path, number, error) from error
    if not lines:
        raise BadInputError(f"{str(path)!r} has no questions: add a line for each")
    evidence_documents = {id_: {one.document for one in evidence} for id_, (_, evidence) in lines.items()}
    judgements = _read_judgements(folder / "qrels.tsv", evidence_documents, documents)
    if judgements is None:
        judgements = {id_: dict.fromkeys(named, 1) for id_, named in evidence_documents.items()}
    return [_question(line, evidence, judgements) for line, evidence in lines.values()]


def _question(line: QuestionLine, evidence: tuple[Evidence, ...], judgements: Judgements) -> Question:
    return Question(
        id=line.id,
        text=line.text,
        answers=tuple(line.answers or ()),
        answerable=line.answerable,
        evidence=evidence,
        judgements=judgements.get(line.id, {}),
        properties=line.properties(),
        conversation=tuple(Turn(ROLES[turn.role], turn.text) for turn in line.conversation or ()),
        held_out=line.held_out,
        draft=line.draft,
    )


def _evidence(line: EvidenceLine, documents: Collection[str], texts: Mapping[str, str]) -> Evidence:
    if line.doc_id not in documents:
        raise ValueError(f"the evidence names the document {line.doc_id!r}, which the set does not have")
    if line.doc_id in texts and line.start is not None and line.end is not None:
        return _span_evidence(line, Span(line.start, line.end), texts[line.doc_id])
    if line.page is None and not (line.quote or "").strip():
        raise ValueError("evidence in files needs a quote or a page: offsets of another extractor say nothing")
    return Evidence(line.doc_id, quote=line.quote, page=line.page)


def _span_evidence(line: EvidenceLine, raw: Span, text: str) -> Evidence:
    if line.quote is not None and raw.of(text) != line.quote:
        found, wanted = raw.of(text)[:_SHOWN], line.quote[:_SHOWN]
        raise ValueError(f"the text of {line.doc_id!r} has {found!r} at {raw.start}, not {wanted!r}")
    return Evidence(line.doc_id, canonical_span(text, raw), canonical(raw.of(text)), line.page)


def canonical_span(text: str, raw: Span) -> Span:
    r"""Map a non-empty span of `text` into `canonical(text)`, where every `\r\n` is one character.

    A span that begins or ends between the two gets the whole newline.
    """
    last = raw.end - 1
    return Span(raw.start - text.count("\r\n", 0, raw.start + 1), raw.end - text.count("\r\n", 0, last + 1))


def _read_judgements(
    path: Path, evidence_documents: Mapping[str, Collection[str]], documents: Collection[str]
) -> Judgements | None:
    """Read the grades by question; None without a file: then the documents of the evidence are relevant."""
    if not path.is_file():
        return None
    judgements: dict[str, dict[str, int]] = defaultdict(dict)
    for number, question, document, grade in read_qrels(path):
        if question not in evidence_documents:
            raise bad_line(path, number, f"the question {question!r} is not in queries.jsonl")
        if document not in documents:
            raise bad_line(path, number, f"the document {document!r} is not in the set")
        if document in judgements[question]:
            raise bad_line(path, number, f"{question!r} and {document!r} were judged before: keep one line")
        if grade <= 0 and document in evidence_documents[question]:
            raise bad_line(
                path, number, f"{document!r} is judged irrelevant to {question!r}, whose evidence stands in it"
            )
        judgements[question][document] = grade
    return judgements
