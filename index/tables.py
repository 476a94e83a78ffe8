"""The tables of this room: generations of vectors, the vectors, and jobs."""

import sqlalchemy as sa

from corpus.tables import BigInt, metadata

generations = sa.Table(
    "generations",
    metadata,
    sa.Column("number", BigInt, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("passage_size", sa.Text, nullable=False),
    sa.Column("added_seq", BigInt, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    # What the model is opened by where the fingerprint's name does not do, as for a folder.
    sa.Column("model", sa.Text),
    # Of a shadow (`index.shadow`): the versions up to this number are in it.
    sa.Column("built_until", BigInt),
    # All of it once more: SQLite's check compares the two.
    sa.Index("generations_repeated", "added_seq", "fingerprint", "passage_size", "created_at", "model", "built_until"),
    sqlite_autoincrement=True,
)

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("passage", BigInt, sa.ForeignKey("passages.number"), primary_key=True),
    sa.Column("generation", BigInt, sa.ForeignKey("generations.number"), primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Column("checksum", BigInt, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("results", sa.Text, nullable=False),
    sa.Column("errors", sa.Text, nullable=False),
    sa.Column("seq", BigInt),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Text, nullable=False),
    sa.Column("checksum", BigInt, nullable=False, server_default="0"),
)
