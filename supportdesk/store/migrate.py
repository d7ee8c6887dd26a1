"""Making and upgrading the store: whole or not at all, inside one explicit transaction.

Alembic costs 0.3 s to import, so it is imported only when a raw read of the store's version differs.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from supportdesk.errors import StoreTrouble
from supportdesk.store.engine import make_engine, transaction

HEAD = "0001"
"""The version this program writes."""

SCRIPTS = Path(__file__).parent / "migrations"
"""Where the steps lie."""


def bring_up_to_date(engine: Engine, file: Path) -> None:
    """Make the store's tables, or upgrade an older store.

    Raises StoreTrouble when the store is from a newer version of the program.
    """
    with transaction(engine, writes=False) as connection:
        if _version(connection) == HEAD:
            return
    reshaping = make_engine(file, reshape=True)
    try:
        with transaction(reshaping, writes=True) as connection:
            _upgrade_from(connection, file)
    finally:
        reshaping.dispose()
        # Connections made before know nothing of the new shape.
        engine.dispose()


def _upgrade_from(connection: Connection, file: Path) -> None:
    found = _version(connection)
    if found == HEAD:
        return
    if found > HEAD:
        raise StoreTrouble(
            f"The store {file} was written by a newer supportdesk ({found}, this one knows {HEAD}); "
            "it was left as it is. Upgrade the program."
        )
    _upgrade(connection)


def _version(connection: Connection) -> str:
    try:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")
    except OperationalError as error:
        if "no such table" in str(error.orig):
            return ""
        raise


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
