"""An order that spreads over documents and sections, the same for the same folder and seed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from eval.drafting.types import Placed

AnyPlaced = TypeVar("AnyPlaced", bound=Placed)


def spread(items: Iterable[AnyPlaced], seed: int) -> list[AnyPlaced]:
    """Order items so that any number of the first ones comes from as many documents and sections as can be."""
    by_document: dict[str, list[AnyPlaced]] = defaultdict(list)
    for item in items:
        by_document[item.document].append(item)
    turns = [
        (turn + item.rank, _hash(seed, document), item)
        for document, found in by_document.items()
        for turn, item in enumerate(_within_document(found, seed))
    ]
    return [item for *_, item in sorted(turns, key=lambda entry: entry[:2])]


def _within_document(items: Iterable[AnyPlaced], seed: int) -> list[AnyPlaced]:
    """Better items first; among equals one of every section, then the next of every section."""
    groups: dict[tuple[int, str], list[AnyPlaced]] = defaultdict(list)
    for item in sorted(items, key=lambda item: _hash(seed, item.document, item.key)):
        groups[item.rank, item.section].append(item)
    turns = [
        ((rank, turn, _hash(seed, item.document, section)), item)
        for (rank, section), found in groups.items()
        for turn, item in enumerate(found)
    ]
    return [item for _, item in sorted(turns, key=lambda entry: entry[0])]


def _hash(seed: int, *names: str) -> str:
    return hashlib.sha256("\0".join([str(seed), *names]).encode("utf-8", "surrogatepass")).hexdigest()
