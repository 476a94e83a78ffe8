"""A home that is worked on by the command `pincite` with its real models and readers of files."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.crash.check import Opened
from benchmarks.crash.children import Say
from benchmarks.crash.documents import body, name_of, number_of
from benchmarks.crash.ledger import Step
from corpus.errors import PinciteError
from retrieval.assemble import open_service
from retrieval.settings import Settings

PASSAGE_TOKENS = 32
_COMMAND = Path(sys.executable).with_name("pincite")

Acknowledge = Callable[[int, int], None]  # document and `seq`


class CommandError(PinciteError):
    """A command that failed: its exit code and what it said."""


class UnclearError(Exception):
    """A command that failed with something else than a line and its exit code."""


def carry_out(home: Path, plan: list[Step], say: Say) -> None:
    """Carry out each step by a process of its own."""
    tokens = PASSAGE_TOKENS if not home.exists() else _passage_tokens(home)
    for number, step in enumerate(plan):
        say({"begin": number})
        tokens = step.passage_tokens or tokens
        for row in _CARRY_OUT[step.kind](_Pincite(home, tokens), step):
            document = number_of(Path(row["path"]).name)
            say({"acknowledged": number, "document": document, "seq": row["seq"]})
        say({"done": number})


class _Pincite:
    """The command with the settings of a home."""

    def __init__(self, home: Path, passage_tokens: int) -> None:
        self.home = home
        self._environment = {**os.environ, "PINCITE_HOME": str(home), "PINCITE_PASSAGE_TOKENS": str(passage_tokens)}

    def rows(self, *arguments: str) -> Iterator[dict[str, Any]]:
        """The rows that a command prints, as it prints them. Raises CommandError when it fails."""
        command = [str(_COMMAND), *arguments, "--json"]
        process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if process.stdout is None or process.stderr is None:
            raise AssertionError("pipes were asked for")
        failed = []
        for line in process.stdout:
            row = json.loads(line)
            if row.get("status") == "failed":
                failed.append(row["reason"])
            else:
                yield row
        said, code = process.stderr.read(), process.wait()
        if code == -signal.SIGKILL:  # at its own call to the disk; so all of the work ends here
            os.kill(os.getpid(), signal.SIGKILL)
        if "Traceback" in said or code not in (0, 1, 3) or (code == 1 and not failed):
            raise UnclearError(f"{arguments[0]} ended with {code}: {said}")
        if code:
            raise CommandError(f"{arguments[0]} ended with {code}: {failed or said}")


def _ingest(pincite: _Pincite, step: Step) -> Iterator[dict[str, Any]]:
    folder = pincite.home.parent.parent / "files"
    folder.mkdir(exist_ok=True)
    files = []
    for number, revision in step.changes.items():
        if revision is not None:
            files.append(folder / f"{name_of(number)}.txt")
            files[-1].write_text(body(number, revision))
    return pincite.rows("ingest", *map(str, files))


def _remove(pincite: _Pincite, step: Step) -> Iterator[dict[str, Any]]:
    ids = {row["external_id"]: row["id"] for row in pincite.rows("documents", "list")}
    there = {ids[name]: name for name in map(name_of, step.changes) if name in ids}
    for row in pincite.rows("documents", "remove", *there) if there else ():
        yield {**row, "path": there[row["document_id"]]}


def _reindex(pincite: _Pincite, _step: Step) -> Iterator[dict[str, Any]]:
    list(pincite.rows("reindex"))
    return iter(())


_CARRY_OUT: Mapping[str, Callable[[_Pincite, Step], Iterator[dict[str, Any]]]] = {
    "ingest": _ingest,
    "update": _ingest,
    "remove": _remove,
    "reindex": _reindex,
}


def _passage_tokens(home: Path) -> int:
    """The size of passages that the home was last built with."""
    with open_service(Settings(home=home)) as service:
        generation = service.library.snapshot().generation
    return PASSAGE_TOKENS if generation is None else generation.passage_size["target_tokens"]


@contextmanager
def opened_to_look(home: Path) -> Iterator[Opened]:
    """The home as `check.look` wants it."""
    with open_service(Settings(home=home, passage_tokens=_passage_tokens(home))) as service:
        snapshot = service.library.snapshot()
        yield Opened(service.database, service.engines.embedder(snapshot), snapshot)
