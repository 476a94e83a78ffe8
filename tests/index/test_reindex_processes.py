"""Reindexing beside other processes: questions see one generation at a time, and a killed one leaves the home whole."""

import random
import subprocess
import sys
import time
from pathlib import Path

from corpus.database import current_seq
from corpus.passages import passages_by_number
from corpus.sources import Source
from corpus.store import count_in_force
from tests.index.homes import Home, open_home, text_source
from tests.index.killing import run_and_kill
from tests.index.test_reindex import check_whole

ROOT = Path(__file__).resolve().parents[2]
SIZES = (16, 40)
FILES = 60
ROUNDS = 4

_REINDEX = """
import sys, time
from pathlib import Path
from index import shadow_builder
from index.reindex import Reindexer
from tests.index.homes import open_home
shadow_builder._PART_PASSAGES = 8
with open_home(Path(sys.argv[1])) as home:
    print("open", flush=True)
    for number in range(int(sys.argv[2])):
        recipes = home.recipes(int(sys.argv[3 + number % 2]))
        done = Reindexer(home.path, home.database, home.keeper, home.lock, recipes).reindex(lambda _: None)
        print(done.generation, flush=True)
"""


def sources(count: int) -> list[Source]:
    """Texts of one to three paragraphs, which are several passages of one size and fewer of the other."""
    paragraph = "The word is marker{}x and some more words follow it here, up to the end of the paragraph."
    texts = ("\n\n".join([paragraph.format(number)] * (number % 3 + 1)) for number in range(count))
    return [text_source(f"file{number}", text) for number, text in enumerate(texts)]


def asked(home: Home) -> tuple[int, int, int]:
    """The passages of one question's state: how many, how many the vectors find, and the size that they have."""
    snapshot, scope = home.keeper.snapshot(), home.scope()
    assert snapshot.generation is not None
    hits = snapshot.words.search("marker2x", 10, scope)
    near = snapshot.vectors.search(home.embedder.embed_question("marker2x"), 1000, scope)
    with home.database.read() as connection:
        found = passages_by_number(connection, [hit.number for hit in (*hits, *near)], snapshot.seq)
    assert found.keys() == {hit.number for hit in (*hits, *near)}, "an index knows passages that the state does not"
    assert len(near) == len(snapshot.words) == len(snapshot.vectors)
    return len(hits), len(near), int(snapshot.generation.passage_size["target_tokens"])


def test_every_question_sees_the_passages_of_one_generation(tmp_path: Path) -> None:
    path = tmp_path / "home"
    with open_home(path) as home:
        home.ingest(*sources(12))
        process = subprocess.Popen(
            [sys.executable, "-c", _REINDEX, str(path), "4", str(SIZES[1]), str(SIZES[0])],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        seen: set[tuple[int, int, int]] = set()
        while process.poll() is None:
            seen.add(asked(home))
        assert process.communicate()[0].split() == ["open", *map(str, range(2, 6))]
        seen.add(asked(home))
    by_size = {size: {(hits, near) for hits, near, found in seen if found == size} for size in SIZES}
    assert all(len(counts) == 1 for counts in by_size.values()), by_size
    assert by_size[SIZES[0]] != by_size[SIZES[1]]


def reindexed_until_killed(path: str, sizes: list[int], seconds: float) -> list[str]:
    """Build the home anew again and again; gives the generations that were reported."""
    lines, was_killed = run_and_kill(_REINDEX, seconds, path, "50", *map(str, sizes))
    assert was_killed, "the machine is too fast for this test: let it go on for longer"
    return lines


def documents_in_force(home: Home) -> int:
    with home.database.read() as connection:
        return count_in_force(connection, current_seq(connection))[0]


def test_whenever_a_reindexing_is_killed_the_home_is_whole_and_goes_on(tmp_path: Path) -> None:
    random.seed(time.time_ns())
    path = str(tmp_path / "home")
    with open_home(tmp_path / "home") as home:
        home.ingest(*sources(FILES))
    for _ in range(ROUNDS):
        sizes = random.sample((8, *SIZES), 2)
        lines = reindexed_until_killed(path, sizes, random.uniform(0.0, 0.4))
        with open_home(tmp_path / "home") as home:
            check_whole(home)
            assert documents_in_force(home) == FILES
            asked(home)
            generation = home.keeper.snapshot().generation
            assert generation is not None
            if lines:
                assert generation.number >= int(lines[-1])
    done = subprocess.run(
        [sys.executable, "-c", _REINDEX, path, "1", "16", "16"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with open_home(tmp_path / "home") as home:
        generation = home.keeper.snapshot().generation
        assert generation is not None
        assert generation.number == int(done.stdout.split()[-1])
        check_whole(home)
        for number in range(0, FILES, 7):
            (best,) = home.by_words(f"marker{number}x", k=1)  # further ones may share a part of the word
            assert f"marker{number}x" in best
