"""A BEIR folder as they are in circulation: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv` and the other splits."""

from collections.abc import Collection
from pathlib import Path

from corpus.errors import BadInputError
from eval.datasets.imports.judged import copy_corpus, keep_known
from eval.datasets.imports.write import Imported, new_set, write_lines, write_qrels
from eval.datasets.lines import QuestionLine, bad_line, read_jsonl
from eval.trec import read_qrels


def import_beir(source: Path, folder: Path, split: str = "test") -> Imported:
    """Import the corpus, and the questions that are judged in the split, with all their fields."""
    qrels = read_qrels(_qrels_file(source, split))
    lines = _judged_questions(source / "queries.jsonl", qrels)
    with new_set(folder) as draft:
        documents = copy_corpus(source / "corpus.jsonl", draft / "corpus.jsonl")
        judgements, notes = keep_known(qrels, lines, documents)
        kept = (line for question, line in lines.items() if question in judgements)
        questions = write_lines(
            draft / "queries.jsonl", (line.model_dump(by_alias=True, exclude_unset=True) for line in kept)
        )
        write_qrels(draft / "qrels.tsv", judgements)
    return Imported(folder, "beir", len(documents), questions, notes)


def _judged_questions(path: Path, judged: Collection[str]) -> dict[str, QuestionLine]:
    lines: dict[str, QuestionLine] = {}
    for number, line in read_jsonl(path, QuestionLine):
        if line.id in lines:
            raise bad_line(path, number, f"the question id {line.id!r} was there before: ids must be unique")
        if line.id in judged:
            lines[line.id] = line
    return lines


def _qrels_file(source: Path, split: str) -> Path:
    path = source / "qrels" / f"{split}.tsv"
    if not path.is_file():
        splits = ", ".join(sorted(other.stem for other in path.parent.glob("*.tsv"))) or "none"
        raise BadInputError(f"there are no judgements {str(path)!r}; the splits of the set are: {splits}")
    return path
