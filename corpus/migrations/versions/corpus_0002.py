"""Attachments, the shape of documents, what was lost in reading them, layouts, and sketches."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "corpus_0002"
down_revision = "corpus_0001"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Columns that the checksum of a version covered before.
_CHECKED = (
    "digest",
    "parser_version",
    "original",
    "name",
    "media_type",
    "title",
    "metadata",
    "page_starts",
    "sections",
)


def upgrade() -> None:
    """Add columns and the tables of layouts and sketches."""
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    # As text: SQLite takes a reference only together with its column, which Alembic writes separately.
    op.execute(f"ALTER TABLE documents ADD COLUMN parent {integer} REFERENCES documents (number)")
    op.create_index("documents_by_parent", "documents", ["parent"])
    for name in ("shape", "report", "given"):
        op.add_column("versions", sa.Column(name, sa.Text, nullable=False, server_default="{}"))
    _note_what_was_given()
    op.create_table(
        "layouts",
        sa.Column("version", BigInt, sa.ForeignKey("versions.number"), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("checksum", BigInt, nullable=False),
    )
    op.create_table(
        "sketches",
        sa.Column("version", BigInt, sa.ForeignKey("versions.number"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("checksum", BigInt, nullable=False),
    )


def _note_what_was_given() -> None:
    """Parsers gave no metadata so far: all that there is was given, and has to outlive that a file is read again.

    Records that do not match their checksum are left alone, so that they are found damaged later on.
    """
    connection = op.get_bind()
    versions = sa.table("versions", *(sa.column(name) for name in ("number", "checksum", "given", *_CHECKED)))
    for row in connection.execute(sa.select(versions).where(versions.c.metadata != "{}")).all():
        fields = {name: getattr(row, name) for name in _CHECKED}
        if _checksum(fields) == row.checksum:
            given = f'{{"metadata": {row.metadata}}}'
            values = {"given": given, "checksum": _checksum({**fields, "given": given})}
            connection.execute(versions.update().where(versions.c.number == row.number).values(values))


def _checksum(fields: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
