"""The chain of records, raw content, and what was set aside."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, select, text

from supportdesk.domain.records import AuditRecord, SetAside
from supportdesk.store import mapping
from supportdesk.store.chain import COVERED, GENESIS, HEADS, ORIGIN, body_digest, link_hash, rows_between
from supportdesk.store.raw import keep
from supportdesk.store.tables import AuditRow, RawRow, SetAsideRow, table

_AUDIT = table(AuditRow)
_MESSAGE, _ATTACHMENT = COVERED.index("message"), COVERED.index("attachment")
_TIP = "SELECT hash, rows_to FROM audit ORDER BY id DESC LIMIT 1"
_ADD = (
    "INSERT INTO audit (at, actor, action, ticket_id, body, salt, rows_to, rows, previous, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ASIDE = table(SetAsideRow)
_RAW = table(RawRow)


class SqlRecords:
    """The `Records` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection
        self._tip: tuple[str, str] | None = None
        """Hash and rows of the last link, once asked for: whoever writes is alone."""

    def append(self, actor: str, action: str, ticket_id: int, body: Mapping[str, object], at: datetime) -> None:
        """Add a link to the chain."""
        self._link(actor, action, ticket_id, body, at, self._heads())

    def append_up_to(
        self,
        actor: str,
        action: str,
        ticket_id: int,
        body: Mapping[str, object],
        at: datetime,
        *,
        message: int,
        attachment: int,
    ) -> None:
        """Add a link that covers messages and attachments up to these rows; what else was kept is the next one's."""
        rows = self._last()[1].split(",")
        rows[_MESSAGE], rows[_ATTACHMENT] = str(message), str(attachment)
        self._link(actor, action, ticket_id, body, at, ",".join(rows))

    def seal(self, at: datetime) -> None:
        """Cover rows that were kept after the last link, if there are any."""
        heads = self._heads()
        if heads != self._last()[1]:
            self._link("desk", "kept", 0, {}, at, heads)

    def _link(
        self, actor: str, action: str, ticket_id: int, body: Mapping[str, object], at: datetime, heads: str
    ) -> None:
        previous, before = self._last()
        salt = secrets.token_hex(16)
        packed = _packed(body)
        rows = rows_between(self._sql, salt, before, heads)
        stamp = mapping.milliseconds(at)
        hashed = link_hash(previous, stamp, actor, action, ticket_id, body_digest(salt, packed), heads, rows)
        self._sql(_ADD, (stamp, actor, action, ticket_id, packed, salt, heads, rows, previous, hashed))
        self._tip = hashed, heads

    def _last(self) -> tuple[str, str]:
        if self._tip is None:
            self._tip = self._sql(_TIP).fetchone() or (GENESIS, ORIGIN)
        return self._tip

    def _heads(self) -> str:
        return str(self._sql(f"SELECT {HEADS}").fetchone()[0])

    def _sql(self, query: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        # Every write passes here, twice: SQLAlchemy would cost ten times what SQLite needs.
        return cast("sqlite3.Connection", self._connection.connection.driver_connection).execute(query, values)

    def history(self, ticket_id: int) -> tuple[AuditRecord, ...]:
        """A ticket's links, oldest first."""
        statement = select(_AUDIT).where(_AUDIT.c.ticket_id == ticket_id).order_by(_AUDIT.c.id)
        return tuple(
            AuditRecord(
                row["id"],
                mapping.moment(row["at"]),  # type: ignore[arg-type]
                row["actor"],
                row["action"],
                row["ticket_id"],
                json.loads(row["body"]),
                row["hash"],
            )
            for row in self._connection.execute(statement).mappings()
        )

    def keep_raw(self, content: bytes) -> str:
        """Keep content as it came, once; returns its SHA-256."""
        return keep(self._connection, content)

    def set_aside(self, source: str, raw: bytes, reason: str, at: datetime) -> bool:
        """Keep something unreadable whole; False when it is there already."""
        statement = text(
            "INSERT OR IGNORE INTO set_aside (source, sha256, reason, at, state)"
            " SELECT :source, :sha256, :reason, :at, 'waiting' WHERE NOT EXISTS"
            " (SELECT 1 FROM set_aside WHERE sha256 = :sha256 AND (:something OR source = :source))"
        )
        # The same content is the same thing, wherever it lay; of what could not be opened only the place is known.
        values = {"source": mapping.storable(source), "sha256": keep(self._connection, raw), "something": bool(raw)}
        values |= {"reason": mapping.storable(reason)}
        return self._connection.execute(statement, {**values, "at": mapping.milliseconds(at)}).rowcount > 0

    def settle_aside(self, number: int) -> None:
        """Something that was set aside could be read after all."""
        self._connection.execute(text("UPDATE set_aside SET state = 'read' WHERE id = :id"), {"id": number})

    def list_aside(self) -> tuple[SetAside, ...]:
        """What was set aside."""
        joined = _ASIDE.join(_RAW, _RAW.c.sha256 == _ASIDE.c.sha256)
        statement = select(_ASIDE, _RAW.c.size).select_from(joined).order_by(_ASIDE.c.id)
        return tuple(
            SetAside(
                row["id"],
                row["source"],
                row["reason"],
                row["size"],
                mapping.moment(row["at"]),  # type: ignore[arg-type]
                row["sha256"],
                row["state"],
            )
            for row in self._connection.execute(statement).mappings()
        )


def _packed(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True, default=str)
