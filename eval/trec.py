"""TREC's forms as trec_eval reads them: runs, judgements, topics; and the scores of a run.

Columns are separated by ASCII white space. Files may be compressed (`.gz`). Errors name file and line.
"""

import gzip
import math
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from corpus.errors import BadInputError
from corpus.files import write_output
from eval.datasets.lines import bad_line, is_heading
from eval.metrics.documents import document_scores, trec_ranking

Run = Mapping[str, Mapping[str, float]]
Qrels = Mapping[str, Mapping[str, int]]

# Characters of a text that an error message shows.
_SHOWN = 80
_BOM = b"\xef\xbb\xbf"
# What would be read as something else: separators, nothing at all, a byte order mark; or is no UTF-8.
_UNWRITABLE = re.compile("[ \t\n\r\v\f\ud800-\udfff]|^\ufeff|^$")
_BLOCK = re.compile(r"<top>(.*?)(?=<top>|\Z)", re.DOTALL | re.IGNORECASE)
_FIELD = re.compile(r"<(num|title)>\s*(?:Number:|Topic:)?(.*?)(?=</?[a-z]+>|\Z)", re.DOTALL | re.IGNORECASE)


def read_run(path: Path) -> dict[str, dict[str, float]]:
    """Read `question Q0 document rank score tag`; the order comes from the scores, the ranks say nothing."""
    run: dict[str, dict[str, float]] = defaultdict(dict)
    for number, line in _filled_lines(path):
        columns = line.split()
        if len(columns) != 6:
            wanted = "question, Q0, document, rank, score and tag"
            raise bad_line(path, number, f"a run needs six columns, {wanted}, not {len(columns)}")
        question, document = (_decoded(path, number, columns[place]) for place in (0, 2))
        if document in run[question]:
            raise bad_line(path, number, f"{document!r} was found for {question!r} before: keep one line")
        run[question][document] = _score(path, number, columns[4])
    if not run:
        raise BadInputError(f"{str(path)!r} is empty: a run needs a line for every document that was found")
    return dict(run)


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read `question iteration document grade`, or three columns between tabs, below an optional header."""
    qrels: dict[str, dict[str, int]] = defaultdict(dict)
    for number, question, document, raw_grade in _judgement_lines(path):
        grade = _whole_number(raw_grade)
        if grade is None:
            raise bad_line(path, number, f"the grade must be a whole number, not {raw_grade!r}")
        if document in qrels[question]:
            raise bad_line(path, number, f"{question!r} and {document!r} were judged before: keep one line")
        qrels[question][document] = grade
    if not qrels:
        raise BadInputError(f"{str(path)!r} has no judgements: add a line for each")
    return dict(qrels)


def read_topics(path: Path) -> dict[str, str]:
    """Read the questions by id: the titles of `<top>` blocks, or lines of an id, a tab and a text."""
    text = "".join(_decoded(path, number, line) for number, line in _lines(path))
    found = _classic_topics(path, text) if text.lstrip()[:5].lower() == "<top>" else _tabbed_topics(path, text)
    topics: dict[str, str] = {}
    for number, topic, title in found:
        if topic in topics:
            raise bad_line(path, number, f"the topic {topic!r} was there before: ids must be unique")
        topics[topic] = title
    if not topics:
        raise BadInputError(f"{str(path)!r} has no topics: add a line for each")
    return topics


def write_run(path: Path, run: Run, tag: str = "pincite") -> None:
    """Write a run in the order in which trec_eval ranks it; a question that found nothing has no line.

    Raises BadInputError for ids that no run can hold, and where the file cannot be written.
    """
    name = _checked(tag)
    lines = (line for question, scores in run.items() for line in _run_lines(_checked(question), scores, name))
    data = "".join(lines).encode()
    write_output(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def score_run(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """Score every question with a relevant document; one that is missing from the run scores 0."""
    scored: dict[str, dict[str, float]] = {}
    for question, judgements in qrels.items():
        scores = document_scores(trec_ranking(run.get(question, {})), judgements)
        applying = {name: value for name, value in scores.items() if value is not None}
        if applying:
            scored[question] = applying
    return scored


def unjudged_questions(run: Run, qrels: Qrels) -> list[str]:
    """List the questions of the run that have no judgements, which `score_run` passes over."""
    return [question for question in run if question not in qrels]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line.removeprefix(_BOM) if number == 1 else line
    except (OSError, EOFError, zlib.error) as error:
        raise BadInputError(f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _filled_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in _lines(path) if line.strip())


def _decoded(path: Path, number: int, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise bad_line(path, number, f"not UTF-8: {error}") from error


def _score(path: Path, number: int, raw: bytes) -> float:
    try:
        # Python alone reads 1_000 as a number.
        score = math.nan if b"_" in raw else float(raw)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise bad_line(path, number, f"the score must be a finite number, not {raw.decode(errors='replace')!r}")
    return score


def _judgement_lines(path: Path) -> Iterator[tuple[int, str, str, str]]:
    for position, (number, line) in enumerate(_filled_lines(path)):
        # Between tabs an id may hold blanks, as names of files do.
        tabbed = _decoded(path, number, line).rstrip("\r\n").split("\t")
        if len(tabbed) == 3:
            if position > 0 or not is_heading(tabbed[2]):
                yield number, tabbed[0], tabbed[1], tabbed[2]
            continue
        columns = [column.decode() for column in line.split()]
        if len(columns) != 4:
            wanted = "question, iteration, document and grade, or three of them between tabs"
            raise bad_line(path, number, f"judgements need four columns, {wanted}, not {len(columns)}")
        yield number, columns[0], columns[2], columns[3]


def _whole_number(raw: str) -> int | None:
    try:
        return int(raw)
    except ValueError:
        return None


def _classic_topics(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    for block in _BLOCK.finditer(text):
        number = text.count("\n", 0, block.start()) + 1
        fields = [(name.lower(), " ".join(value.split())) for name, value in _FIELD.findall(block[1])]
        found = dict(fields)
        if len(fields) != 2 or not found.get("num") or not found.get("title"):
            raise bad_line(path, number, "a topic needs one <num> and one <title>")
        yield number, found["num"], found["title"]


def _tabbed_topics(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        columns = [column.strip() for column in line.split("\t")]
        if line.strip() and (len(columns) != 2 or not all(columns)):
            shown = line[:_SHOWN]
            raise bad_line(path, number, f"needs an id, a tab and a text (or the file <top> blocks), not {shown!r}")
        if line.strip():
            yield number, columns[0], columns[1]


def _run_lines(question: str, scores: Mapping[str, float], tag: str) -> Iterator[str]:
    for rank, document in enumerate(trec_ranking(scores), 1):
        yield f"{question} Q0 {_checked(document)} {rank} {_finite(scores[document])!r} {tag}\n"


def _checked(name: str) -> str:
    if _UNWRITABLE.search(name):
        raise BadInputError(f"{name!r} cannot stand in a run: ids and tags must be UTF-8 without white space")
    return name


def _finite(score: float) -> float:
    if not math.isfinite(score):
        raise BadInputError(f"a score in a run must be a finite number, not {score!r}")
    return float(score)
