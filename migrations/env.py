"""Alembic's entry: one set of migrations for SQLite and PostgreSQL, run on the connection it is handed."""

from alembic import context
from sqlalchemy import Connection

from dialer.storage.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
