"""Checksums of jobs, and an index that repeats the columns of generations, so that changed ones are noticed."""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "index_0003"
down_revision = "index_0002"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Columns that the checksum of a job covers.
_JOB = ("kind", "status", "request", "done", "total", "results", "errors", "seq", "created_at", "updated_at")
_GENERATION = ["added_seq", "fingerprint", "passage_size", "created_at", "model", "built_until"]


def upgrade() -> None:
    """Add the column, filled from what the rows say now, and the index."""
    op.add_column("jobs", sa.Column("checksum", BigInt, nullable=False, server_default="0"))
    connection = op.get_bind()
    jobs = sa.table("jobs", *(sa.column(name) for name in ("id", "checksum", *_JOB)))
    for row in connection.execute(sa.select(jobs)).all():
        checksum = zlib.crc32(json.dumps([getattr(row, name) for name in _JOB]).encode())
        connection.execute(jobs.update().where(jobs.c.id == row.id).values(checksum=checksum))
    op.create_index("generations_repeated", "generations", _GENERATION)
