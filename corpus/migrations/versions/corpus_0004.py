"""What is left of purged documents: that they were, and the numbers of their passages."""

import sqlalchemy as sa
from alembic import op

revision = "corpus_0004"
down_revision = "corpus_0003"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "purged",
        sa.Column("id_sha256", sa.Text, primary_key=True),
        sa.Column("seq", BigInt, nullable=False),
    )
    op.create_table(
        "purged_passages",
        sa.Column("number", BigInt, primary_key=True),
        sa.Column("added_seq", BigInt, nullable=False),
        sa.Column("removed_seq", BigInt, nullable=False),
    )
    op.create_index("purged_passages_by_removed_seq", "purged_passages", ["removed_seq"])
