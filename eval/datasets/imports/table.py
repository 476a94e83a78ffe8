"""A table of questions as people keep them in a spreadsheet (CSV), and the folder of their documents."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import BadInputError
from eval.datasets.imports.documents import DocumentFolder
from eval.datasets.imports.write import Imported, new_set, write_lines, write_qrels
from eval.datasets.lines import bad_line

_BETWEEN = "|"
_FLAGS = ("draft", "held_out")
_READ = frozenset({"id", "question", "answer", "expected_answer", "document", "quote", "page", "answerable", *_FLAGS})
# Fields of `queries.jsonl` that a further column would overwrite.
_WRITTEN = frozenset({"_id", "text", "answers", "evidence"})
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of a row by column, without blanks at their ends; `number` is its first line."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def error(self, problem: str) -> BadInputError:
        return bad_line(self.path, self.number, problem)

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")

    def parts(self, column: str) -> list[str]:
        parts = (part.strip() for part in self.cell(column).split(_BETWEEN))
        return list(dict.fromkeys(part for part in parts if part))


def import_table(table: Path, documents: Path, folder: Path) -> Imported:
    """Import a table with the columns question, answer (or expected_answer) and document.

    Further columns are optional: id, quote, page, answerable, draft, held_out; all others become fields of the
    question.
    """
    found = DocumentFolder.of(documents)
    lines: dict[str, dict[str, Any]] = {}
    judgements: dict[str, dict[str, int]] = {}
    for position, row in enumerate(_read(table), 1):
        id_ = row.cell("id") or f"q{position}"
        if id_ in lines:
            raise row.error(f"the question id {id_!r} was there before: ids must be unique")
        about = [_known_document(row, name, found) for name in row.parts("document")]
        lines[id_] = _question(row, id_, about)
        judgements[id_] = dict.fromkeys(about, 1)
    if not lines:
        raise BadInputError(f"{str(table)!r} has no questions: add a row for each")
    with new_set(folder) as draft:
        found.copy_into(draft)
        write_lines(draft / "queries.jsonl", lines.values())
        write_qrels(draft / "qrels.tsv", judgements)
    return Imported(folder, "files", len(found.files), len(lines))


def _question(row: _Row, id_: str, about: list[str]) -> dict[str, Any]:
    if not row.cell("question"):
        raise row.error("the question is empty")
    extra = {column: value for column, value in row.cells.items() if value and column not in _READ}
    return {
        **extra,
        "_id": id_,
        "text": row.cell("question"),
        "answers": row.parts("answer") or row.parts("expected_answer"),
        "answerable": _answerable(row),
        "evidence": _evidence(row, about),
        **{column: True for column in _FLAGS if _is_yes(row, column, default=False)},
    }


def _answerable(row: _Row) -> bool:
    answerable = _is_yes(row, "answerable", default=True)
    has_answer = any(row.cell(column) for column in ("answer", "expected_answer", "document"))
    if answerable and not has_answer:
        raise row.error("has neither answer nor document: fill one in, or write false in a column answerable")
    if not answerable and (row.cell("quote") or row.cell("page")):
        raise row.error("answerable is false, but there is a quote or a page: remove one of the two")
    return answerable


def _is_yes(row: _Row, column: str, default: bool) -> bool:
    said = row.cell(column).lower()
    if said and said not in _YES_NO:
        raise row.error(f"{column} must be true or false, not {said!r}")
    return _YES_NO.get(said, default)


def _evidence(row: _Row, about: list[str]) -> list[dict[str, Any]]:
    quote, page = row.cell("quote"), row.cell("page")
    if not quote and not page:
        return []
    if len(about) != 1:
        raise row.error(f"a quote or page belongs to one document, and the row names {len(about)}")
    if page and not (page.isdecimal() and int(page) > 0):
        raise row.error(f"the page must be a whole number from 1, not {page!r}")
    return [{"doc_id": about[0]} | ({"quote": quote} if quote else {}) | ({"page": int(page)} if page else {})]


def _known_document(row: _Row, name: str, documents: DocumentFolder) -> str:
    document = documents.id_of(name)
    if document is None:
        raise row.error(f"no file in {str(documents.folder)!r} is called {name!r}")
    return document


def _read(path: Path) -> Iterator[_Row]:
    columns: list[str] | None = None
    for line, cells in _filled_rows(path):
        if columns is None:
            columns = _checked_header(path, line, [cell.lower() for cell in cells])
            continue
        if len(cells) != len(columns):
            raise bad_line(path, line, f"has {len(cells)} cells, and the header has {len(columns)}")
        named = list(zip(columns, cells, strict=True))
        if any(cell for column, cell in named if not column):
            raise bad_line(path, line, "has a cell below a column without a name: name it, or empty the cell")
        yield _Row(path, line, dict(named))


def _filled_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, stripped, and the line that each begins on."""
    # Strict, for a quote that is not closed would otherwise swallow all rows below it.
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error as error:
        raise bad_line(path, line, f"not CSV: {error}") from error


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    try:
        # Spreadsheets put a byte order mark in front.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise bad_line(path, number, f"not UTF-8: {error.reason}; save the table as CSV in UTF-8") from error


def _checked_header(path: Path, line: int, columns: list[str]) -> list[str]:
    if "question" not in columns:
        found = ", ".join(map(repr, columns))
        raise bad_line(path, line, f"the header needs a column 'question', and commas between columns; it has {found}")
    twice = [column for column in columns if column and columns.count(column) > 1]
    if twice:
        raise bad_line(path, line, f"the column {twice[0]!r} is there twice: rename one of them")
    if {"answer", "expected_answer"} <= set(columns):
        raise bad_line(path, line, "there are both answer and expected_answer: rename one of them")
    for column in sorted(_WRITTEN.intersection(columns)):
        raise bad_line(path, line, f"the column {column!r} has the name of a field of our own: rename it")
    return columns
