"""The first shape of a desk: tables, search, guards.

Until the first release this step follows `tables` and `guards`; the release freezes it.
"""

import secrets

from alembic import op
from sqlmodel import SQLModel

from supportdesk.store import (
    claims,  # noqa: F401 (its tables are made with the others)
    guards,
    search,
    tables,
    tallies,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, index and guard."""
    connection = op.get_bind()
    SQLModel.metadata.create_all(connection)
    for statement in (*search.SCHEMA, *guards.statements(), *tallies.statements()):
        connection.exec_driver_sql(statement)
    meta = tables.table(tables.MetaRow)
    connection.execute(meta.insert().values(name="desk_id", value=secrets.token_hex(6)))
