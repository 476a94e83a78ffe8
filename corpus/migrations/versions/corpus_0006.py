"""Indexes for what is in force of one version, and for what went out of force: SQLite took to reading everything."""

from alembic import op

revision = "corpus_0006"
down_revision = "corpus_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace and create the indexes."""
    op.drop_index("passages_by_version", "passages")
    op.create_index("passages_by_version", "passages", ["version", "removed_seq"])
    op.create_index("versions_by_removed_seq", "versions", ["removed_seq"])
