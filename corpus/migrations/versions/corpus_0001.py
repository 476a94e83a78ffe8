"""Collections, documents, versions, texts, passages and the counter."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "corpus_0001"
down_revision = None
branch_labels = ("corpus",)
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "store_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", BigInt, nullable=False),
        sa.Column("store_id", sa.Text, nullable=False),
    )
    collections = op.create_table(
        "collections",
        sa.Column("number", BigInt, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("removed_at", sa.Text),
        sqlite_autoincrement=True,
    )
    # Questions go to it unless they name another: a new home answers that it holds nothing, not that it lacks one.
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    op.bulk_insert(collections, [{"name": "default", "created_at": created_at}])
    op.create_table(
        "documents",
        sa.Column("number", BigInt, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("collection", BigInt, sa.ForeignKey("collections.number"), nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.UniqueConstraint("collection", "uri", name="documents_by_source"),
        sqlite_autoincrement=True,
    )
    _create_versions()
    _create_passages()


def _create_versions() -> None:
    op.create_table(
        "versions",
        sa.Column("number", BigInt, primary_key=True),
        sa.Column("document", BigInt, sa.ForeignKey("documents.number"), nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("parser_version", sa.Text, nullable=False),
        sa.Column("original", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("page_starts", sa.Text, nullable=False),
        sa.Column("sections", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
        sa.Column("added_seq", BigInt, nullable=False),
        sa.Column("removed_seq", BigInt),
        sqlite_autoincrement=True,
    )
    op.create_index("versions_by_document", "versions", ["document", "removed_seq"])
    op.create_table(
        "texts",
        sa.Column("version", BigInt, sa.ForeignKey("versions.number"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False),
    )


def _create_passages() -> None:
    op.create_table(
        "passages",
        sa.Column("number", BigInt, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("document", BigInt, sa.ForeignKey("documents.number"), nullable=False),
        sa.Column("version", BigInt, sa.ForeignKey("versions.number"), nullable=False),
        sa.Column("start", BigInt, nullable=False),
        sa.Column("end", BigInt, nullable=False),
        sa.Column("added_seq", BigInt, nullable=False),
        sa.Column("removed_seq", BigInt),
        sqlite_autoincrement=True,
    )
    op.create_index("passages_by_version", "passages", ["version"])
    op.create_index("passages_by_added_seq", "passages", ["added_seq"])
    op.create_index("passages_by_removed_seq", "passages", ["removed_seq"])
