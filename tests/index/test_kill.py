"""Writers are killed at any moment: what they reported stands, the rest is whole or not there, and goes on later."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from corpus.database import current_seq
from corpus.store import count_in_force, text_of, versions_in_force
from corpus.tables import passages
from index.tables import vectors
from tests.index.homes import Home, open_home, text_source

ROOT = Path(__file__).resolve().parents[2]
FILES = 120
ROUNDS = 8

_INGEST = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from index import ingest
from tests.index.homes import open_home
from tests.index.test_kill import sources
ingest._GROUP_PASSAGES = 5
with open_home(Path(sys.argv[1])) as home:
    print("open", flush=True)
    home.ingester.ingest(
        sources(), "default", lambda result: print(json.dumps(asdict(result)), flush=True), lambda _: None, 20
    )
"""
_REMOVE = """
import sys
from pathlib import Path
from tests.index.homes import open_home
with open_home(Path(sys.argv[1])) as home:
    print("open", flush=True)
    for document_id in sys.argv[2:]:
        home.remover.remove_document(document_id)
        print(document_id, flush=True)
"""


def sources():
    return [text_source(name(number), body(number)) for number in range(FILES)]


def name(number: int) -> str:
    return f"file{number}"


def body(number: int) -> str:
    # One to three passages each; the word is in all of them.
    paragraph = f"The word is marker{number}x and some more words follow it here, up to the end of the paragraph."
    return "\n\n".join([paragraph] * (number % 3 + 1))


def run_and_kill(code: str, after: float, *arguments: str, lines: int = 0) -> tuple[list[str], bool]:
    """What the program had printed, and whether it was still at it, as it was killed.

    That is `after` seconds from its start of work, or from when it had printed so many `lines`.
    """
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "open\n"
    printed = [process.stdout.readline() for _ in range(lines)]
    time.sleep(after)
    process.kill()
    printed += process.communicate()[0].splitlines(keepends=True)
    # A line that was cut off was not reported.
    return [line for line in printed if line.endswith("\n")], process.returncode < 0


def moment() -> float:
    """Seconds; machines differ in how far they come in one."""
    return random.uniform(0.0, random.choice([0.05, 0.15, 0.4]))


def check_whole(home: Home) -> None:
    """Store, words and vectors hold the same passages, each once, with one vector each."""
    snapshot = home.keeper.snapshot()
    with home.database.read() as connection:
        assert snapshot.seq == current_seq(connection)
        held = count_in_force(connection, snapshot.seq)[1]
        assert len(snapshot.words) == len(snapshot.vectors) == held
        in_force = connection.scalars(sa.select(passages.c.id).where(passages.c.removed_seq.is_(None))).all()
        assert Counter(in_force).most_common(1)[0][1] == 1
        counts = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (passages, vectors)]
        assert counts[0] == counts[1]


def names_in_force(home: Home) -> list[str]:
    with home.database.read() as connection:
        found = versions_in_force(connection, "default", current_seq(connection))
        for version in found:
            assert text_of(connection, version.number) == body(int(version.name.removeprefix("file")))
        return [version.name for version in found]


def check_searchable(home: Home, number: int) -> None:
    question, scope = f"marker{number}x", home.scope()
    snapshot = home.keeper.snapshot()
    hits = snapshot.words.search(question, 10, scope)
    assert len(hits) == number % 3 + 1
    vector = home.embedder.embed_question(body(number).split("\n")[0])
    assert {hit.number for hit in hits} <= {hit.number for hit in snapshot.vectors.search(vector, len(hits), scope)}


def test_whenever_an_ingestion_is_killed_what_it_reported_is_there(tmp_path):
    random.seed(time.time_ns())
    reported: set[str] = set()
    killed = 0
    for _ in range(ROUNDS):
        lines, was_killed = run_and_kill(_INGEST, moment(), str(tmp_path / "home"))
        killed += was_killed
        results = [json.loads(line) for line in lines]
        assert {result["status"] for result in results} <= {"added", "unchanged"}
        assert all(result["status"] == "unchanged" for result in results if result["path"] in reported)
        reported |= {result["path"] for result in results}
        with open_home(tmp_path / "home") as home:
            if reported:
                check_whole(home)
                there = names_in_force(home)
                assert len(there) == len(set(there))
                assert reported <= set(there)
                for path in random.sample(sorted(reported), min(5, len(reported))):
                    check_searchable(home, int(path.removeprefix("file")))
    assert killed >= 2, "the machine is too fast for this test: make FILES larger"
    with open_home(tmp_path / "home") as home:
        results = home.ingest(*sources())
        assert {result.status for result in results} <= {"added", "unchanged"}
        check_whole(home)
        assert sorted(names_in_force(home)) == sorted(map(name, range(FILES)))
        for number in range(0, FILES, 7):
            check_searchable(home, number)


def test_whenever_a_removal_is_killed_documents_are_gone_or_whole(tmp_path):
    with open_home(tmp_path / "home") as home:
        left = {result.document_id: result.path for result in home.ingest(*sources())}
    for _ in range(3):
        lines, _ = run_and_kill(_REMOVE, moment(), str(tmp_path / "home"), *left)
        removed = {line.strip() for line in lines}
        with open_home(tmp_path / "home") as home:
            check_whole(home)
            there = set(names_in_force(home))
            # One may have been removed without having been reported.
            assert len(left) - len(removed) - len(there) in (0, 1)
            assert not there & {left[document_id] for document_id in removed}
            for document_id, path in list(left.items())[: len(removed) + 5]:
                if path in there:
                    check_searchable(home, int(path.removeprefix("file")))
                else:
                    assert home.by_words(f"marker{path.removeprefix('file')}x") == set()
                    del left[document_id]
