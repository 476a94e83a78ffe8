"""Generations: what their model is opened by, and how far one that is not yet in force has come."""

import sqlalchemy as sa
from alembic import op

revision = "index_0002"
down_revision = "index_0001"
branch_labels = None
depends_on = None

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add two columns; a generation of before was opened by its fingerprint's name, and is in force."""
    op.add_column("generations", sa.Column("model", sa.Text))
    op.add_column("generations", sa.Column("built_until", BigInt))
