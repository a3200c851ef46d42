"""Alembic's entry: one set of migrations for SQLite and PostgreSQL, run on the connection it is handed."""

from alembic import context
from sqlalchemy import Connection

from dialer.storage import (
    tables_api,
    tables_inbound,
    tables_office,
    tables_pacing,
    tables_prompts,
    tables_proof,
    tables_rights,
)
from dialer.storage.tables import metadata

for table in (
    tables_rights.SubjectCaseRow,
    tables_proof.DossierRow,
    tables_office.SignOnRow,
    tables_inbound.InboundCall,
    tables_prompts.PromptRow,
    tables_pacing.PacingMemoryRow,
    tables_api.RepeatRow,
):
    assert table.__tablename__ in metadata.tables, "its tables are part of the schema"
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
