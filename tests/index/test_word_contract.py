import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from index.analysis import analysis_of
from index.stopwords import ENGLISH
from index.tantivy_words import TantivyWords
from index.vectors import Scope
from index.words import WordEntry
from tests.contracts.vectors import document_mask
from tests.contracts.words import (
    Bm25Oracle,
    assert_same_matches,
    assert_same_scores,
    entries,
    follow,
    histories,
    idf,
    quantised,
    scope,
    text,
)

ALL = 100_000
EVERYWHERE = Scope(1)


@contextmanager
def new_index() -> Iterator[TantivyWords]:
    # tantivy's first reader looks at the folder from a thread that may still be starting as the folder is removed.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield TantivyWords(Path(folder) / "words")


@settings(max_examples=20)
@given(histories())
def test_finds_what_the_oracle_finds_at_every_step_and_ever_after(history):
    changes, random = history
    with new_index() as index:
        states = [(index.snapshot(), Bm25Oracle(), 0)]
        for oracle, seq in follow(index, changes):
            states.append((index.snapshot(), oracle, seq))
        # Only now: later changes must not show in earlier snapshots.
        for snapshot, oracle, seq in states:
            assert (snapshot.seq, len(snapshot)) == (seq, len(oracle.entries))
            for _ in range(4):
                question, where = (
                    text(random, random.choice([1, 3, 10])),
                    scope(random, sum(len(c.added) for c in changes)),
                )
                everything = snapshot.search(question, ALL, where)
                assert_same_matches(everything, oracle.search(question, where))
                k = random.choice([1, 3, 10])
                assert snapshot.search(question, k, where) == everything[:k]


@settings(max_examples=15)
@given(histories())
def test_scores_of_a_fresh_build_are_those_of_the_oracle(history):
    changes, random = history
    with new_index() as index:
        oracle = Bm25Oracle()
        for change in changes:
            oracle = oracle.changed(change.added, change.removed)
        index.change(oracle.entries.values(), [], 1)
        snapshot = index.snapshot()
        for _ in range(6):
            question, where = text(random, random.choice([1, 2, 5, 20])), scope(random, 60)
            assert_same_scores(snapshot.search(question, ALL, where), oracle.search(question, where))
            total = len(oracle.entries) + 1
            same = oracle.same(question)
            for language in {"en", *(entry.language for entry in oracle.entries.values())}:
                weights = snapshot.weights(question, language)
                for word, weight in weights.items():
                    assert weight == pytest.approx(idf(total, oracle.document_frequency(same[word])), rel=1e-6)


def test_lengths_are_quantised_as_in_the_published_table():
    assert [quantised(length) for length in (0, 24, 39, 40, 41, 42, 43, 55, 56, 59, 60, 87, 88, 95, 96, 300)] == [
        *(0, 24, 39, 40, 40, 42, 42, 54, 56, 56, 60, 84, 88, 88, 96, 280)
    ]


def test_a_filter_neither_raises_nor_lowers_a_score():
    with new_index() as index:
        index.change(entries(Random(1), 90, 0), [], 1)
        snapshot = index.snapshot()
        free = dict(snapshot.search("resolution council", 90, EVERYWHERE))
        documents = range(1, 8)
        # The query names the first ones, but not the many.
        for allowed in (document_mask(*documents), document_mask(*documents, *range(10_000, 12_000))):
            filtered = dict(snapshot.search("resolution council", 90, Scope(1, allowed)))
            assert filtered
            assert filtered == {number: free[number] for number in filtered}


def test_k_is_reached_although_a_filter_refuses_the_best():
    with new_index() as index:
        best = [WordEntry(number, 1, 1, "", "nuclear") for number in range(1, 400)]
        rest = [WordEntry(number, 2, 1, "", "nuclear safety " * 9) for number in range(400, 420)]
        index.change([*best, *rest], [], 1)
        allowed = document_mask(*range(2, 1_500))
        found = index.snapshot().search("nuclear", 15, Scope(1, allowed))
        assert [hit.number for hit in found] == list(range(400, 415))


@pytest.mark.parametrize("size", [1, 20, 200])
def test_collections_of_any_size_are_found_and_no_other_is(size):
    with new_index() as index:
        others = [WordEntry(number, 1, 1, "", "nuclear") for number in range(1, 300)]
        own = [WordEntry(number, 2, 2, "", "nuclear safety " * 9) for number in range(300, 300 + size)]
        index.change([*others, *own], [], 1)
        found = index.snapshot().search("nuclear", 15, Scope(2))
        assert [hit.number for hit in found] == list(range(300, 300 + size))[:15]


@pytest.mark.parametrize("k", [0, 1, 7, 8, 9, 40, 200])
def test_ties_are_broken_by_number_wherever_k_cuts_them(k):
    with new_index() as index:
        # Several commits: the order inside tantivy is not that of the numbers.
        for seq, first in enumerate((41, 21, 1), start=1):
            index.change([WordEntry(number, 1, 1, "", "nuclear") for number in range(first, first + 20)], [], seq)
        found = index.snapshot().search("nuclear", k, EVERYWHERE)
        assert [hit.number for hit in found] == list(range(1, 61))[:k]


def test_the_reserved_entry_is_never_found():
    with new_index() as index:
        for seq in range(1, 4):
            index.change([WordEntry(seq, 1, 1, "seq", "is_state 1 state")], [], seq)
            assert index.snapshot().seq == seq
            assert len(index.snapshot()) == seq
        for question in ("1", "state", "seq", "is_state 1", "0 2 3"):
            hits = index.snapshot().search(question, ALL, EVERYWHERE)
            assert {hit.number for hit in hits} <= {1, 2, 3}
        assert index.snapshot().search("1", ALL, Scope(0)) == []


def test_a_change_that_fails_changes_nothing():
    def broken() -> Iterator[WordEntry]:
        yield WordEntry(2, 1, 1, "", "second")
        raise OSError("the store went away")

    with new_index() as index:
        index.change([WordEntry(1, 1, 1, "", "first")], [], 1)
        with pytest.raises(OSError, match="went away"):
            index.change(broken(), [1], 2)
        snapshot = index.snapshot()
        assert (snapshot.seq, len(snapshot)) == (1, 1)
        assert [hit.number for hit in snapshot.search("first second", ALL, EVERYWHERE)] == [1]
        index.change([WordEntry(2, 1, 1, "", "second")], [1], 2)
        assert [hit.number for hit in index.snapshot().search("first second", ALL, EVERYWHERE)] == [2]


def test_opened_again_it_stands_where_it_stood():
    with tempfile.TemporaryDirectory() as folder:
        TantivyWords(Path(folder)).change(entries(Random(5), 50, 0), [3, 4], 7)
        index = TantivyWords(Path(folder))
        before = index.snapshot().search("resolution", ALL, EVERYWHERE)
        assert before
        again = TantivyWords(Path(folder)).snapshot()
        assert (again.seq, len(again)) == (7, 50)  # 3 and 4 were added after they were removed
        assert again.search("resolution", ALL, EVERYWHERE) == before


def test_another_open_index_sees_a_commit_with_its_next_snapshot():
    with tempfile.TemporaryDirectory() as folder:
        writer, reader = TantivyWords(Path(folder)), TantivyWords(Path(folder))
        old = reader.snapshot()
        writer.change([WordEntry(1, 1, 1, "", "first")], [], 1)
        assert (old.seq, len(old)) == (0, 0)
        assert (reader.snapshot().seq, len(reader.snapshot())) == (1, 1)


def test_stop_words_are_ignored_unless_there_is_nothing_else():
    with new_index() as index:
        index.change([WordEntry(1, 1, 1, "", "to be or not"), WordEntry(2, 1, 1, "", "the vote")], [], 1)
        snapshot = index.snapshot()
        assert [hit.number for hit in snapshot.search("what is the vote", ALL, EVERYWHERE)] == [2]
        assert [hit.number for hit in snapshot.search("to be or not to be", ALL, EVERYWHERE)] == [1]
        assert set(snapshot.weights("what is the vote", "")) == {"vote"}
        assert snapshot.search("", ALL, EVERYWHERE) == snapshot.search("?!", ALL, EVERYWHERE) == []


def test_every_stop_word_is_written_as_the_index_holds_it():
    """One that the index would write in another way would never be met."""
    terms = analysis_of("en").terms
    stems = set(terms("any because before does during once only very why"))
    assert {word for word in ENGLISH if terms(word) != [word]} <= stems <= ENGLISH
