"""Alembic's entry point: runs the revisions on the connection that `corpus.database` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
# The transaction is the caller's: schema and first rows are committed together.
context.run_migrations()
