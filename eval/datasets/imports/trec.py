"""Topics, judgements and documents of a TREC collection."""

from collections.abc import Set
from pathlib import Path

from corpus.errors import BadInputError
from eval.datasets.imports.documents import DocumentFolder
from eval.datasets.imports.judged import copy_corpus, keep_known, left_out
from eval.datasets.imports.write import Imported, new_set, write_lines, write_qrels
from eval.datasets.types import Form
from eval.trec import Qrels, read_qrels, read_topics


def import_trec(topics: Path, qrels: Path, documents: Path, folder: Path) -> Imported:
    """Import the judged topics; `documents` is a corpus.jsonl (BEIR form) or a folder (files form).

    In a folder, judgements name a document by the name or the stem of its file.
    """
    titles = read_topics(topics)
    judged = read_qrels(qrels)
    form: Form = "files" if documents.is_dir() else "beir"
    with new_set(folder) as draft:
        if form == "files":
            found = DocumentFolder.of(documents)
            judged = _by_stem(judged, found)
            found.copy_into(draft)
            ids: Set[str] = found.files.keys()
        else:
            ids = copy_corpus(documents, draft / "corpus.jsonl")
        judgements, notes = keep_known(judged, titles, ids)
        lines = ({"_id": topic, "text": title} for topic, title in titles.items() if topic in judgements)
        questions = write_lines(draft / "queries.jsonl", lines)
        write_qrels(draft / "qrels.tsv", judgements)
    notes += left_out("topics without judgements", [topic for topic in titles if topic not in judged])
    return Imported(folder, form, len(ids), questions, notes)


def _by_stem(qrels: Qrels, documents: DocumentFolder) -> dict[str, dict[str, int]]:
    """Name the documents as our own form does; those without a file keep their names."""
    renamed: dict[str, dict[str, int]] = {}
    for question, grades in qrels.items():
        renamed[question] = {documents.id_of(name) or name: grade for name, grade in grades.items()}
        if len(renamed[question]) < len(grades):
            raise BadInputError(f"the judgements of {question!r} name a file both by its name and by its stem")
    return renamed
