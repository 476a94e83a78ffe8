import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.collections import (
    check_collection_name,
    collection_names,
    collection_number,
    ensure_collection,
    remove_collection,
)
from corpus.database import CORPUS_MIGRATIONS, Database, current_seq, next_seq
from corpus.errors import BadInputError, ConflictError, DamagedError, NotFoundError
from corpus.identity import passage_id, version_digest
from corpus.passages import add_passages, end_passages, passages_by_number
from corpus.records import Identity, NewVersion
from corpus.store import (
    add_version,
    count_in_force,
    current_version,
    end_documents,
    end_version,
    has_newer_attachments,
    text_of,
    version_of,
    versions_by_number,
    versions_in_force,
)
from corpus.tables import passages, versions
from corpus.types import Section, Span

TEXT = "Première section\nDie Fähre legt um 9:30 Uhr ab. 👍\n第二 section\nNobody lives there."


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'store.db'}", (CORPUS_MIGRATIONS,))
    yield opened
    opened.close()


def version(uri: str = "file:///a.txt", text: str = TEXT, **fields: object) -> NewVersion:
    middle = len(text) // 2
    new = NewVersion(
        uri=uri,
        document_id=None,
        external_id="a",
        digest=version_digest(text, "1"),
        parser_version="1",
        original="0" * 64,
        name="a.txt",
        media_type="text/plain",
        title="Fähre 👍",
        metadata={"jahr": 2024, "ort": "Køge", "share": 0.5, "public": True},
        text=text,
        page_starts=(0, middle),
        sections=(Section(0, ("Première", "第二")),),
        spans=(Span(0, middle), Span(middle, len(text))),
    )
    return replace(new, **fields)


def add(database: Database, new: NewVersion, collection: str = "default") -> tuple[str, int]:
    with database.write() as connection:
        seq = next_seq(connection)
        stored = add_version(connection, seq, ensure_collection(connection, collection), new)
    return stored.document_id, seq


# --- what is stored comes back ---------------------------------------------------------------------------------------


def test_a_version_comes_back_as_it_was_given(database):
    new = version()
    document_id, seq = add(database, new)
    with database.read() as connection:
        found = version_of(connection, document_id, seq)
        assert text_of(connection, found.number) == TEXT
        assert current_version(connection, "default", new.uri) == found
        assert current_version(connection, "default", "elsewhere", document_id) == found
        assert versions_by_number(connection, [found.number, 999]) == {found.number: found}
        numbers = connection.scalars(sa.select(passages.c.number)).all()
        stored = passages_by_number(connection, numbers, seq)
    for name in ("uri", "external_id", "digest", "original", "name", "media_type", "title", "metadata"):
        assert getattr(found, name) == getattr(new, name)
    assert (found.page_starts, found.sections) == (new.page_starts, new.sections)
    assert (found.collection, found.added_seq, found.removed_seq) == ("default", seq, None)
    assert [passage.span for passage in stored.values()] == list(new.spans)
    assert [passage.id for passage in stored.values()] == [
        passage_id(document_id, new.digest, span) for span in new.spans
    ]


def test_an_unknown_version_is_an_error_with_its_name(database):
    document_id, seq = add(database, version())
    with database.read() as connection:
        with pytest.raises(NotFoundError, match="'nobody'"):
            version_of(connection, "nobody", seq)
        with pytest.raises(NotFoundError, match="'sha256:0'"):
            version_of(connection, document_id, seq, "sha256:0")
        with pytest.raises(NotFoundError, match=document_id):
            version_of(connection, document_id, seq - 1)


def test_a_replaced_text_can_still_be_read_under_its_digest(database):
    old, new = version(), version(text="Another text.")
    document_id, first = add(database, old)
    assert add(database, new) == (document_id, first + 1)
    with database.read() as connection:
        before = version_of(connection, document_id, first + 1, old.digest)
        assert (before.added_seq, before.removed_seq) == (first, first + 1)
        assert text_of(connection, before.number) == TEXT
        assert version_of(connection, document_id, first).number == before.number
        assert text_of(connection, version_of(connection, document_id, first + 1).number) == "Another text."


def test_many_numbers_are_asked_for_in_parts(database):
    text = "word " * 1200
    spans = tuple(Span(start, start + 4) for start in range(0, len(text), 5))
    _, seq = add(database, version(text=text, spans=spans))
    with database.read() as connection:
        numbers = connection.scalars(sa.select(passages.c.number).order_by(passages.c.number)).all()
        found = passages_by_number(connection, list(numbers), seq)
    assert [found[number].span for number in numbers] == list(spans)


# --- identity --------------------------------------------------------------------------------------------------------


def test_the_same_source_in_two_collections_is_two_documents(database):
    here, _ = add(database, version(), "here")
    there, seq = add(database, version(), "there")
    assert here != there
    with database.read() as connection:
        assert [one.document_id for one in versions_in_force(connection, "here", seq)] == [here]
        assert [one.document_id for one in versions_in_force(connection, "there", seq)] == [there]


def test_a_document_that_was_removed_keeps_its_id_when_it_comes_back(database):
    document_id, _ = add(database, version())
    with database.write() as connection:
        seq = next_seq(connection)
        assert end_version(connection, seq, version_of(connection, document_id, seq).document)
        assert not end_version(connection, seq, 1)
    assert add(database, version()) == (document_id, seq + 1)


def test_an_id_of_the_caller_names_the_document_whatever_its_source(database):
    named = version(document_id="mine")
    assert add(database, named)[0] == "mine"
    again, seq = add(database, replace(named, uri="file:///moved.txt", text="New.", spans=(Span(0, 4),)))
    assert again == "mine"
    with database.read() as connection:
        assert len(versions_in_force(connection, "default", seq)) == 1


def test_what_belongs_to_another_document_is_refused_and_nothing_is_written(database):
    document_id, seq = add(database, version())
    add(database, version(uri="file:///b.txt", document_id="mine"))
    conflicts = [
        (version(document_id="other"), "default", document_id),
        (version(document_id="mine"), "default", document_id),
        (version(uri="file:///c.txt", document_id="mine"), "another", "'mine'"),
    ]
    for new, collection, named in conflicts:
        with pytest.raises(ConflictError, match=named):
            add(database, new, collection)
    with database.read() as connection:
        assert current_seq(connection) == seq + 1
        assert [name for name, _ in collection_names(connection)] == ["default"]
        assert count_in_force(connection, seq + 1) == (2, 4)


# --- collections -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "A9", "with.dots-and_more", "x" * 64])
def test_a_good_name_makes_a_collection_once(database, name):
    with database.write() as connection:
        number = ensure_collection(connection, name)
        assert ensure_collection(connection, name) == collection_number(connection, name) == number
        assert [one for one, _ in collection_names(connection)] == sorted([name, "default"])


@pytest.mark.parametrize("name", ["", ".hidden", "-x", "_x", "a b", "ä", "a/b", "x" * 65, "a\n"])
def test_a_bad_name_is_refused(database, name):
    with pytest.raises(BadInputError, match="collection's name"):
        check_collection_name(name)
    with pytest.raises(BadInputError), database.write() as connection:
        ensure_collection(connection, name)


def test_a_removed_collection_is_gone_and_comes_back_empty(database):
    add(database, version(), "kept")
    for name in "abc":
        add(database, version(uri=name), "gone")
    with database.write() as connection:
        seq = next_seq(connection)
        assert remove_collection(connection, seq, "gone") == 3
        assert count_in_force(connection, seq) == (1, 2)
        assert count_in_force(connection, seq - 1, "gone") == (3, 6)
        with pytest.raises(NotFoundError, match="'gone'"):
            collection_number(connection, "gone")
        with pytest.raises(NotFoundError, match="'gone'"):
            remove_collection(connection, seq, "gone")
    with database.write() as connection:
        ensure_collection(connection, "gone")
        assert [name for name, _ in collection_names(connection)] == ["default", "gone", "kept"]
        assert versions_in_force(connection, "gone", seq) == []


# --- every state can be read for ever --------------------------------------------------------------------------------


@dataclass
class History:
    """Random changes to a store, and to a dictionary that stands for it; the dictionary is kept for every `seq`."""

    database: Database
    random: Random
    documents: dict[tuple[str, str], tuple[str, tuple[Span, ...]]] = field(default_factory=dict)
    states: list[dict[tuple[str, str], tuple[str, tuple[Span, ...]]]] = field(default_factory=lambda: [{}])

    def make(self, change: str) -> None:
        # Several documents share a transaction, as in an ingestion.
        with self.database.write() as connection:
            seq = next_seq(connection)
            getattr(self, change)(connection, seq)
        assert seq == len(self.states)
        self.states.append(dict(self.documents))

    def put(self, connection: sa.Connection, seq: int) -> None:
        for _ in range(self.random.randint(1, 3)):
            collection, uri = self.random.choice("xy"), self.random.choice("abcdef")
            text = "".join(self.random.choices("ab é👍\n", k=self.random.randint(4, 30)))
            spans = self.spans(text)
            number = ensure_collection(connection, collection)
            add_version(connection, seq, number, version(uri=uri, text=text, spans=spans))
            self.documents[collection, uri] = text, spans

    def split_anew(self, connection: sa.Connection, seq: int) -> None:
        for (collection, uri), (text, _) in self.chosen():
            current = current_version(connection, collection, uri)
            assert current is not None
            spans = self.spans(text)
            end_passages(connection, seq, passages.c.version == current.number)
            identity = (current.number, current.document, current.document_id, current.digest)
            add_passages(connection, seq, *identity, spans)
            self.documents[collection, uri] = text, spans

    def remove(self, connection: sa.Connection, seq: int) -> None:
        for (collection, uri), _ in self.chosen():
            current = current_version(connection, collection, uri)
            assert current is not None
            assert end_version(connection, seq, current.document)
            del self.documents[collection, uri]

    def remove_all(self, connection: sa.Connection, seq: int) -> None:
        collection = self.random.choice("xy")
        ensure_collection(connection, collection)
        members = [key for key in self.documents if key[0] == collection]
        assert remove_collection(connection, seq, collection) == len(members)
        for key in members:
            del self.documents[key]

    def chosen(self) -> Sequence[tuple[tuple[str, str], tuple[str, tuple[Span, ...]]]]:
        return self.random.sample(sorted(self.documents.items()), min(2, len(self.documents)))

    def spans(self, text: str) -> tuple[Span, ...]:
        cut = self.random.randint(1, len(text) - 1)
        return Span(0, cut), Span(cut, len(text))


@settings(max_examples=20)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from(["put", "put", "put", "split_anew", "remove", "remove_all"]), min_size=1, max_size=12),
)
def test_every_state_stays_as_it_was(tmp_path_factory, seed, changes):
    path = tmp_path_factory.mktemp("home") / "store.db"
    database = Database(f"sqlite:///{path}", (CORPUS_MIGRATIONS,))
    history = History(database, Random(seed))
    for change in changes:
        history.make(change)
    with database.read() as connection:
        for seq, expected in enumerate(history.states):
            assert state_at(connection, seq) == expected
            assert count_in_force(connection, seq) == (len(expected), 2 * len(expected))
    database.close()


def state_at(connection: sa.Connection, seq: int) -> dict[tuple[str, str], tuple[str, tuple[Span, ...]]]:
    numbers = connection.scalars(sa.select(passages.c.number).order_by(passages.c.number)).all()
    found = passages_by_number(connection, list(numbers), seq).values()
    listed = {}
    for collection in "xy":
        for one in pages(connection, collection, seq):
            spans = tuple(passage.span for passage in found if passage.version == one.number)
            listed[collection, one.uri] = text_of(connection, one.number), spans
            assert version_of(connection, one.document_id, seq) == one
    assert {passage.version for passage in found} <= {
        one.number for collection in "xy" for one in versions_in_force(connection, collection, seq)
    }
    return listed


def pages(connection: sa.Connection, collection: str, seq: int) -> list:
    """The same list in one piece and in pages of two."""
    whole = versions_in_force(connection, collection, seq)
    paged: list = []
    while part := versions_in_force(connection, collection, seq, paged[-1].document_id if paged else None, 2):
        paged += part
    assert paged == whole
    return whole


# --- damage ----------------------------------------------------------------------------------------------------------


def tamper(tmp_path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(tmp_path / "store.db")
    with connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("digest", "sha256:0"),
        ("parser_version", "2"),
        ("original", "1" * 64),
        ("name", "b.txt"),
        ("media_type", "text/html"),
        ("title", "Fahre 👍"),
        ("metadata", '{"jahr": 2025}'),
        ("page_starts", "[0, 1]"),
        ("sections", "[]"),
    ],
)
def test_a_changed_record_is_noticed(database, tmp_path, column, value):
    document_id, seq = add(database, version())
    tamper(tmp_path, f"UPDATE versions SET {column} = ?", value)
    with database.read() as connection:
        for read in (
            lambda: version_of(connection, document_id, seq),
            lambda: versions_in_force(connection, "default", seq),
            lambda: current_version(connection, "default", "file:///a.txt"),
            lambda: versions_by_number(connection, [1]),
        ):
            with pytest.raises(DamagedError, match=document_id):
                read()


@pytest.mark.parametrize("damage", [TEXT[:-1], TEXT.replace("9", "8"), "", TEXT.replace("è", "e\u0300")])
def test_a_changed_text_is_noticed(database, tmp_path, damage):
    document_id, seq = add(database, version())
    tamper(tmp_path, "UPDATE texts SET text = ?", damage)
    with database.read() as connection:
        number = version_of(connection, document_id, seq).number
        with pytest.raises(DamagedError, match="missing or changed"):
            text_of(connection, number)


def test_the_text_of_another_version_is_noticed(database, tmp_path):
    add(database, version())
    add(database, version("file:///b.txt", "Another text."))
    tamper(tmp_path, "UPDATE texts SET version = 99 WHERE version = 1")
    tamper(tmp_path, "UPDATE texts SET version = 1 WHERE version = 2")
    with database.read() as connection, pytest.raises(DamagedError, match="missing or changed"):
        text_of(connection, 1)


@pytest.mark.parametrize(
    ("column", "value"), [("uri", "file:///b.txt"), ("external_id", "b"), ("collection", 2), ("parent", 1)]
)
def test_a_changed_document_is_noticed(database, tmp_path, column, value):
    document_id, _ = add(database, version())
    add(database, version("file:///other.txt"), "notes")
    tamper(tmp_path, f"UPDATE documents SET {column} = ? WHERE number = 1", value)
    with database.read() as connection, pytest.raises(DamagedError, match=document_id):
        versions_by_number(connection, [1])
    place = {"collection": 1, "uri": version().uri, column: value}
    with pytest.raises(DamagedError, match=document_id), database.write() as connection:
        add_version(connection, next_seq(connection), place["collection"], version(place["uri"]))


def test_a_document_keeps_a_right_checksum_when_it_moves(database):
    parent = Identity("file:///a.zip", None, "a.zip")
    add(database, version("file:///a.zip#b", parent=parent, external_id="a.zip/b"))
    add(database, version("file:///a.zip", external_id="a.zip", attachments=("file:///a.zip#b",)))
    add(database, version("file:///c.zip"))
    moved = version("file:///c.zip", moved_from="file:///a.zip", attachments=("file:///a.zip#b",))
    _, seq = add(database, moved)
    with database.read() as connection:
        uris = {found.uri for found in versions_in_force(connection, "default", seq)}
        assert uris == {"file:///c.zip", "file:///c.zip#b"}
        assert len(versions_by_number(connection, range(1, 10))) == 4


def test_a_passage_of_another_document_is_noticed(database, tmp_path):
    _, seq = add(database, version())
    add(database, version("file:///other.txt"))
    tamper(tmp_path, "UPDATE versions SET document = 2 WHERE number = 1")
    with database.read() as connection, pytest.raises(DamagedError, match="passage 'psg_"):
        passages_by_number(connection, [1], seq)


@pytest.mark.parametrize(("column", "value"), [("name", "other"), ("removed_at", "2026"), ("created_at", "2026")])
def test_a_changed_collection_is_noticed(database, tmp_path, column, value):
    add(database, version(), "notes")
    tamper(tmp_path, f"UPDATE collections SET {column} = ? WHERE name = 'notes'", value)
    name = value if column == "name" else "notes"
    with database.read() as connection, pytest.raises(DamagedError, match=f"collection '{name}'"):
        collection_number(connection, name)


def test_a_missing_text_is_noticed(database, tmp_path):
    add(database, version())
    tamper(tmp_path, "DELETE FROM texts")
    with database.read() as connection, pytest.raises(DamagedError, match="missing or changed"):
        text_of(connection, 1)


@pytest.mark.parametrize(("column", "value"), [("start", 1), ("end", 3), ("start", -1), ("end", 0), ("id", "psg_0")])
def test_a_changed_passage_is_noticed(database, tmp_path, column, value):
    _, seq = add(database, version(spans=(Span(2, 9),)))
    tamper(tmp_path, f'UPDATE passages SET "{column}" = ?', value)
    with database.read() as connection, pytest.raises(DamagedError, match="passage 'psg_"):
        passages_by_number(connection, [1], seq)


def test_no_document_has_two_versions_in_force(database):
    for text in ("one text", "two texts", "one text"):
        add(database, version(text=text))
    with database.read() as connection:
        in_force = sa.select(sa.func.count()).select_from(versions).where(versions.c.removed_seq.is_(None))
        assert connection.scalar(in_force) == 1


# --- cost ------------------------------------------------------------------------------------------------------------

_EVERY = 50  # instructions of SQLite's machine between two calls of its progress handler


def instructions(connection: sa.Connection, work: Callable[[], object]) -> int:
    """How many instructions SQLite carries out for some work, about."""
    calls = 0

    def count() -> int:
        nonlocal calls
        calls += 1
        return 0

    raw = connection.connection.driver_connection
    raw.set_progress_handler(count, _EVERY)
    work()
    raw.set_progress_handler(None, 0)
    return calls * _EVERY


def costs(database: Database, documents: int) -> dict[str, int]:
    """What one change, or one look, costs in a store of so many documents, with as many former versions."""
    with database.write() as connection:
        for text in (TEXT, TEXT + " More."):
            seq = next_seq(connection)
            collection = ensure_collection(connection, "default")
            for number in range(documents):
                add_version(connection, seq, collection, version(f"file:///{number}.txt", f"{text} {number}"))
        one = version("file:///7.txt", "Something else.")
        seq = next_seq(connection)
        work: dict[str, Callable[[], object]] = {
            "look": lambda: current_version(connection, "default", "file:///5.txt"),
            "add": lambda: add_version(connection, seq, collection, version("file:///new.txt", "New.")),
            "replace": lambda: add_version(connection, seq, collection, one),
            "remove": lambda: end_version(connection, seq, 9),
            "remove in bulk": lambda: end_documents(connection, seq, [10, 11]),
            "look for attachments": lambda: has_newer_attachments(connection, 3, seq),
        }
        return {name: instructions(connection, do) for name, do in work.items()}


def test_a_change_costs_no_more_in_a_large_store(tmp_path):
    stores = [Database(f"sqlite:///{tmp_path / name}", (CORPUS_MIGRATIONS,)) for name in ("small.db", "large.db")]
    small, large = costs(stores[0], 20), costs(stores[1], 600)
    for store in stores:
        store.close()
    assert all(large[name] <= 2 * small[name] + 5 * _EVERY for name in small), (small, large)
