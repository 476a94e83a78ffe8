"""Run files: a run as JSON, written by `pincite eval run` and read by everything that looks at runs."""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.errors import BadInputError
from corpus.files import write_output
from corpus.validation import problem_of
from eval.records import FORMAT, QuestionResult, RunResult


def run_json(run: RunResult) -> bytes:
    """Write a run as one JSON object in UTF-8."""
    return _runs().dump_json(run)


def write_run(run: RunResult, path: Path) -> None:
    """Write a run file, whole or not at all. Raises BadInputError where that is not possible."""
    write_output(path, run_json(run))


def read_run(path: Path) -> RunResult:
    """Read a run file. Raises BadInputError when it is no run file, or one of another version of Pincite."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    try:
        run = _runs().validate_json(data)
    except ValidationError as error:
        raise BadInputError(
            f"{str(path)!r} is no run file (made by `pincite eval run ... --json > FILE`): {problem_of(error)}"
        ) from error
    if run.format != FORMAT:
        raise BadInputError(
            f"{str(path)!r} has format {run.format}, this version of Pincite reads {FORMAT}: run the set again"
        )
    return run


def question_json(result: QuestionResult) -> bytes:
    """Write the result of one question as one line."""
    return _questions().dump_json(result)


def read_question(line: bytes) -> QuestionResult:
    """Read a line of `question_json`. Raises ValueError when it is none."""
    return _questions().validate_json(line)


@cache
def _runs() -> TypeAdapter[RunResult]:
    return TypeAdapter(RunResult)


@cache
def _questions() -> TypeAdapter[QuestionResult]:
    return TypeAdapter(QuestionResult)
