"""A home that is worked on by the command `pincite` with its real models and readers of files."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.crash.check import Opened
from benchmarks.crash.children import Say
from benchmarks.crash.documents import body, name_of, number_of
from benchmarks.crash.ledger import Step, backup_path
from corpus.errors import PinciteError
from retrieval.assemble import open_service
from retrieval.settings import Settings

_COMMAND = Path(sys.executable).with_name("pincite")

Acknowledge = Callable[[int, int], None]  # document and `seq`


class CommandError(PinciteError):
    """A command that failed: its exit code and what it said."""


class UnclearError(Exception):
    """A command that failed with something else than a line and its exit code."""


def carry_out(home: Path, plan: list[Step], say: Say) -> None:
    """Carry out each step by a process of its own."""
    for number, step in enumerate(plan):
        say({"begin": number})
        for row in _CARRY_OUT[step.kind](_Pincite(home), step):
            document = number_of(Path(row["path"]).name)
            say({"acknowledged": number, "document": document, "seq": row["seq"]})
        say({"done": number})


class _Pincite:
    """The command for one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def make(self) -> None:
        """Make the home where there is none, for commands that refuse to."""
        list(self.rows("status"))

    def rows(self, *arguments: str, **settings: str) -> Iterator[dict[str, Any]]:
        """The rows that a command prints, as it prints them. Raises CommandError when it fails."""
        command = [str(_COMMAND), *arguments, "--json"]
        environment = {**os.environ, "PINCITE_HOME": str(self.home), **settings}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
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
    purging = ("--purge",) if step.kind == "purge" else ()
    for row in pincite.rows("documents", "remove", *purging, *there) if there else ():
        yield {**row, "path": there[row["document_id"]]}


def _compact(pincite: _Pincite, _step: Step) -> Iterator[dict[str, Any]]:
    pincite.make()
    list(pincite.rows("compact"))
    return iter(())


def _backup(pincite: _Pincite, step: Step) -> Iterator[dict[str, Any]]:
    pincite.make()
    list(pincite.rows("backup", str(backup_path(pincite.home, step))))
    return iter(())


def _reindex(pincite: _Pincite, step: Step) -> Iterator[dict[str, Any]]:
    (tokens,) = step.passage_tokens
    list(pincite.rows("reindex", PINCITE_PASSAGE_TOKENS=str(tokens)))
    return iter(())


_CARRY_OUT: Mapping[str, Callable[[_Pincite, Step], Iterator[dict[str, Any]]]] = {
    "ingest": _ingest,
    "update": _ingest,
    "remove": _remove,
    "purge": _remove,
    "compact": _compact,
    "backup": _backup,
    "reindex": _reindex,
}


@contextmanager
def opened_to_look(home: Path) -> Iterator[Opened]:
    """The home as `check.look` wants it."""
    with open_service(Settings(home=home)) as service:
        snapshot = service.library.snapshot()
        yield Opened(service.database, service.engines.embedder(snapshot), snapshot, partial(service.verify, True))
