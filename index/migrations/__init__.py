"""Revisions of this room's tables."""

from pathlib import Path

from corpus.database import MigrationLine

INDEX_MIGRATIONS = MigrationLine(Path(__file__).parent / "versions", "index_0003")
