"""Writes drafts as an evaluation set in files form, where no set is yet."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from corpus.errors import BadInputError
from corpus.files import write_durably
from eval.drafting.types import Draft

_FILES_OF_SETS = ("queries.jsonl", "set.json", "corpus.jsonl", "qrels.tsv")


def check_free(out: Path, documents: Path) -> None:
    """Refuse a folder that holds a set: somebody may have reviewed it. Raises BadInputError.

    Refuse one among the documents, too: there, the files of the set would become documents of it.
    """
    for name in _FILES_OF_SETS:
        if (out / name).exists():
            raise BadInputError(f"{str(out / name)!r} is there already and is not overwritten: name another folder")
    if out.exists() and not out.is_dir():
        raise BadInputError(f"{str(out)!r} is a file: name a folder for the set")
    if out.resolve().is_relative_to(documents.resolve()):
        raise BadInputError(f"{str(out)!r} lies in the folder of the documents: name a folder outside of it")


def write_set(out: Path, documents: Path, drafts: Iterable[Draft], drafted_by: str) -> None:
    """Write `set.json` and `queries.jsonl`. Raises BadInputError when the folder cannot be written."""
    description = {"documents": _path_from(out.resolve(), documents.resolve())}
    lines = [json.dumps(_line(draft, drafted_by), ensure_ascii=False) + "\n" for draft in drafts]
    try:
        write_durably(out / "set.json", json.dumps(description).encode() + b"\n")
        # Last, for it makes the folder a set. Lone surrogates in names of files become the escapes of JSON.
        write_durably(out / "queries.jsonl", "".join(lines).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise BadInputError(f"{str(out)!r} cannot be written: {error.strerror}") from error


def _path_from(out: Path, documents: Path) -> str:
    """A path that stays right when a folder with both is moved; an absolute one when they have none of their own."""
    near = documents.is_relative_to(out.parent)
    return os.path.relpath(documents, out) if near else str(documents)


def _line(draft: Draft, drafted_by: str) -> dict[str, object]:
    evidence: dict[str, object] = {"doc_id": draft.document, "quote": draft.quote}
    if draft.page is not None:
        evidence["page"] = draft.page
    return {
        "_id": _id(draft),
        "text": draft.text,
        "answers": [draft.answer],
        "answerable": True,
        "evidence": [evidence],
        "kind": draft.kind,
        "draft": True,
        "drafted_by": drafted_by,
    }


def _id(draft: Draft) -> str:
    """Name a draft by what it asks and where the answer stands, so that it has the same name in every set."""
    content = "\0".join((draft.document, draft.text, draft.quote))
    return f"draft-{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
