"""Generations, vectors and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "index_0001"
down_revision = None
branch_labels = ("index",)
depends_on = "corpus_0001"

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "generations",
        sa.Column("number", BigInt, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("passage_size", sa.Text, nullable=False),
        sa.Column("added_seq", BigInt, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vectors",
        sa.Column("passage", BigInt, sa.ForeignKey("passages.number"), primary_key=True),
        sa.Column("generation", BigInt, sa.ForeignKey("generations.number"), primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("checksum", BigInt, nullable=False),
    )
    op.create_table(
        "jobs",
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
    )
