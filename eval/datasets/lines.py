"""The lines of `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`; errors name the file and the line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, Self, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from corpus.errors import BadInputError

ROLES: Final[Mapping[str, Literal["user", "assistant"]]] = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "agent": "assistant",
    "system": "assistant",
}
_LONGEST_PROPERTY = 60


class _Line(BaseModel):
    # Sets in circulation have numbers as ids; fields that we do not know are what reports group by.
    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, extra="allow")

    def properties(self) -> dict[str, str]:
        """Return the further fields whose values are short enough to group by."""
        found = {name: _property(value) for name, value in (self.model_extra or {}).items()}
        return {name: value for name, value in found.items() if value is not None}


class CorpusLine(_Line):
    """A document in BEIR form."""

    id: str = Field(alias="_id", min_length=1)
    title: str | None = None
    text: str


class EvidenceLine(_Line):
    """Evidence by offsets, by quote or by page; a file's offsets may be another extractor's."""

    doc_id: str
    start: int | None = Field(default=None, ge=0)
    end: int | None = None
    quote: str | None = None
    page: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("evidence needs both start and end, or neither")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError(f"evidence needs start < end, not {self.start}..{self.end}")
        if self.start is None and self.page is None and not (self.quote or "").strip():
            raise ValueError("evidence needs start and end, a quote, or a page")
        return self


class TurnLine(BaseModel):
    """A turn before a question; sets in circulation call who speaks by many names."""

    model_config = ConfigDict(frozen=True)

    role: str = Field(validation_alias=AliasChoices("role", "speaker"))
    text: str

    @field_validator("role")
    @classmethod
    def _known(cls, role: str) -> str:
        if role.casefold() not in ROLES:
            raise ValueError(f"a turn is of one of {', '.join(ROLES)}, not of {role!r}")
        return role.casefold()


class QuestionLine(_Line):
    """A question; a missing or null list is an empty one. `conversation` are the turns before it, the oldest first.

    A `draft` was proposed by a program and not yet reviewed; `held_out` questions are never used for tuning.
    """

    id: str = Field(alias="_id", min_length=1)
    text: str = Field(min_length=1)
    answers: tuple[str, ...] | None = None
    answerable: bool | None = None
    evidence: tuple[EvidenceLine, ...] | None = None
    conversation: tuple[TurnLine, ...] | None = None
    draft: bool = False
    held_out: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.text.strip():
            raise ValueError("the text of the question is blank: write the question")
        if self.answerable is False and self.evidence:
            raise ValueError("answerable is false, but there is evidence: remove one of the two")
        return self


AnyLine = TypeVar("AnyLine", bound=_Line)


def bad_line(path: Path, number: int, problem: object) -> BadInputError:
    """Make an error that names the file and the line, counted from 1."""
    return BadInputError(f"{path}, line {number}: {problem}")


def read_jsonl(path: Path, model: type[AnyLine]) -> Iterator[tuple[int, AnyLine]]:
    """Yield the lines of a JSON Lines file with their numbers; blank lines are skipped."""
    for number, line in _numbered(path):
        try:
            yield number, model.model_validate(json.loads(line))
        except ValidationError as error:
            raise bad_line(path, number, _summary(error)) from error
        except (ValueError, RecursionError) as error:
            raise bad_line(path, number, f"not a JSON object: {error}") from error


def read_qrels(path: Path) -> Iterator[tuple[int, str, str, int]]:
    """Yield line number, question id, document id and grade of every judgement; the header is optional."""
    for position, (number, line) in enumerate(_numbered(path)):
        columns = line.rstrip("\r\n").split("\t")
        if len(columns) != 3:
            raise bad_line(path, number, f"needs query-id, corpus-id and score between tabs, not {line!r}")
        try:
            grade = int(columns[2])
        except ValueError as error:
            if position == 0 and is_heading(columns[2]):
                continue
            raise bad_line(path, number, f"the score must be a whole number, not {columns[2]!r}") from error
        yield number, columns[0], columns[1], grade


def is_heading(column: str) -> bool:
    """Tell whether the last column of a first line is a name: 1.5 is a wrong judgement, and no heading."""
    try:
        float(column)
    except ValueError:
        return bool(column.strip())
    return False


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        raise BadInputError(f"The evaluation set has no file {str(path)!r}: add it, or name another folder")
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise bad_line(path, number, f"not UTF-8: {error}") from error
            if line.strip():
                yield number, line


def _property(value: object) -> str | None:
    """Return a scalar as a text to group by; None for what is no scalar, or too long to name a group."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if 0 < len(text) <= _LONGEST_PROPERTY else None


def _summary(error: ValidationError) -> str:
    return "; ".join(_problem(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())


def _problem(field: str, message: str) -> str:
    said = message.removeprefix("Value error, ")
    return f"{field}: {said}" if field else said
