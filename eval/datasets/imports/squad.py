"""SQuAD's JSON, versions 1.1 and 2.0, and the many sets that are published in its form."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import BadInputError
from eval.datasets.imports.write import Imported, new_set, write_lines, write_qrels

_BETWEEN_PARAGRAPHS = "\n\n"
# Characters of a text that an error message shows.
_SHOWN = 80


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


class _Answer(_Part):
    text: str
    answer_start: int = Field(ge=0)


class _Asked(_Part):
    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answers: tuple[_Answer, ...] = ()
    is_impossible: bool = False


class _Paragraph(_Part):
    context: str
    qas: tuple[_Asked, ...]


class _Article(_Part):
    title: str = ""
    paragraphs: tuple[_Paragraph, ...]


class _SquadFile(_Part):
    data: tuple[_Article, ...]


def import_squad(sources: Sequence[Path], folder: Path) -> Imported:
    """Import one or more files: an article becomes a document, its answers become spans of it."""
    documents: dict[str, dict[str, Any]] = {}
    questions: dict[str, dict[str, Any]] = {}
    for source in sources:
        for article in _read(source).data:
            id_ = _free_id(article.title, documents)
            text = _BETWEEN_PARAGRAPHS.join(paragraph.context for paragraph in article.paragraphs)
            documents[id_] = {"_id": id_, "title": article.title, "text": text}
            for place, line in _questions(article, id_, f"{source}, article {article.title!r}"):
                if line["_id"] in questions:
                    raise BadInputError(f"{place}: the question id was there before: ids must be unique")
                questions[line["_id"]] = line
    if not questions:
        raise BadInputError(f"{', '.join(map(str, sources))}: there are no questions in it")
    with new_set(folder) as draft:
        write_lines(draft / "corpus.jsonl", documents.values())
        write_lines(draft / "queries.jsonl", questions.values())
        judgements = {id_: {one["doc_id"]: 1 for one in line["evidence"]} for id_, line in questions.items()}
        write_qrels(draft / "qrels.tsv", judgements)
    return Imported(folder, "beir", len(documents), len(questions))


def _read(path: Path) -> _SquadFile:
    try:
        return _SquadFile.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        raise BadInputError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise BadInputError(f"{path}: {place}: {first['msg']} (SQuAD's form is expected)") from error
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path}: not JSON: {error}") from error


def _free_id(title: str, taken: dict[str, dict[str, Any]]) -> str:
    """Make an id of the title, without white space, which the files of TREC cannot hold."""
    name = "_".join(title.encode("utf-8", "replace").decode().split()) or "article"
    id_, number = name, len(taken)
    while id_ in taken:
        number += 1
        id_ = f"{name}-{number}"
    return id_


def _questions(article: _Article, document: str, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the lines of the questions, and where they stood."""
    offset = 0
    for paragraph in article.paragraphs:
        for asked in paragraph.qas:
            place = f"{where}, question {asked.id!r}"
            if asked.is_impossible == bool(asked.answers):
                raise BadInputError(f"{place}: needs answers, or is_impossible, and not both")
            spans = {_span(answer, paragraph.context, place): answer.text for answer in asked.answers}
            yield (
                place,
                {
                    "_id": asked.id,
                    "text": asked.question,
                    "answers": list(dict.fromkeys(spans.values())),
                    "answerable": not asked.is_impossible,
                    "evidence": [
                        {"doc_id": document, "start": offset + start, "end": offset + end, "quote": quote}
                        for (start, end), quote in spans.items()
                    ],
                },
            )
        offset += len(paragraph.context) + len(_BETWEEN_PARAGRAPHS)


def _span(answer: _Answer, context: str, place: str) -> tuple[int, int]:
    start, end = answer.answer_start, answer.answer_start + len(answer.text)
    if not answer.text:
        raise BadInputError(f"{place}: an answer is empty: remove it, or say is_impossible")
    if context[start:end] != answer.text:
        found, wanted = context[start:end][:_SHOWN], answer.text[:_SHOWN]
        raise BadInputError(f"{place}: the paragraph has {found!r} at answer_start {start}, not {wanted!r}")
    return start, end
