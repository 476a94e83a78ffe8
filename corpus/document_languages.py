"""The languages of the documents of a home."""

import json
from collections import Counter

import sqlalchemy as sa

from corpus.language import language_code
from corpus.passages import in_force
from corpus.tables import versions


def documents_by_language(connection: sa.Connection, seq: int) -> Counter[str]:
    """How many documents in force at `seq` are in each language that is known, by ISO 639-1 code."""
    statement = sa.select(versions.c.metadata).where(
        versions.c.metadata.contains('"language"'), *in_force(versions, seq)
    )
    stated = (language_code(str(json.loads(row).get("language", ""))) for row in connection.scalars(statement))
    return Counter(code for code in stated if code)
