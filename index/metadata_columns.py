"""Metadata as sorted columns, so that a comparison is one slice instead of a look at every document.

A segment holds documents as rows. For every key and every kind of value it has the distinct values in order, and the
rows in the order of their values: what is equal to a value, or before or behind it, is a run of that. Numbers stay
Python's own, which compare exactly, integers beyond 2**53 with fractions as well.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from corpus.document_metadata import DocumentMetadata
from corpus.types import MetadataValue
from index.vectors import Mask, Numbers

Kind = Literal["boolean", "number", "string", "nan"]
Order = Literal["gt", "gte", "lt", "lte"]
Dates = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.int32]


def kind_of(value: MetadataValue) -> Kind:
    """Values of one kind compare with each other only; what is not a number compares with nothing, itself included."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "number" if value == value else "nan"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The values of one kind under one key: `rows[starts[i] : starts[i + 1]]` have `values[i]`.

    `values` are distinct and ascend, of shape (d,); `starts` has shape (d + 1,), `rows` one entry a value given.
    """

    values: Sequence[Any]
    starts: Numbers
    rows: _Rows

    @classmethod
    def of(cls, values: Sequence[Any], rows: npt.ArrayLike) -> Self:
        """From values, in any order, and the row of each of them."""
        distinct = sorted(dict.fromkeys(values))
        places = {value: place for place, value in enumerate(distinct)}
        codes = np.fromiter(map(places.__getitem__, values), dtype=np.int64, count=len(values))
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(distinct)))])
        return cls(distinct, starts, np.asarray(rows, dtype=np.int32)[np.argsort(codes, kind="stable")])

    def equal(self, value: MetadataValue) -> _Rows:
        """The rows that have the value."""
        place = bisect_left(self.values, value)
        known = place < len(self.values) and self.values[place] == value
        return self._run(place, place + 1 if known else place)

    def ordered(self, order: Order, value: MetadataValue) -> _Rows:
        """The rows whose value is greater or less than the given one."""
        if order in ("gt", "gte"):
            return self._run((bisect_right if order == "gt" else bisect_left)(self.values, value), len(self.values))
        return self._run(0, (bisect_left if order == "lt" else bisect_right)(self.values, value))

    def moved(self, places: Numbers) -> tuple[list[Any], _Rows]:
        """Values and rows once more, with new row numbers: row i becomes `places[i]`, or is left out if that is -1."""
        rows = places[self.rows]
        codes = np.repeat(np.arange(len(self.values)), np.diff(self.starts))[rows >= 0]
        return [self.values[code] for code in codes.tolist()], rows[rows >= 0].astype(np.int32)

    def _run(self, first: int, end: int) -> _Rows:
        return self.rows[self.starts[first] : self.starts[end]]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Documents as rows, of shape (n,), and their columns by key and kind; rows that are not `alive` are over.

    `dates` are of when the documents are: seconds since 1970 (UTC), NaN where that is not known.
    """

    documents: Numbers
    collections: Numbers
    dates: Dates
    alive: Mask
    columns: Mapping[str, Mapping[Kind, Column]]

    def __len__(self) -> int:
        return len(self.documents)

    def having(self, key: str) -> Mask:
        """The rows that have the key, whatever its value."""
        return self._mask(column.rows for column in self.columns.get(key, {}).values())

    def equal(self, key: str, values: Sequence[MetadataValue]) -> Mask:
        """The rows that have one of the values under the key."""
        kinds = self.columns.get(key, {})
        asked = ((kinds.get(kind_of(value)), value) for value in values if kind_of(value) != "nan")
        return self._mask(column.equal(value) for column, value in asked if column is not None)

    def ordered(self, key: str, order: Order, value: MetadataValue) -> Mask:
        """The rows whose number or string under the key is greater or less; booleans have no order."""
        kind = kind_of(value)
        column = self.columns.get(key, {}).get(kind)
        return self._mask([column.ordered(order, value)] if column and kind in ("number", "string") else [])

    def without(self, documents: Numbers) -> Self:
        """The same segment with the rows of some documents over."""
        alive = self.alive & ~np.isin(self.documents, documents)
        return type(self)(self.documents, self.collections, self.dates, alive, self.columns)

    def _mask(self, parts: Iterable[_Rows]) -> Mask:
        mask = np.zeros(len(self), dtype=np.bool_)
        for rows in parts:
            mask[rows] = True
        return mask


class _Entries:
    """Values and their rows by key and kind, gathered until columns are made of them."""

    def __init__(self) -> None:
        self._found: dict[str, dict[Kind, tuple[list[Any], list[int]]]] = {}

    def add(self, key: str, kind: Kind, values: Iterable[Any], rows: Iterable[int]) -> None:
        into = self._found.setdefault(key, {}).setdefault(kind, ([], []))
        into[0].extend(values)
        into[1].extend(rows)

    def columns(self) -> dict[str, dict[Kind, Column]]:
        return {
            key: {kind: Column.of(*entries) for kind, entries in kinds.items() if entries[0]}
            for key, kinds in self._found.items()
        }


def segment_of(records: Iterable[DocumentMetadata]) -> Segment:
    """A segment of documents, each of which may come once."""
    entries, documents, collections, dates = _Entries(), [], [], []
    for row, record in enumerate(records):
        documents.append(record.document)
        collections.append(record.collection)
        dates.append(record.date)
        for key, value in record.metadata.items():
            entries.add(key, kind_of(value), (value,), (row,))
    numbers = np.asarray(documents, dtype=np.int64), np.asarray(collections, dtype=np.int64)
    return _segment(*numbers, np.asarray(dates, dtype=np.float64), entries)


def joined(segments: Sequence[Segment]) -> Segment:
    """One segment of all rows that are alive."""
    entries, first = _Entries(), 0
    for segment in segments:
        places = np.where(segment.alive, first + np.cumsum(segment.alive) - 1, -1)
        first += int(segment.alive.sum())
        for key, kinds in segment.columns.items():
            for kind, column in kinds.items():
                values, rows = column.moved(places)
                entries.add(key, kind, values, rows.tolist())
    documents = np.concatenate([segment.documents[segment.alive] for segment in segments])
    collections = np.concatenate([segment.collections[segment.alive] for segment in segments])
    return _segment(documents, collections, np.concatenate([part.dates[part.alive] for part in segments]), entries)


def _segment(documents: Numbers, collections: Numbers, dates: Dates, entries: _Entries) -> Segment:
    return Segment(documents, collections, dates, np.ones(len(documents), dtype=np.bool_), entries.columns())
