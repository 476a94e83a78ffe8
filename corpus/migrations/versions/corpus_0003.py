"""Checksums of collections and documents, a counter that can be checked, and an index that covers `added_seq`."""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "corpus_0003"
down_revision = "corpus_0002"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Columns that the checksums cover.
_COLLECTION = ("name", "created_at", "removed_at")
_DOCUMENT = ("id", "collection", "uri", "external_id", "parent")


def upgrade() -> None:
    """Add the columns, filled from what the rows say now, and the index."""
    op.add_column("store_state", sa.Column("countdown", BigInt, nullable=False, server_default="0"))
    state = sa.table("store_state", sa.column("seq"), sa.column("countdown"))
    op.execute(state.update().values(countdown=-state.c.seq))
    for name, checked in (("collections", _COLLECTION), ("documents", _DOCUMENT)):
        op.add_column(name, sa.Column("checksum", BigInt, nullable=False, server_default="0"))
        _fill(name, checked)
    op.create_index("versions_by_added_seq", "versions", ["added_seq"])


def _fill(name: str, checked: tuple[str, ...]) -> None:
    connection = op.get_bind()
    table = sa.table(name, *(sa.column(column) for column in ("number", "checksum", *checked)))
    change = table.update().where(table.c.number == sa.bindparam("row")).values(checksum=sa.bindparam("value"))
    rows = connection.execute(sa.select(table)).all()
    if rows:
        values = [{"row": row.number, "value": _checksum([getattr(row, part) for part in checked])} for row in rows]
        connection.execute(change, values)


def _checksum(values: list[object]) -> int:
    return zlib.crc32(json.dumps(values).encode())
