"""Words in tantivy: BM25 over the passages' texts and, with less weight, over titles and headings.

Which words these are is said by `index.analysis`; tantivy gets them with spaces between.
tantivy's commits carry no note of ours, so its `seq` is one reserved entry that is replaced in the same commit.
"""

import errno
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import tantivy

from index.analysis import analysis_of
from index.vectors import Hit, Numbers, Scope
from index.word_files import files_in_force, meta_of
from index.word_queries import WordQueries
from index.words import DamagedWordsError, WordEntry

ANALYZER: Final = "pincite_2"
_HEAP_BYTES = 64_000_000
_HITS_PER_TERM = 2  # to name an allowed document in the query takes as long as to read so many hits (measured)
_SMALL_SHARE = 0.1  # of all passages, up to which a collection is part of the query
_TIES = 8  # fetched beyond k, so that passages of equal score can be put in order of their numbers

# How tantivy tells of the system's errors; a thread of the writer, that writes new files only, does not tell which.
_OS_ERROR = re.compile(r"os error (\d+)|\bcode: (\d+)")
_WRITER_ENDED = "An index writer was killed"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class TantivyWords:
    """A word index in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open or create. Raises DamagedWordsError when the folder holds something that cannot be opened."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._schema = _schema()
        with _damage_told():
            self._index = self._open()

    def snapshot(self) -> "TantivySnapshot":
        """See `WordIndex.snapshot`."""
        with _damage_told():
            self._index.reload()
            return TantivySnapshot(self._schema, self._index.searcher())

    def change(self, added: Iterable[WordEntry], removed: Sequence[int], seq: int) -> None:
        """See `WordIndex.change`."""
        with _damage_told():
            self._change(added, removed, seq)

    def rebuild(self, entries: Iterable[WordEntry], seq: int) -> None:
        """See `WordIndex.rebuild`."""
        with _damage_told():
            self._rebuild(entries, seq)

    def _open(self) -> tantivy.Index:
        index = tantivy.Index(self._schema, str(self._folder))
        index.register_tokenizer(ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        # Snapshots reload it themselves; by default a thread would do so half a second after every commit, and take
        # a lock file in a folder that may be about to be removed.
        index.config_reader("manual")
        return index

    def _change(self, added: Iterable[WordEntry], removed: Sequence[int], seq: int) -> None:
        with self._writer() as writer:
            # By query: deleting by term takes a Python int for a signed term and silently deletes nothing.
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "passage", list(removed)))
            writer.delete_documents_by_query(_state_query(self._schema))
            self._add(writer, added, seq)

    def _rebuild(self, entries: Iterable[WordEntry], seq: int) -> None:
        with self._writer() as writer:
            writer.delete_all_documents()
            self._add(writer, entries, seq)

    def _add(self, writer: tantivy.IndexWriter, entries: Iterable[WordEntry], seq: int) -> None:
        for entry in entries:
            writer.add_document(tantivy.Document.from_dict(_fields(entry), self._schema))
        writer.add_document(tantivy.Document.from_dict({"is_state": 1, "seq": seq}, self._schema))

    @contextmanager
    def _writer(self) -> Iterator[tantivy.IndexWriter]:
        """A writer whose changes are committed when the block ends and undone when it raises."""
        self._remove_leavings()
        # Opened anew: tantivy has its list of files in memory, and another process may have written since.
        writer = self._open().writer(_HEAP_BYTES, 1)
        try:
            yield writer
            writer.commit()
        except BaseException:
            with suppress(ValueError):  # after an error of the disk it fails, too
                writer.rollback()
            raise
        finally:
            writer.wait_merging_threads()

    def _remove_leavings(self) -> None:
        """Remove lists of deletions that were never committed: they stand in the way of the next of their name.

        (tantivy removes the files that it knows of; when the power failed it may not know them.)
        """
        there = set(files_in_force(self._folder, meta_of(self._folder)))
        for path in self._folder.glob("*.del"):
            if path not in there:
                path.unlink(missing_ok=True)


class TantivySnapshot:
    """One searcher, which sees one commit."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher
        self.seq = self._read_seq()
        self._queries = WordQueries(schema, searcher)

    def __len__(self) -> int:
        # The reserved entry is not a passage; a new index has none yet.
        return max(0, self._searcher.num_docs - 1)

    def search(self, question: str, k: int, scope: Scope) -> list[Hit]:
        """See `WordSnapshot.search`. The filter adds nothing to the score."""
        with _damage_told():
            terms = self._queries.terms(question)
            if not terms or k < 1 or (scope.documents is not None and not scope.documents.any()):
                return []
            filters, wanted = self._plan(list(terms), scope, k + _TIES)
            query = _all_of(self._queries.query(terms, question), *filters)
        while True:
            hits, exhausted = self._hits(query, wanted, scope)
            if exhausted or (len(hits) > k and hits[k - 1].score > hits[-1].score):
                return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:k]
            wanted *= 4

    def _hits(self, query: tantivy.Query, wanted: int, scope: Scope) -> tuple[list[Hit], bool]:
        """The allowed ones of the best `wanted`, and whether there are no more."""
        with _damage_told():
            found = self._searcher.search(query, wanted, count=False).hits
            addresses = [address for _, address in found]
            passages = self._searcher.fast_field_values("passage", addresses)
            documents = self._searcher.fast_field_values("document", addresses)
            collections = self._searcher.fast_field_values("collection", addresses)
        # The reserved entry has none of these numbers.
        allowed = scope.allows(np.asarray([document or 0 for document in documents], dtype=np.int64)).tolist()
        hits = [
            Hit(int(passage), float(score))
            for (score, _), passage, collection, passes in zip(found, passages, collections, allowed, strict=True)
            if passage is not None and collection == scope.collection and passes
        ]
        return hits, len(found) < wanted

    def _read_seq(self) -> int:
        found = self._searcher.search(_state_query(self._schema), 1, count=False).hits
        values = self._searcher.fast_field_values("seq", [address for _, address in found])
        return int(values[0] or 0) if values else 0

    def passages(self) -> Numbers:
        """See `WordSnapshot.passages`."""
        with _damage_told():
            query = tantivy.Query.all_query()
            found = self._searcher.search(query, max(1, self._searcher.num_docs), count=False).hits
            values = self._searcher.fast_field_values("passage", [address for _, address in found])
        return np.array([value for value in values if value is not None], dtype=np.int64)

    def holds(self, entry: WordEntry) -> bool:
        """See `WordSnapshot.holds`."""
        wanted = [tantivy.Query.term_query(self._schema, "passage", entry.passage)]
        wanted += [
            self._queries.term_query(field, term)
            for field in ("body", "context")
            for term in self._terms_of(entry, field)
        ]
        with _damage_told():
            return bool(self._searcher.search(_all_of(*wanted), 1, count=False).hits)

    def _terms_of(self, entry: WordEntry, field: str) -> set[str]:
        return set(self.terms(getattr(entry, field), entry.language))

    def terms(self, text: str, language: str) -> list[str]:
        """See `WordSnapshot.terms`."""
        return analysis_of(language).terms(text)

    def weights(self, question: str, language: str) -> dict[str, float]:
        """See `WordSnapshot.weights`."""
        with _damage_told():
            return self._queries.weights(question, language)

    def _plan(self, terms: Sequence[str], scope: Scope, wanted: int) -> tuple[list[tantivy.Query], int]:
        """Filters for the query, and how many hits to ask for, so that about `wanted` of them pass those that are not.

        tantivy passes over most of the matches when it is asked for the best of some words and nothing else; with a
        filter it scores all that pass. That is worth it only where the filter leaves few. What is left to `_hits`
        takes its share of them as if the best ones were spread evenly.
        """
        held = self._searcher.doc_freq("collection", scope.collection) / max(1, self._searcher.num_docs)
        small = held < _SMALL_SHARE
        filters = [self._filter("collection", [scope.collection])] if small else []
        if scope.documents is None:
            return filters, wanted if small else math.ceil(wanted / held)
        allowed = np.flatnonzero(scope.documents)
        share = len(allowed) / len(scope.documents) / (held if small and held else 1)
        enough = math.ceil(wanted / min(1, share))
        matches = sum(self._searcher.doc_freq(field, term) for field in ("body", "context") for term in terms)
        if len(allowed) * _HITS_PER_TERM > min(enough, matches):
            return filters, min(enough, matches + 1)  # tantivy takes the memory for what it is asked for at once
        return [*filters, self._filter("document", allowed.tolist())], wanted

    def _filter(self, field: str, values: Sequence[int]) -> tantivy.Query:
        query = tantivy.Query.term_set_query(self._schema, field, list(values))
        return tantivy.Query.const_score_query(query, 0.0)


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what tantivy raises over a damaged file into our error."""
    try:
        yield
    except BaseException as error:
        _tell_of_the_disk(error)
        # A panic inside tantivy is no Exception, and its type can be told by its name only.
        if isinstance(error, ValueError) or type(error).__name__ == "PanicException":
            raise DamagedWordsError(f"the word index is damaged ({error})") from error
        raise


def _tell_of_the_disk(error: BaseException) -> None:
    """Raises OSError when the disk took no more: what is there is whole, and making it anew would fail as well."""
    told = str(error)
    code = _OS_ERROR.search(told)
    number = int(code[1] or code[2]) if code else 0
    if isinstance(error, ValueError) and (number in _NO_ROOM or _WRITER_ENDED in told):
        raise OSError(number or errno.EIO, f"the word index cannot be written ({told})") from error


def _all_of(*queries: tantivy.Query) -> tantivy.Query:
    must = tantivy.Occur.Must
    # tantivy passes over what cannot be among the best in a query of words alone only.
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(must, query) for query in queries])


def _state_query(schema: tantivy.Schema) -> tantivy.Query:
    return tantivy.Query.term_query(schema, "is_state", 1)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True, fast=True)
    builder.add_unsigned_field("collection", indexed=True, fast=True)
    builder.add_unsigned_field("is_state", indexed=True)
    builder.add_unsigned_field("seq", fast=True)
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("context", tokenizer_name=ANALYZER, index_option="freq")
    builder.add_text_field("body", tokenizer_name=ANALYZER, index_option="position")
    return builder.build()


def _fields(entry: WordEntry) -> dict[str, Any]:
    """A passage as tantivy takes it. Further forms are a value of their own: no word of a phrase is behind them."""
    analysis = analysis_of(entry.language)
    return {
        "passage": entry.passage,
        "document": entry.document,
        "collection": entry.collection,
        "language": entry.language,
        "context": " ".join(analysis.terms(entry.context)),
        "body": [" ".join(analysis.words(entry.body)), " ".join(analysis.forms(entry.body))],
    }
