import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.collections import collection_number, ensure_collection
from corpus.database import CORPUS_MIGRATIONS, Database, current_seq, next_seq
from corpus.document_metadata import DocumentMetadata
from corpus.errors import BadInputError
from corpus.records import NewVersion
from corpus.store import add_version, end_collection, end_version, versions_in_force
from corpus.types import Span
from index.metadata_index import MetadataIndex, MetadataKeeper
from retrieval.filters import compile_filter
from tests.contracts.filters import Json, metadata, passes, trees

HERE = 1


def index_of(documents: list[Json]) -> MetadataIndex:
    return MetadataIndex().changed(1, (), (DocumentMetadata(n, HERE, found) for n, found in enumerate(documents)))


@given(trees, st.lists(metadata, max_size=12))
def test_filters_say_what_the_plain_reading_says(tree: Json, documents: list[Json]) -> None:
    as_it_was = copy.deepcopy(tree)
    found = index_of(documents).select(HERE, compile_filter(tree))
    assert found.tolist() == [passes(tree, document) for document in documents]
    assert tree == as_it_was


# --- histories -----------------------------------------------------------------------------------------------------

COLLECTIONS = ("one", "two", "three")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('filters') / 'store.db'}", (CORPUS_MIGRATIONS,))
    with opened.write() as connection:
        for name in COLLECTIONS:
            ensure_collection(connection, name)
    yield opened
    opened.close()


def version(uri: str, said: Json) -> NewVersion:
    text = "The ferry leaves at nine."
    spans = (Span(0, len(text)),)
    return NewVersion(*(uri, None, "", "sha256:0", "1", "0" * 64, "a.txt", "text/plain", "", said, text, (), (), spans))


def change(connection: sa.Connection, random: Random, some: list[Json]) -> None:
    """One change: documents are added, replaced or removed, or a collection is."""
    seq = next_seq(connection)
    name = random.choice(COLLECTIONS)
    number = collection_number(connection, name)
    if random.random() < 0.05:
        end_collection(connection, seq, number)
    for said in some:
        add_version(connection, seq, number, version(f"file:///{random.randrange(60)}", said))
    current = [found.document for found in versions_in_force(connection, name, seq)]
    for document in random.sample(current, len(current) // random.choice([2, 8, 99])):
        end_version(connection, seq, document)


def scanned(connection: sa.Connection, name: str, seq: int, tree: Json) -> list[int]:
    found = versions_in_force(connection, name, seq)
    return sorted(one.document for one in found if passes(tree, dict(one.metadata)))


def selected(connection: sa.Connection, keeper: MetadataKeeper, name: str, seq: int, tree: Json) -> list[int]:
    collection = collection_number(connection, name)
    found: list[int] = np.flatnonzero(keeper.at(connection, seq).select(collection, compile_filter(tree))).tolist()
    return found


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.lists(st.lists(metadata, max_size=8), max_size=8), trees, trees)
def test_at_every_state_a_filter_allows_what_a_scan_of_the_store_finds(
    database: Database, random: Random, changes: list[list[Json]], often: Json, tree: Json
) -> None:
    keeper = MetadataKeeper()  # its first state is wherever the examples before this one left the store
    states = []
    for some in changes:
        with database.write() as connection:
            change(connection, random, some)
            states.append(current_seq(connection))
        if random.random() < 0.6:
            name, seq = random.choice(COLLECTIONS), states[-1]
            with database.read() as connection:
                assert selected(connection, keeper, name, seq, often) == scanned(connection, name, seq, often)
    with database.read() as connection:
        # A question may have begun at a state that others have left behind meanwhile.
        for seq in random.sample(states, len(states)):
            for name in COLLECTIONS:
                assert selected(connection, keeper, name, seq, tree) == scanned(connection, name, seq, tree)


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.sampled_from(["and", "eq"])
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "key", "value", "filters", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(anything, metadata)
def test_whatever_is_sent_is_a_filter_or_refused(tree: Any, document: Json) -> None:
    try:
        selection = compile_filter(tree)
    except BadInputError:
        return
    assert index_of([document]).select(HERE, selection).tolist() == [passes(tree, document)]


NESTED: Json = {"type": "exists", "key": "year"}
for _ in range(50):
    NESTED = {"type": "not", "filters": [NESTED]}


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({}, "needs a type of eq, ne, gt"),
        ([], "needs a type"),
        ("year=2020", "needs a type"),
        ({"type": "equals", "key": "year", "value": 1}, "not 'equals'"),
        ({"type": ["eq"], "key": "year", "value": 1}, "not ['eq']"),
        ({"type": "eq", "value": 1}, "'eq' needs a key, not None"),
        ({"type": "eq", "key": "", "value": 1}, "needs a key, not ''"),
        ({"type": "eq", "key": 7, "value": 1}, "needs a key, not 7"),
        ({"type": "eq", "key": "year"}, "'eq' on 'year' needs a string, a number or a boolean, not None"),
        ({"type": "lt", "key": "year", "value": [1]}, "'lt' on 'year' needs a string, a number or a boolean, not [1]"),
        ({"type": "in", "key": "year", "value": 1}, "'in' on 'year' needs a list of values, not 1"),
        ({"type": "in", "key": "year", "value": "abc"}, "needs a list of values, not 'abc'"),
        ({"type": "nin", "key": "year", "value": [{}]}, "'nin' on 'year' needs a string, a number or a boolean"),
        ({"type": "exists", "key": "year", "value": "no"}, "'exists' on 'year' needs true, false or no value"),
        ({"type": "and"}, "'and' needs a list of filters, not None"),
        ({"type": "or", "filters": []}, "'or' needs a list of filters, not []"),
        ({"type": "or", "filters": "ab"}, "'or' needs a list of filters, not 'ab'"),
        ({"type": "not", "filters": [NESTED, NESTED]}, "nested deeper than 20"),
        ({"type": "not", "filters": [{"type": "exists", "key": "a"}] * 2}, "'not' takes one filter, not 2"),
        ({"type": "and", "filters": [{"type": "nonsense"}]}, "not 'nonsense'"),
        (NESTED, "nested deeper than 20 levels"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_what_is_wrong(tree: Any, said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        compile_filter(tree)
    assert said in str(caught.value)
