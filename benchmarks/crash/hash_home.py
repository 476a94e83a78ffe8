"""A home that is opened within the process, with an embedder that takes no time: hundreds of rounds in minutes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

from benchmarks.crash.check import Opened
from benchmarks.crash.children import Say
from benchmarks.crash.documents import body, name_of, number_of
from benchmarks.crash.ledger import Step, backup_path
from corpus.errors import BadInputError
from corpus.store import current_version
from index import ingest, shadow_builder
from index.reindex import Reindexer
from index.results import FileResult
from index.tiers import Tiers
from index.verification import Verifier
from tests.index.homes import Home, text_source

# Loaded here, once, or else by every process that is forked.
for _name in ("alembic.command", "alembic.config", "faiss"):
    import_module(_name)

_GROUP_PASSAGES = 5  # few, so that there are many commits
_TIERS = Tiers(flush=16, fan_out=2, approximate=64, bulk=128)  # small, so that every kind of file is made and merged
_LOCK_SECONDS = 20
PASSAGE_TOKENS = 16


@contextmanager
def opened(path: Path) -> Iterator[Home]:
    """The home, with the size of passages that it was last built with."""
    home = Home(path, target_tokens=PASSAGE_TOKENS, tiers=_TIERS)
    try:
        generation = home.keeper.snapshot().generation
        if generation is not None and generation.passage_size["target_tokens"] != PASSAGE_TOKENS:
            home.close()
            home = Home(path, target_tokens=generation.passage_size["target_tokens"], tiers=_TIERS)
        yield home
    finally:
        home.close()


def carry_out(path: Path, plan: list[Step], say: Say) -> None:
    """Carry out the steps in this process; says when each begins, what is acknowledged, and when it is done."""
    ingest._GROUP_PASSAGES = _GROUP_PASSAGES
    shadow_builder._PART_PASSAGES = _GROUP_PASSAGES
    for number, step in enumerate(plan):
        say({"begin": number})
        with opened(path) as home:
            _CARRY_OUT[step.kind](home, step, _acknowledging(number, say))
        say({"done": number})


Acknowledge = Callable[[int, int], None]  # document and `seq`


def _acknowledging(step: int, say: Say) -> Acknowledge:
    return lambda document, seq: say({"acknowledged": step, "document": document, "seq": seq})


def _ingest(home: Home, step: Step, acknowledge: Acknowledge) -> None:
    def on_result(result: FileResult) -> None:
        if result.status not in ("added", "updated") or result.seq is None:
            raise RuntimeError(f"{result.path}: {result.status}, {result.reason}")
        acknowledge(number_of(result.path), result.seq)

    sources = [
        text_source(name_of(number), body(number, revision))
        for number, revision in step.changes.items()
        if revision is not None
    ]
    home.ingester.ingest(sources, "default", on_result, lambda _progress: None, _LOCK_SECONDS)


def _remove(home: Home, step: Step, acknowledge: Acknowledge) -> None:
    for number, document_id in _ids(home, step).items():
        acknowledge(number, home.remover.remove_documents([document_id]))


def _purge(home: Home, step: Step, acknowledge: Acknowledge) -> None:
    ids = _ids(home, step)
    seq = home.purger.purge(list(ids.values()))
    for number in ids:
        acknowledge(number, seq)


def _ids(home: Home, step: Step) -> dict[int, str]:
    """The documents of a step by number, without those that never came, or are gone without that having been said."""
    found = {}
    for number in step.changes:
        with home.database.read() as connection:
            version = current_version(connection, "default", f"text:{name_of(number)}")
        if version is not None:
            found[number] = version.document_id
    return found


def _compact(home: Home, _step: Step, _acknowledge: Acknowledge) -> None:
    home.compactor.compact()


def _backup(home: Home, step: Step, _acknowledge: Acknowledge) -> None:
    home.backup.write(backup_path(home.path, step), lambda _done, _total: None)


def _reindex(home: Home, step: Step, _acknowledge: Acknowledge) -> None:
    (tokens,) = step.passage_tokens
    _reindexer(home, tokens).reindex(lambda _progress: None)


def _rollback(home: Home, _step: Step, _acknowledge: Acknowledge) -> None:
    with suppress(BadInputError):  # nothing was reindexed yet
        _reindexer(home).rollback(lambda _progress: None)


def _reindexer(home: Home, tokens: int | None = None) -> Reindexer:
    return Reindexer(home.path, home.database, home.keeper, home.lock, home.recipes(tokens))


_CARRY_OUT: Mapping[str, Callable[[Home, Step, Acknowledge], None]] = {
    "ingest": _ingest,
    "update": _ingest,
    "remove": _remove,
    "reindex": _reindex,
    "rollback": _rollback,
    "purge": _purge,
    "compact": _compact,
    "backup": _backup,
}


@contextmanager
def opened_to_look(path: Path) -> Iterator[Opened]:
    """The home as `check.look` wants it."""
    with opened(path) as home:
        verifier = Verifier(path, home.database, home.keeper, home.lock, lambda _snapshot: home.embedder)
        verify = partial(verifier.verify, True, lambda _check, _done: None, _LOCK_SECONDS)
        yield Opened(home.database, home.embedder, home.keeper.snapshot(), verify)
