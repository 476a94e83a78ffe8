"""What is wrong with a file that somebody wrote, in one line."""

from pydantic import ValidationError

from corpus.errors import BadInputError


def problem_of(error: ValidationError | BadInputError) -> str:
    """Our own message, or pydantic's first problem: its place ("the file" where the whole is meant) and its message."""
    if isinstance(error, BadInputError):
        return str(error)
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
