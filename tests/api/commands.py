"""The command line, run as a user runs it: in this process, which is fast, or in one of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from api.cli.main import run
from tests.api.servers import PINCITE, Json, environment


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended and what it wrote."""

    code: int
    stdout: bytes
    errors: str

    @property
    def text(self) -> str:
        return self.stdout.decode()

    def json(self) -> Json:
        """The one object that stdout holds."""
        (found,) = self.json_lines()
        return found

    def json_lines(self) -> list[Json]:
        return [json.loads(line) for line in self.stdout.decode().splitlines()]


def pincite(home: Path, *arguments: str | Path, stdin: bytes = b"", **settings: str) -> Run:
    """Run the entry point in this process; `settings` become variables of the environment."""
    out, errors, given = io.BytesIO(), io.BytesIO(), io.BytesIO(stdin)
    streams = (io.TextIOWrapper(stream, "utf-8", write_through=True) for stream in (out, errors, given))
    stdout, stderr, stdin_ = streams
    with (
        mock.patch.object(sys, "argv", _command(home, arguments)),
        mock.patch.dict(os.environ, environment(home, **settings), clear=True),
        mock.patch.multiple(sys, stdout=stdout, stderr=stderr, stdin=stdin_),
    ):
        try:
            run()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Run(code, out.getvalue(), errors.getvalue().decode())


def pincite_process(
    home: Path, *arguments: str | Path, variables: dict[str, str] | None = None, **settings: str
) -> Run:
    """Run the installed command in a process of its own."""
    command = [PINCITE, *_command(home, arguments)[1:]]
    ended = subprocess.run(
        command,
        env=environment(home, **settings) | (variables or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    return Run(ended.returncode, ended.stdout, ended.stderr.decode())


def _command(home: Path, arguments: Sequence[str | Path]) -> list[str]:
    return ["pincite", "--home", str(home), *map(str, arguments)]
