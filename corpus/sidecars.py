"""Sidecars: files beside a document that say its title and metadata, "report.pdf.meta.json" or ".meta.yaml"."""

import datetime
import json
import math
import os
from pathlib import Path
from typing import Any

from corpus.errors import UnreadableError
from corpus.records import Given
from corpus.sources import SIDECAR_SUFFIXES, read_bytes
from corpus.text import canonical

_MOST_BYTES = 1_000_000
_MOST_BITS = 4_096  # longer numbers, which YAML takes as hexadecimal ones, are not written down by Python


def read_sidecar(document: Path | bytes | str) -> Given | None:
    """What the sidecar of a file says: `title` and, as metadata, everything else; None where there is none.

    Raises UnreadableError for a sidecar that is not an object of strings, numbers and booleans. Dates of YAML
    are their ISO 8601 words.
    """
    if not isinstance(document, Path):
        return None
    for suffix in SIDECAR_SUFFIXES:
        path = document.with_name(document.name + suffix)
        # Unlike Path.is_file it is false, and no error, where the name with the suffix is too long for a file.
        if os.path.isfile(path):  # noqa: PTH113
            return _given(_loaded(path), path)
    return None


def _loaded(path: Path) -> Any:
    import yaml

    data = read_bytes(path, _MOST_BYTES)
    try:
        return json.loads(data) if path.suffix == ".json" else yaml.safe_load(data)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise UnreadableError(f"the sidecar {str(path)!r} cannot be read: {error}") from error


def _given(fields: Any, path: Path) -> Given:
    if isinstance(fields, dict):
        fields = {name: _in_words(value) for name, value in fields.items()}
    if not isinstance(fields, dict) or not all(map(_is_field, fields.items())):
        raise UnreadableError(f"the sidecar {str(path)!r} must hold an object of strings, numbers and booleans")
    kept = {canonical(name): canonical(value) if isinstance(value, str) else value for name, value in fields.items()}
    title = kept.pop("title", None)
    return Given(None if title is None else str(title), kept)


def _in_words(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def _is_field(field: tuple[Any, Any]) -> bool:
    name, value = field
    if isinstance(value, float) and not math.isfinite(value):  # fits neither into JSON nor into filters
        return False
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return False
    return isinstance(name, str) and isinstance(value, str | int | float)
