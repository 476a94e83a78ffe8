"""What the forms with judgements by document share: BEIR's and TREC's."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from pathlib import Path

from corpus.errors import BadInputError
from eval.datasets.imports.write import write_lines
from eval.datasets.lines import CorpusLine, bad_line, read_jsonl


def copy_corpus(source: Path, copy: Path) -> Set[str]:
    """Copy a corpus line by line with all its fields, and give the ids of its documents."""
    ids: set[str] = set()
    write_lines(copy, _corpus_lines(source, ids))
    if not ids:
        raise BadInputError(f"{str(source)!r} has no documents: add a line for each")
    return ids


def keep_known(
    qrels: Mapping[str, Mapping[str, int]], questions: Collection[str], documents: Collection[str]
) -> tuple[dict[str, dict[str, int]], tuple[str, ...]]:
    """Keep the judgements of known questions on known documents; the notes tell what went.

    Judgements in circulation often cover a larger corpus than the one at hand.
    """
    asked = {question: grades for question, grades in qrels.items() if question in questions}
    known = {
        question: {document: grade for document, grade in grades.items() if document in documents}
        for question, grades in asked.items()
    }
    kept = {question: grades for question, grades in known.items() if grades}
    if not kept:
        raise BadInputError(
            "no judgement is on a question and a document that are there: do the files belong together?"
        )
    unknown = [document for grades in asked.values() for document in grades if document not in documents]
    return kept, (
        *left_out("judged questions without a text", [question for question in qrels if question not in asked]),
        *left_out("judgements on documents that are not there (recall counts the others only)", unknown),
        *left_out("questions judged on such documents only", [question for question in asked if question not in kept]),
    )


def left_out(what: str, ids: Sequence[str]) -> tuple[str, ...]:
    """Make a note of what was left out; none where nothing was."""
    return (f"left out {what}: {len(ids)}, such as {ids[0]!r}",) if ids else ()


def _corpus_lines(source: Path, ids: set[str]) -> Iterator[Mapping[str, object]]:
    """Yield the lines, and note the ids that went by."""
    for number, line in read_jsonl(source, CorpusLine):
        if line.id in ids:
            raise bad_line(source, number, f"the document id {line.id!r} was there before: ids must be unique")
        ids.add(line.id)
        yield line.model_dump(by_alias=True, exclude_unset=True)
