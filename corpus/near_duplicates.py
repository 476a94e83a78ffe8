"""Texts that are nearly the same, found by MinHash sketches of their runs of five words.

The share of equal values in two sketches estimates the Jaccard similarity of the texts' runs of words (Broder 1997,
"On the resemblance and containment of documents"). A sketch follows from the text alone: every process and every
machine makes the same one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

Sketch = npt.NDArray[np.uint32]
"""Shape (SIZE,)."""
Sketches = npt.NDArray[np.uint32]
"""Shape (texts, SIZE)."""
Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.intp]
AreApart = Callable[[int, Rows], npt.NDArray[np.bool_]]
"""Says of a row and some others which pairs do not count."""

SIZE: Final = 128
THRESHOLD: Final = 0.8

_RUN = 5
# Scripts without blanks between words count by the character.
_SINGLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_SINGLE}]|[^\\W{_SINGLE}]+")
_STEP = np.uint64(0x9E3779B97F4A7C15)


def sketch(text: str) -> Sketch:
    """The sketch of a text that is not blank; upper and lower case, blanks and punctuation make no difference."""
    words = _WORD.findall(text.casefold()) or [text.strip()]
    hashes = {word: crc32(word.encode()) for word in set(words)}
    runs = _runs(np.array([hashes[word] for word in words], dtype=np.uint64))
    values = np.unique((_mixed(runs) >> np.uint64(32)).astype(np.uint32))
    return np.array(
        [(values * factor + shift).min() for factor, shift in zip(_FACTORS, _SHIFTS, strict=True)], dtype=np.uint32
    )


def to_bytes(values: Sketch) -> bytes:
    """A sketch as it is stored: SIZE little-endian uint32."""
    return values.astype("<u4").tobytes()


def from_bytes(stored: Sequence[bytes]) -> Sketches:
    """Sketches as they were stored."""
    return np.frombuffer(b"".join(stored), dtype="<u4").astype(np.uint32).reshape(-1, SIZE)


def similarities(one: Sketch, many: Sketches) -> npt.NDArray[np.float64]:
    """The estimated Jaccard similarity, 0 to 1, of one text and each of many."""
    share: npt.NDArray[np.float64] = np.count_nonzero(many == one, axis=1) / SIZE
    return share


def groups(many: Sketches, threshold: float, are_apart: AreApart) -> list[list[int]]:
    """The rows of texts that are nearly the same as another of their group, each group ascending.

    `threshold` is above 0. All pairs are found: sketches that differ in m values are equal in one of m + 1 bands.
    """
    joining = _Joining(many, threshold, are_apart)
    for rows in _sharing_a_band(many, threshold):
        joining.join(rows)
        if joining.compared > len(many) ** 2 / 2:  # bands tell little here: every pair once is less
            joining.join(np.arange(len(many)))
            break
    order = np.argsort(joining.group_of, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(joining.group_of[order])) + 1)
    return sorted(part.tolist() for part in parts if len(part) > 1)


class _Joining:
    """Groups that grow; pairs that are in one group already are not compared."""

    def __init__(self, many: Sketches, threshold: float, are_apart: AreApart) -> None:
        self._many = many
        self._threshold = threshold
        self._are_apart = are_apart
        self.group_of = np.arange(len(many))
        self.compared = 0

    def join(self, rows: Rows) -> None:
        """Compare each of the rows with those behind it."""
        for position, row in enumerate(rows[:-1]):
            if np.all(self.group_of[rows[position:]] == self.group_of[row]):
                return
            others = rows[position + 1 :]
            others = others[self.group_of[others] != self.group_of[row]]
            self.compared += len(others)
            alike = similarities(self._many[row], self._many[others]) >= self._threshold
            for group in np.unique(self.group_of[others[alike & ~self._are_apart(int(row), others)]]):
                self.group_of[self.group_of == group] = self.group_of[row]


def _sharing_a_band(many: Sketches, threshold: float) -> Iterator[Rows]:
    """Two or more rows, ascending, that are equal in a band of values."""
    most_different = int(SIZE * (1 - threshold) + 1e-9)
    width = next(width for width in (16, 8, 4, 2, 1) if SIZE // width > most_different or width == 1)
    for start in range(0, SIZE, width):
        band = many[:, start : start + width]
        order = np.lexsort(band.T)
        changes = np.any(band[order[1:]] != band[order[:-1]], axis=1)
        parts = np.split(order, np.flatnonzero(changes) + 1)
        yield from (np.sort(part) for part in parts if len(part) > 1)


def _runs(words: Hashes) -> Hashes:
    """One hash for each run of five words; a shorter text is one run."""
    length = min(_RUN, len(words))
    runs = np.zeros(len(words) - length + 1, dtype=np.uint64)
    for position in range(length):
        runs = _mixed(runs) + words[position : position + len(runs)]
    return runs


def _mixed(values: Hashes) -> Hashes:
    """Every bit of the value in every bit of the result (the finaliser of splitmix64)."""
    values = values + _STEP
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = values ^ (values >> np.uint64(31))
    return mixed


# One pair of numbers for each value of a sketch; odd factors, so that no two hashes become one.
_NUMBERS = (_mixed(np.arange(2 * SIZE, dtype=np.uint64)) >> np.uint64(32)).astype(np.uint32)
_FACTORS, _SHIFTS = _NUMBERS[:SIZE] | np.uint32(1), _NUMBERS[SIZE:]
