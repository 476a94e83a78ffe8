"""Indexes that repeat columns without a checksum, so that changed ones are noticed."""

from alembic import op

revision = "corpus_0005"
down_revision = "corpus_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("versions_by_created_at", "versions", ["created_at"])
    op.create_index("purged_by_seq", "purged", ["seq"])
