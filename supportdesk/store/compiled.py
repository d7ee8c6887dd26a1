"""Statements compiled once and given to SQLite as they are, for what is asked at every act on a ticket."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select

_DIALECT = sqlite.dialect()


class Compiled:
    """A statement with named values. SQLAlchemy would look it over for every call, at ten times what SQLite needs."""

    __slots__ = ("_columns", "_fixed", "_names", "_sql")

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase, columns: Iterable[str] | None = None) -> None:
        """Compile it; `columns` are those an INSERT fills."""
        made = statement.compile(dialect=_DIALECT, column_keys=None if columns is None else list(columns))
        self._sql = str(made)
        self._names = tuple(made.positiontup or ())
        self._fixed = dict(made.params)
        asked = statement.selected_columns if isinstance(statement, Select) else ()
        self._columns = tuple(str(column.key) for column in asked)

    def run(self, connection: Connection, **given: object) -> sqlite3.Cursor:
        """Run it in the connection's transaction."""
        values = self._fixed | given
        raw = cast("sqlite3.Connection", connection.connection.driver_connection)
        return raw.execute(self._sql, [values[name] for name in self._names])

    def rows(self, connection: Connection, **given: object) -> list[dict[str, Any]]:
        """All rows, by column."""
        columns = self._columns
        return [dict(zip(columns, row, strict=True)) for row in self.run(connection, **given)]

    def first(self, connection: Connection, **given: object) -> dict[str, Any] | None:
        """The first row, by column; None without one."""
        row = self.run(connection, **given).fetchone()
        return None if row is None else dict(zip(self._columns, row, strict=True))

    def values(self, connection: Connection, **given: object) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self.run(connection, **given)]

    def value(self, connection: Connection, **given: object) -> Any:
        """The first column of the first row; None without one."""
        row = self.run(connection, **given).fetchone()
        return None if row is None else row[0]
