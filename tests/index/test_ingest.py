import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings

from corpus.database import current_seq
from corpus.errors import BadInputError, LockedError, ModelError
from corpus.passages import passages_by_number
from corpus.sources import Source, file_source, find_files
from corpus.store import count_in_force, current_version, text_of, version_of, versions_in_force
from corpus.tables import passages
from index import ingest as ingest_module
from index.results import FileResult
from index.store import generation_at
from index.tables import vectors
from tests.hostile_text import raw_texts
from tests.index.homes import DIMENSION, HashEmbedder, Home, RefusingEmbedder, open_home, text_source

FERRY = "The ferry to Karn sails at noon.\n\nDogs travel free of charge on deck."
LIGHT = "Karn Light was lit in 1887.\n\nIts lamp burns paraffin. Nobody lives there."


@pytest.fixture
def home(tmp_path):
    with open_home(tmp_path / "home") as opened:
        yield opened


def dump(home: Home) -> str:
    """Everything in the database, as SQL."""
    with sqlite3.connect(home.path / "store.db") as connection:
        content = "\n".join(connection.iterdump())
    connection.close()
    return content


def folder_of(tmp_path: Path, files: dict[str, str | bytes]) -> list[Source]:
    folder = tmp_path / "documents"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [file_source(folder / name) for name in files]


def statuses(results: Sequence[FileResult]) -> list[str]:
    return [result.status for result in results]


# --- what arrives ----------------------------------------------------------------------------------------------------


def test_files_become_documents_passages_and_vectors(home, tmp_path):
    sources = folder_of(tmp_path, {"ferry.txt": FERRY, "light.md": f"# Karn Light\n\n{LIGHT}"})
    ferry, light = home.ingest(*sources)
    assert (ferry.status, ferry.seq, light.status, light.seq) == ("added", 1, "added", 1)
    assert (ferry.path, ferry.reason, ferry.pages_total) == (str(sources[0].content), None, None)
    with home.database.read() as connection:
        found = version_of(connection, ferry.document_id, 1)
        assert text_of(connection, found.number) == FERRY
        assert (found.uri, found.name, found.external_id) == (sources[0].uri, "ferry.txt", "ferry")
        assert version_of(connection, light.document_id, 1).title == "Karn Light"
        # Every passage has its vector, and it is that of title and text, rounded once.
        rows = connection.execute(sa.select(passages, vectors.c.vector).join(vectors)).all()
        assert len(rows) == count_in_force(connection, 1)[1] > 2
        for row in rows:
            text = text_of(connection, row.version)[row.start : row.end]
            title = found.title if row.version == found.number else "Karn Light"
            expected = home.embedder.embed_question(f"{title}\n{text}").astype("<f2")
            assert row.vector == expected.tobytes()
            assert len(row.vector) == 2 * DIMENSION
    assert home.originals.get(found.original) == FERRY.encode()
    assert home.by_words("paraffin lamp") == home.by_vectors("Its lamp burns paraffin.", k=1)


@settings(max_examples=15)
@given(raw_texts, raw_texts)
def test_any_text_is_stored_whole_or_refused_with_a_reason(tmp_path_factory, text, label):
    with open_home(tmp_path_factory.mktemp("hostile") / "home") as home:
        source = replace(text_source(label, text), title=label, metadata={"label": label, label: 1})
        (result,) = home.ingest(source)
        assert result.status == ("added" if text.strip() else "failed"), result.reason
        assert statuses(home.ingest(source)) == (["unchanged"] if text.strip() else ["failed"])
        str(result).encode()


@pytest.mark.parametrize("content", ["", " \n\t", b"", b" \n"])
def test_what_has_no_text_is_refused_with_a_reason(home, content):
    (result,) = home.ingest(Source("text:empty", "empty.txt", content))
    assert (result.status, result.document_id, result.seq) == ("failed", None, None)
    assert result.reason
    with home.database.read() as connection:
        assert current_seq(connection) == 0


# --- again -----------------------------------------------------------------------------------------------------------


def test_again_changes_nothing(home, tmp_path):
    sources = folder_of(tmp_path, {"ferry.txt": FERRY, "light.txt": LIGHT})
    first = home.ingest(*sources)
    before = dump(home)
    home.embedder = RefusingEmbedder()
    again = home.ingest(*sources)
    assert [replace(result, status="unchanged") for result in first] == again
    assert dump(home) == before
    os.utime(tmp_path / "documents" / "ferry.txt")
    assert statuses(home.ingest(*sources)) == ["unchanged", "unchanged"]


def test_an_update_replaces_the_passages_and_keeps_the_old_text(home, tmp_path):
    (first,) = home.ingest(*folder_of(tmp_path, {"light.txt": LIGHT}))
    old = home.keeper.snapshot()
    (second,) = home.ingest(*folder_of(tmp_path, {"light.txt": LIGHT.replace("paraffin", "gas")}))
    assert (second.status, second.document_id, second.seq) == ("updated", first.document_id, 2)
    assert home.by_words("paraffin") == set()
    assert home.by_words("gas")
    assert not any("paraffin" in text for text in home.by_vectors("lamp paraffin"))
    with home.database.read() as connection:
        before = version_of(connection, first.document_id, 1)
        assert text_of(connection, version_of(connection, first.document_id, 2, before.digest).number) == LIGHT
        assert count_in_force(connection, 2) == (1, count_in_force(connection, 1)[1])
        hits = old.words.search("paraffin", 10, home.scope())
        assert passages_by_number(connection, [hit.number for hit in hits], old.seq)
        assert not passages_by_number(connection, [hit.number for hit in hits], 2)
    # Back again: its own third version, under the same id.
    (third,) = home.ingest(*folder_of(tmp_path, {"light.txt": LIGHT}))
    assert (third.status, third.document_id, third.seq) == ("updated", first.document_id, 3)
    assert home.by_words("paraffin")


def test_other_metadata_or_another_title_is_an_update(home):
    source = text_source("light", LIGHT, metadata={"year": 1887, "public": True}, title="Karn\r\nLight")
    assert statuses(home.ingest(source)) == ["added"]
    assert statuses(home.ingest(source)) == ["unchanged"]
    assert statuses(home.ingest(replace(source, metadata=None, title=None))) == ["unchanged"]
    for change in (
        {"metadata": {"year": 1888}},
        {"metadata": {"year": 1888.0}},
        {"metadata": {"year": 1888.0, "public": 1}},
        {"metadata": {"year": 1888.0, "keeper": "\ud800"}},
        {"title": "The light"},
    ):
        source = replace(source, **change)
        assert statuses(home.ingest(source)) == ["updated"], change
        assert statuses(home.ingest(source)) == ["unchanged"], change
    with home.database.read() as connection:
        found = current_version(connection, "default", source.uri)
    assert (found.title, found.metadata) == ("The light", {"year": 1888.0, "keeper": "\ufffd"})


def test_what_was_given_stays_until_something_else_is_given(home):
    source = text_source("light", LIGHT, metadata={"year": 1887, "public": True}, title="Karn Light")
    home.ingest(source)
    changed = replace(source, content=f"{LIGHT} Really.", metadata=None, title=None)
    assert statuses(home.ingest(changed)) == ["updated"]
    assert given(home, source) == ("Karn Light", {"year": 1887, "public": True})
    assert statuses(home.ingest(replace(changed, metadata={}))) == ["updated"]
    assert given(home, source) == ("Karn Light", {})


def test_a_sidecar_says_title_and_metadata_and_is_no_document(home, tmp_path):
    folder_of(tmp_path, {"ferry.txt": FERRY, "ferry.txt.meta.json": '{"title": "Timetable", "year": 2026}'})
    sources = [file_source(path) for path in find_files([tmp_path / "documents"])]
    (result,) = home.ingest(*sources)
    assert (result.status, given(home, sources[0])) == ("added", ("Timetable", {"year": 2026}))
    sidecar = tmp_path / "documents" / "ferry.txt.meta.json"
    document = tmp_path / "documents" / "ferry.txt"
    assert list(find_files([document, sidecar])) == [document]  # as a shell gives them for "documents/*"
    assert list(find_files([sidecar])) == [sidecar]
    sidecar.write_text('{"year": 2027, "line": "Karn"}')
    assert statuses(home.ingest(*sources)) == ["updated"]
    assert given(home, sources[0]) == ("Timetable", {"year": 2027, "line": "Karn"})
    long_number = "{year: 0x" + "f" * 5_000 + "}"
    sidecar.unlink()
    sidecar = sidecar.with_suffix(".yaml")
    for content in ("[1]", long_number):
        sidecar.write_text(content)
        (failed,) = home.ingest(*sources)
        assert failed.status == "failed"
        assert "must hold an object" in failed.reason


def test_dates_of_yaml_are_words_and_a_name_too_long_for_a_sidecar_has_none(home, tmp_path):
    longest = "l" * 251 + ".txt"
    folder_of(tmp_path, {longest: LIGHT, "ferry.txt": FERRY, "ferry.txt.meta.yaml": "date: 2026-03-01\nopen: true\n"})
    sources = [file_source(path) for path in find_files([tmp_path / "documents"])]
    assert statuses(home.ingest(*sources)) == ["added", "added"]
    assert given(home, sources[0]) == ("ferry", {"date": "2026-03-01", "open": True})


def given(home: Home, source: Source) -> tuple[str, dict[str, object]]:
    with home.database.read() as connection:
        found = current_version(connection, "default", source.uri)
    return found.title, found.metadata


def test_a_source_that_comes_twice_at_once_is_one_document(home):
    added, updated = home.ingest(text_source("light", LIGHT), text_source("light", LIGHT + " Really."))
    assert (added.status, updated.status) == ("added", "updated")
    assert added.document_id == updated.document_id
    assert len(home.by_words("really")) == len(home.by_words("1887")) == 1
    snapshot = home.keeper.snapshot()
    assert len(snapshot.words) == len(snapshot.vectors)


# --- identity --------------------------------------------------------------------------------------------------------


def test_one_source_in_two_collections_is_two_documents(home):
    (here,) = home.ingest(text_source("light", LIGHT), collection="here")
    (there,) = home.ingest(text_source("light", LIGHT), collection="there")
    assert (here.status, there.status) == ("added", "added")
    assert here.document_id != there.document_id
    assert home.by_words("paraffin", "here") == home.by_words("paraffin", "there") != set()
    home.remover.remove_document(here.document_id)
    assert home.by_words("paraffin", "here") == set()
    assert home.by_words("paraffin", "there")


def test_an_id_of_the_caller_is_kept_whatever_the_source(home):
    named = text_source("light", LIGHT, document_id="karn-light")
    (added,) = home.ingest(named)
    assert (added.status, added.document_id) == ("added", "karn-light")
    moved = replace(named, uri="upload:karn-light")
    (unchanged,) = home.ingest(moved)
    assert (unchanged.status, unchanged.document_id) == ("unchanged", "karn-light")
    (updated,) = home.ingest(replace(moved, content=LIGHT + " Really."))
    assert (updated.status, updated.document_id) == ("updated", "karn-light")
    with home.database.read() as connection:
        assert len(versions_in_force(connection, "default", 2)) == 1


def test_an_id_that_is_taken_fails_alone(home):
    (light,) = home.ingest(text_source("light", LIGHT))
    home.ingest(text_source("a", "Elsewhere.", document_id="taken"), collection="elsewhere")
    results = home.ingest(
        text_source("light", LIGHT + " Really.", document_id="other"),
        text_source("ferry", FERRY),
        text_source("b", "Here.", document_id="taken"),
    )
    assert statuses(results) == ["failed", "added", "failed"]
    assert light.document_id in results[0].reason
    assert "'taken'" in results[2].reason
    assert home.by_words("really") == home.by_words("here") == set()
    assert home.by_words("noon")


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_bad_file_does_not_stop_the_others(home, tmp_path):
    sources = folder_of(
        tmp_path,
        {
            "a.txt": "One puffin.",
            "broken.pdf": b"%PDF-1.7 and nothing else",
            "empty.txt": "",
            "huge.txt": "x" * 100_001,
            "program.bin": bytes(range(256)) * 4,
            "z.txt": "Two puffins.",
        },
    )
    sources.insert(3, file_source(tmp_path / "gone.txt"))
    results = home.ingest(*sources)
    assert statuses(results) == ["added", *["failed"] * 5, "added"]
    assert [result.path for result in results] == [str(source.content) for source in sources]
    assert all(result.reason and result.document_id is None for result in results if result.status == "failed")
    assert home.by_words("puffin") == {"One puffin.", "Two puffins."}


def test_a_file_that_became_unreadable_leaves_its_document_as_it_was(home, tmp_path):
    home.ingest(*folder_of(tmp_path, {"light.txt": LIGHT}))
    assert statuses(home.ingest(*folder_of(tmp_path, {"light.txt": ""}))) == ["failed"]
    assert home.by_words("paraffin")


def test_another_model_or_passage_size_is_refused(home):
    home.ingest(text_source("light", LIGHT))
    before = dump(home)
    home.embedder.fingerprint = replace(HashEmbedder.fingerprint, name="another")
    with pytest.raises(ModelError, match="'another'"):
        home.ingest(text_source("ferry", FERRY))
    with open_home(home.path) as other:
        other.ingester._recipes = other.recipes(20)
        with pytest.raises(ModelError, match="16 tokens, the setting says 20"):
            other.ingest(text_source("ferry", FERRY))
    assert dump(home) == before
    with home.database.read() as connection:
        assert generation_at(connection, 1).fingerprint == HashEmbedder.fingerprint.as_dict()


def test_a_bad_collection_name_is_refused_before_anything_is_read(home):
    def sources():
        raise AssertionError("sources are read")
        yield

    with pytest.raises(BadInputError, match="'no name'"):
        home.ingester.ingest(sources(), "no name", print, print, 0)


def test_a_locked_home_is_refused(home):
    with open_home(home.path) as other, other.lock.held(0), pytest.raises(LockedError):
        home.ingest(text_source("light", LIGHT), lock_seconds=0.1)


def test_an_embedder_that_fails_leaves_what_was_reported(home, monkeypatch):
    monkeypatch.setattr(ingest_module, "_GROUP_PASSAGES", 1)
    real = home.embedder.embed_passages

    def embed(texts):
        if "Really" in texts[-1]:
            raise RuntimeError("the model failed")
        return real(texts)

    home.embedder.embed_passages = embed
    results: list[FileResult] = []
    sources = [text_source("light", LIGHT), text_source("ferry", FERRY + " Really."), text_source("a", "Never.")]
    with pytest.raises(RuntimeError, match="the model failed"):
        home.ingester.ingest(sources, "default", results.append, lambda _progress: None, 0)
    assert statuses(results) == ["added"]
    assert home.by_words("paraffin")
    assert home.by_words("noon never") == set()
    assert statuses(home.ingest(sources[0])) == ["unchanged"]  # and the lock is free again


def test_a_vector_that_is_no_number_is_not_stored(home, monkeypatch):
    def broken(passages):
        return np.full((len(passages), DIMENSION), np.nan, dtype=np.float32)

    before = home.keeper.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(home.embedder, "embed_passages", broken)
        with pytest.raises(ModelError, match="'hash' makes of 'a'"):
            home.ingest(text_source("a", "The ferry sails."))
    assert home.keeper.snapshot() is before
    assert home.ingest(text_source("a", "The ferry sails."))[0].status == "added"


# --- reports ---------------------------------------------------------------------------------------------------------


def test_a_result_is_reported_when_every_process_can_see_it(home, monkeypatch):
    monkeypatch.setattr(ingest_module, "_GROUP_PASSAGES", 3)
    seen: list[tuple[str, int]] = []
    with open_home(home.path) as reader:

        def check(result: FileResult) -> None:
            snapshot = reader.keeper.snapshot()
            assert snapshot.seq >= result.seq
            with reader.database.read() as connection:
                assert version_of(connection, result.document_id, snapshot.seq).name == result.path
            assert f"This is puffin {result.path}." in reader.by_words("puffin")
            seen.append((result.path, result.seq))

        sources = [text_source(str(number), f"This is puffin {number}.") for number in range(10)]
        home.ingester.ingest(sources, "default", check, lambda _progress: None, 0)
    assert seen == [(str(number), number // 3 + 1) for number in range(10)]


def test_progress_counts_the_passages_of_a_long_file(home, monkeypatch):
    monkeypatch.setattr(ingest_module, "_EMBEDDED_AT_ONCE", 4)
    progress = []
    text = "\n\n".join(
        f"Paragraph {number} of a long file has more than sixteen words so that it stands alone, "
        f"as every paragraph of it does."
        for number in range(10)
    )
    home.ingester.ingest([text_source("long", text)], "default", lambda _result: None, progress.append, 0)
    total = count(home)
    assert [(step.path, step.passages_done, step.passages_total) for step in progress] == [
        ("long", done, total) for done in range(0, total, 4)
    ]


def count(home: Home) -> int:
    with home.database.read() as connection:
        return count_in_force(connection, 10**9)[1]


def test_what_is_stored_does_not_depend_on_how_many_passages_are_embedded_at_once(home, monkeypatch):
    text = "\n\n".join(
        f"Sentence number {number} of a text, with some words that make it longer." for number in range(9)
    )
    home.ingest(text_source("a", text, title="T"), collection="a")
    monkeypatch.setattr(ingest_module, "_EMBEDDED_AT_ONCE", 2)
    home.ingest(text_source("b", text, title="T"), collection="b")
    with home.database.read() as connection:
        stored = connection.execute(sa.select(vectors.c.vector).order_by(vectors.c.passage)).scalars().all()
    half = len(stored) // 2
    assert stored[:half] == stored[half:]
    assert np.frombuffer(stored[0], dtype="<f2").shape == (DIMENSION,)


# --- removal ---------------------------------------------------------------------------------------------------------


def test_removed_documents_and_collections_are_gone_for_every_reader(home):
    (light,) = home.ingest(text_source("light", LIGHT))
    home.ingest(text_source("ferry", FERRY), text_source("light", LIGHT), collection="other")
    with open_home(home.path) as reader:
        assert home.remover.remove_document(light.document_id) == 3
        assert reader.keeper.snapshot().seq == 3
        assert reader.by_words("paraffin") == set()
        scope = reader.scope("other")
        assert home.remover.remove_collection("other") == 4
        snapshot = reader.keeper.snapshot()
        assert (snapshot.seq, len(snapshot.words), len(snapshot.vectors)) == (4, 0, 0)
        assert snapshot.words.search("ferry", 10, scope) == []
    (again,) = home.ingest(text_source("light", LIGHT))
    assert (again.status, again.document_id) == ("added", light.document_id)
