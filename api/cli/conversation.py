"""The turns before a question, from a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import BadInputError

if TYPE_CHECKING:
    from api.schemas import TurnBody


def read_conversation(path: Path) -> "list[TurnBody]":
    """The turns in a file, `-` for stdin. Raises BadInputError when it cannot be read or is no list of turns."""
    from pydantic import TypeAdapter, ValidationError

    from api.schemas import TurnBody
    from corpus.validation import problem_of

    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise BadInputError(f"the conversation {str(path)!r} cannot be read: {error.strerror}") from error
    try:
        return TypeAdapter(list[TurnBody]).validate_json(data)
    except ValidationError as error:
        form = '[{"role": "user", "text": "..."}, {"role": "assistant", "text": "..."}]'
        raise BadInputError(
            f"{str(path)!r} is no conversation ({problem_of(error)}); it has to be a JSON list: {form}"
        ) from error
