"""Attachments, the shape of documents, what was lost in reading them, layouts, and sketches."""

import sqlalchemy as sa
from alembic import op

revision = "corpus_0002"
down_revision = "corpus_0001"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns and the tables of layouts and sketches."""
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    # As text: SQLite takes a reference only together with its column, which Alembic writes separately.
    op.execute(f"ALTER TABLE documents ADD COLUMN parent {integer} REFERENCES documents (number)")
    op.create_index("documents_by_parent", "documents", ["parent"])
    for name in ("shape", "report", "given"):
        op.add_column("versions", sa.Column(name, sa.Text, nullable=False, server_default="{}"))
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
