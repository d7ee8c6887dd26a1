"""How far each channel was read."""

from __future__ import annotations

from sqlalchemy import Connection

_KEEP = (
    "INSERT INTO feed (name, position, at) VALUES (?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET position = excluded.position, at = excluded.at"
)


class SqlFeeds:
    """The `Positions` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def get(self, name: str) -> str:
        """Where to go on; empty for the beginning."""
        found = self._connection.exec_driver_sql("SELECT position FROM feed WHERE name = ?", (name,)).scalar()
        return str(found or "")

    def keep(self, name: str, position: str, at: int) -> None:
        """Go on from there."""
        self._connection.exec_driver_sql(_KEEP, (name, position, at))

    def all(self) -> dict[str, int]:
        """When each channel last brought something, in milliseconds since 1970."""
        return {row[0]: row[1] for row in self._connection.exec_driver_sql("SELECT name, at FROM feed")}
