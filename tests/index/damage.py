"""Homes with one damaged file: what notices it, and what is answered before."""

import hashlib
import io
import random
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from corpus.errors import PinciteError
from corpus.sources import Source
from corpus.tables import metadata, versions
from index.jobs import JobRequest, add_job, fail_job
from index.tiers import Tiers
from index.verification import Verifier
from retrieval.answering import Answerer
from retrieval.engines import Engines
from retrieval.profile import Profile
from retrieval.types import QueryRequest
from tests.index.homes import Home, open_home, text_source

SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"
# So that there are several files of vectors.
TIERS = Tiers(flush=40, fan_out=4, approximate=10**6, bulk=400)
QUESTIONS = (
    "Where does the ferry to Karn leave?",
    "How many euros are harbour dues?",
    "lamp burns paraffin",
    "What does a turbine cost?",
    "number 7",
    "school meals decision",
)

Outcome = Literal["at open", "by verify", "harmless", "MISSED"]


@dataclass(frozen=True, slots=True)
class Round:
    """What became of one damage. `wrong` says that something else was answered before anything was noticed."""

    part: str
    damage: str
    file: str
    outcome: Outcome
    said: str
    wrong: bool = False
    defect: str = ""


def fill(path: Path, closed: Path, killed: Path, first: int) -> None:
    """A home of several formats, with a replaced and a removed document: as it was closed, and as a kill leaves it."""
    names = ("harbour-regulation-2023.pdf", "library-user-rules.docx", "visitor-faq.md", "water-quality-2025.html")
    with open_home(path, tiers=TIERS) as home:
        home.ingest(*(Source(f"file:///{name}", name, (SAMPLE / name).read_bytes()) for name in names))
        home.ingest(Source("file:///dues.csv", "dues.csv", b"boat;euros\nferry;12\nskiff;7\nyacht;30\n"))
        home.ingest(Source("file:///all.zip", "all.zip", _archive(first), metadata={"year": 2026}))
        for number in range(first, first + 12):
            home.ingest(text_source(f"filler {number}", f"Filler number {number} of the ferry.\n\nIts lamp burns."))
        home.ingest(text_source(f"filler {first}", "It was replaced: the lamp burns paraffin."))
        (removed,) = home.ingest(text_source("removed", "The ferry to Karn is removed."))
        home.remover.remove_document(removed.document_id)
        with home.database.write() as connection:
            job = add_job(connection, JobRequest("default", "upload:x", "x.txt", "x"))
            fail_job(connection, job, "it was never there")
        home.ingest(text_source("notes", "The ferry to Karn leaves from the pier at noon."), collection="notes")
        home.ingest(text_source("last", "The ferry to Karn leaves from the eastern pier at nine."))
        shutil.copytree(path, killed)
    shutil.copytree(path, closed)


def _archive(first: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/lamp.txt", f"The lamp of Karn Light burns paraffin since {first}.")
        archive.writestr("dues.txt", "Harbour dues are 12 euros a night.")
    return out.getvalue()


# --- what a home says ------------------------------------------------------------------------------------------------


def answers(home: Home) -> list[Any]:
    """Everything of the answers but their names and times, and scores, which a fresh word index rounds otherwise."""
    engines = Engines(lambda _snapshot: home.embedder, _no_reranker)
    answerer = Answerer(home.database, home.keeper, engines, Profile(rerank=False, min_confidence=0.0))
    found = []
    for question in QUESTIONS:
        for collection in ("default", "notes"):
            result = answerer.answer(QueryRequest(question, collection, top_k=20))
            shown = [replace(passage, score=0, scores=None) for passage in result.passages]  # type: ignore[arg-type]
            found.append((result.index_version, result.citations, sorted(map(str, shown))))
    return found


def _no_reranker() -> Any:
    raise AssertionError("nothing is reranked")


def dump(home: Home) -> dict[str, list[str]]:
    """Every row of the store and every original of a version."""
    with home.database.read() as connection:
        found = {
            name: sorted(str(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in metadata.tables.items()
        }
        digests = connection.scalars(sa.select(versions.c.original).distinct()).all()
    found["originals"] = sorted(hashlib.sha256(home.originals.get(digest)).hexdigest() for digest in digests)
    return found


def verify(home: Home) -> tuple[str, list[str]]:
    """The worst status of a deep verification, and what it named."""
    verifier = Verifier(home.path, home.database, home.keeper, home.lock, lambda _snapshot: home.embedder)
    checks = verifier.verify(True, lambda _name, _checked: None, 10)
    worst = max((check.status for check in checks), key=["ok", "repaired", "damaged"].index)
    return worst, [f"{check.name}: {detail}" for check in checks if check.status != "ok" for detail in check.details]


# --- damage ----------------------------------------------------------------------------------------------------------


def flip(path: Path, chance: random.Random, _others: list[Path]) -> None:
    """One bit."""
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def truncate(path: Path, chance: random.Random, _others: list[Path]) -> None:
    """To any shorter length."""
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def remove(path: Path, _chance: random.Random, _others: list[Path]) -> None:
    """As if it had never been."""
    path.unlink()


def swap(path: Path, chance: random.Random, others: list[Path]) -> None:
    """With another file, of this home or of the other one."""
    other = chance.choice(others)
    contents = path.read_bytes(), other.read_bytes()
    path.write_bytes(contents[1])
    other.write_bytes(contents[0])


DAMAGES: dict[str, Callable[[Path, random.Random, list[Path]], None]] = {
    "flip": flip,
    "truncate": truncate,
    "remove": remove,
    "swap": swap,
    "swap with another home": swap,
}
PARTS = ("store", "words", "vectors", "originals", "other")
# The store is what can be lost, so it has more turns than the few files that it is would have by chance.
_TURNS = ("store", "words", "vectors", "store", "originals", "words", "store", "vectors", "store", "other")


def part_of(path: Path, home: Path) -> str:
    """Which part of a home a file belongs to."""
    inside = path.relative_to(home).parts
    if inside[0].startswith("store.db"):
        return "store"
    if inside[0] == "index":
        return inside[1]
    return "originals" if inside[0] == "originals" else "other"


def files_of(home: Path) -> list[Path]:
    """All files that hold something."""
    return sorted(path for path in home.rglob("*") if path.is_file() and path.stat().st_size)


class DamageHarness:
    """Damages copies of two homes, one file at a time, and sees what comes of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        for name, first in (("one", 1), ("two", 101)):
            fill(folder / f"{name}-made", folder / f"{name}-closed", folder / f"{name}-killed", first)
        self._expected, self._dump = self._references()

    def _references(self) -> tuple[list[list[Any]], dict[str, list[str]]]:
        expected = []
        for words_are_fresh in (False, True):
            path = self._folder / f"reference-{words_are_fresh}"
            shutil.copytree(self._folder / "one-closed", path)
            if words_are_fresh:  # which counts no removed passages in its statistics
                shutil.rmtree(path / "index" / "words")
            with open_home(path, tiers=TIERS) as home:
                expected.append(answers(home))
                found = dump(home)
                assert verify(home)[0] == ("repaired" if words_are_fresh else "ok")
        return expected, found

    def rounds(self, count: int) -> Iterator[Round]:
        """So many damages, one after the other."""
        for part in islice(cycle(_TURNS), count):
            yield self._round(part)

    def _round(self, part: str) -> Round:
        state = self._chance.choice(["closed", "killed"])
        home, other = (self._folder / f"{name}-{state}" for name in ("home", "other"))
        for made, copy in (("one", home), ("two", other)):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(self._folder / f"{made}-{state}", copy)
        path, damage = self._damage(home, other, part)
        return replace(self._look(home), part=part, damage=damage, file=str(path.relative_to(home)))

    def _damage(self, home: Path, other: Path, part: str) -> tuple[Path, str]:
        files = files_of(home)
        path = self._chance.choice([path for path in files if part_of(path, home) == part])
        damage = self._chance.choice(list(DAMAGES))
        others = files
        if damage == "swap with another home":
            twin = other / path.relative_to(home)
            others = [twin] if twin.exists() else [one for one in files_of(other) if one.suffix == path.suffix]
        different = [one for one in others if one.read_bytes() != path.read_bytes()]
        DAMAGES[damage](path, self._chance, different or files_of(other))
        return path, damage

    def _look(self, path: Path) -> Round:
        blank = Round("", "", "", "MISSED", "")
        try:
            with open_home(path, tiers=TIERS) as home:
                return self._look_inside(home, blank)
        except PinciteError as error:
            return replace(blank, outcome="at open", said=str(error))
        except Exception as error:
            return replace(blank, outcome="at open", said=repr(error), defect="no error for users")

    def _look_inside(self, home: Home, blank: Round) -> Round:
        before = answers(home)
        wrong = before not in self._expected
        if home.keeper.repairs:
            is_mended = verify(home)[0] == "repaired" and self._is_as_before(home)
            # A file that took the place of another leaves two damages.
            defect = "" if is_mended or verify(home)[0] == "damaged" else "not repaired"
            return replace(blank, outcome="at open", said=home.keeper.repairs[0].message, wrong=wrong, defect=defect)
        worst, named = verify(home)
        if worst == "damaged":
            return replace(blank, outcome="by verify", said=named[0], wrong=wrong)
        as_before = self._is_as_before(home)
        if worst == "repaired":
            defect = "" if as_before else "not repaired"
            return replace(blank, outcome="by verify", said=named[0], wrong=wrong, defect=defect)
        return replace(blank, outcome="harmless" if as_before and not wrong else "MISSED", wrong=wrong)

    def _is_as_before(self, home: Home) -> bool:
        """Whether a home opened anew says what it said before the damage, and finds nothing damaged."""
        with open_home(home.path, tiers=TIERS) as again:
            return answers(again) in self._expected and dump(again) == self._dump and verify(again)[0] == "ok"


def table(rounds: list[Round]) -> str:
    """How many damages of each part were noticed where, in Markdown."""
    outcomes = ("at open", "by verify", "harmless", "MISSED")
    lines = [f"| part | damages | {' | '.join(outcomes)} | wrong answers |", "|---" * 7 + "|"]
    for part in (*PARTS, "all"):
        of_part = [one for one in rounds if part in (one.part, "all")]
        counts = Counter(one.outcome for one in of_part)
        cells = [part, len(of_part), *(counts[outcome] for outcome in outcomes), sum(one.wrong for one in of_part)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
