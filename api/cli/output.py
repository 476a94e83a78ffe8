"""Printing: JSON on stdout and nothing beside it, or text and tables for people."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.text import Text

# Escape sequences in documents and file names would be commands to the terminal: shown as pictures, one for one.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout; messages go to stderr.")]


def print_json(value: "BaseModel | Mapping[str, object]") -> None:
    """One object on one line, in UTF-8 whatever the terminal's encoding."""
    text = value.model_dump_json() if hasattr(value, "model_dump_json") else json.dumps(value, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """A table as wide as the terminal; cells are text and never markup."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=styled(title) if title else None, title_justify="left")
    for column in columns:
        table.add_column(styled(column), overflow="fold")
    for row in rows:
        table.add_row(*(styled(cell) for cell in row))
    Console().print(table)


def styled(text: str, style: str = "") -> "Text":
    """Text of a document for the terminal: never markup, nor commands."""
    from rich.text import Text

    return Text(printable(text), style)


def printable(text: str) -> str:
    """`text` with every control character but tab and newline replaced by one that can be seen."""
    return text.translate(_PICTURES)


def note(message: str) -> None:
    """A line for people, on stderr."""
    typer.echo(printable(message), err=True)
