"""Random histories of a home against plain oracles: NumPy for vectors, plain Python for words and filters."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from corpus.collections import collection_number
from corpus.passages import in_force
from corpus.records import DocumentVersion
from corpus.store import text_of, versions_in_force
from corpus.tables import documents, passages
from index.exact_vectors import ExactVectors
from index.metadata_index import MetadataKeeper
from index.tiers import Tiers
from index.vectors import Rows, Scope, rounded
from index.words import WordEntry
from retrieval.filters import compile_filter
from tests.contracts import filters
from tests.contracts.vectors import assert_same_hits
from tests.contracts.words import Bm25Oracle, assert_same_matches
from tests.index.homes import Home, text_source

# Small, so that a few texts make several segments that are merged.
TIERS = Tiers(flush=6, fan_out=2, approximate=1_000_000, bulk=15)
NAMES = st.sampled_from([f"text {number}" for number in range(12)])
WORDS = ("ferry", "lamp", "keeper", "harbour", "dues", "dog", "tide", "chart", "engine", "rope", "storm", "seal")
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join), min_size=1, max_size=4).map(
    "\n\n".join
)
METADATA = st.dictionaries(
    st.sampled_from(["year", "team", "open"]), st.sampled_from([1, 2, 2.5, True, False, "a", "b"]), max_size=2
)


class Histories(RuleBasedStateMachine):
    """One home; what it should hold is in `texts`."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.texts: dict[str, tuple[str, dict[str, object]]] = {}
        self._open()

    def _open(self) -> None:
        self.home = Home(self.folder / "home", tiers=TIERS)
        self.metadata = MetadataKeeper()

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.folder)

    # --- changes -----------------------------------------------------------------------------------------------------

    @rule(changes=st.dictionaries(NAMES, st.tuples(TEXTS, METADATA), min_size=1, max_size=5))
    def add_or_update(self, changes: dict[str, tuple[str, dict[str, object]]]) -> None:
        sources = [text_source(name, text, metadata=metadata) for name, (text, metadata) in changes.items()]
        results = self.home.ingest(*sources)
        assert {result.status for result in results} <= {"added", "updated", "unchanged"}
        self.texts |= changes

    @precondition(lambda self: self.texts)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = data.draw(st.lists(st.sampled_from(sorted(self.texts)), min_size=1, max_size=3, unique=True))
        numbers = [number for number, name in self._documents().items() if name in gone]
        assert len(numbers) == len(gone)
        self.home.remover.remove_numbers(numbers)
        for name in gone:
            del self.texts[name]

    @rule()
    def wait_for_merges(self) -> None:
        self.home.keeper.close()

    @rule()
    def reopen(self) -> None:
        self.home.close()
        self._open()

    @rule(part=st.sampled_from(["vectors", "words", "."]))
    def reopen_without_what_is_derived(self, part: str) -> None:
        self.home.close()
        shutil.rmtree(self.folder / "home" / "index" / part, ignore_errors=True)
        self._open()

    # --- questions ---------------------------------------------------------------------------------------------------

    @invariant()
    def the_store_holds_the_texts(self) -> None:
        with self.home.database.read() as connection:
            found = versions_in_force(connection, "default", self.home.keeper.snapshot().seq) if self.texts else []
            held = {one.name: (text_of(connection, one.number), dict(one.given.metadata)) for one in found}
        assert held == self.texts

    @precondition(lambda self: self.texts)
    @rule(question=TEXTS, tree=st.none() | filters.trees, k=st.sampled_from([1, 3, 10, 1000]))
    def ask(self, question: str, tree: dict[str, object] | None, k: int) -> None:
        snapshot = self.home.keeper.snapshot()
        rows, entries = self._expected()
        passing = {
            number
            for number, name in self._documents().items()
            if tree is None or filters.passes(tree, self.texts[name][1])
        }
        with self.home.database.read() as connection:
            collection = collection_number(connection, "default")
            scope = Scope(collection)
            if tree is not None:
                scope = Scope(
                    collection, self.metadata.at(connection, snapshot.seq).select(collection, compile_filter(tree))
                )
                assert set(np.flatnonzero(scope.documents).tolist()) == passing
        assert len(snapshot.vectors) == len(snapshot.words) == len(rows)
        vector = self.home.embedder.embed_question(question)
        exact = ExactVectors().with_added(rows)
        assert_same_hits(snapshot.vectors.search(vector, k, scope), exact.search(vector, k, scope))
        oracle = Bm25Oracle({entry.passage: entry for entry in entries})
        assert_same_matches(snapshot.words.search(question, 10_000, scope), oracle.search(question, scope))
        assert len(snapshot.words.search(question, k, scope)) == min(k, len(oracle.search(question, scope)))

    def _documents(self) -> dict[int, str]:
        """The names of the documents in force, by number."""
        return {version.document: version.name for version in self._versions()}

    def _languages(self) -> dict[int, str]:
        return {version.document: version.language for version in self._versions()}

    def _versions(self) -> list[DocumentVersion]:
        with self.home.database.read() as connection:
            return list(versions_in_force(connection, "default", self.home.keeper.snapshot().seq))

    def _expected(self) -> tuple[Rows, list[WordEntry]]:
        """What the indexes should hold, by the passages in the store and the texts of this history."""
        names, languages, embedder = self._documents(), self._languages(), self.home.embedder
        seq = self.home.keeper.snapshot().seq
        with self.home.database.read() as connection:
            statement = sa.select(passages, documents.c.collection).join(
                documents, passages.c.document == documents.c.number
            )
            found = connection.execute(statement.where(*in_force(passages, seq)).order_by(passages.c.number)).all()
        bodies = [self.texts[names[row.document]][0][row.start : row.end] for row in found]
        assert {names[row.document] for row in found} == self.texts.keys()
        columns = [np.array([getattr(row, name) for row in found]) for name in ("number", "document", "collection")]
        titles = {version.document: version.title for version in self._versions()}
        vectors = rounded(
            embedder.embed_passages(
                [f"{titles[row.document]}\n{body}" for row, body in zip(found, bodies, strict=True)]
            )
        )
        entries = [
            WordEntry(row.number, row.document, row.collection, names[row.document], body, languages[row.document])
            for row, body in zip(found, bodies, strict=True)
        ]
        return Rows(*columns, vectors), entries


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
