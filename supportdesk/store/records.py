"""The chain of records, raw content, and what was set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from supportdesk.domain.decision import canonical
from supportdesk.domain.records import AuditRecord, SetAside
from supportdesk.store import mapping
from supportdesk.store.chain import COVERED, GENESIS, HEADS, link_hash, rows_between
from supportdesk.store.raw import keep
from supportdesk.store.tables import AuditRow, RawRow, SetAsideRow, table

_AUDIT = table(AuditRow)
_ASIDE = table(SetAsideRow)
_RAW = table(RawRow)


class SqlRecords:
    """The `Records` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def append(self, actor: str, action: str, ticket_id: int, body: Mapping[str, object], at: datetime) -> None:
        """Add a link to the chain."""
        previous, before = self._tip()
        after = self._heads()
        packed = _packed(body)
        rows_to, rows = _packed(after), _packed(rows_between(self._rows, before, after))
        stamp = mapping.milliseconds(at)
        values = {
            "at": stamp,
            "actor": actor,
            "action": action,
            "ticket_id": ticket_id,
            "body": packed,
            "rows_to": rows_to,
            "rows": rows,
            "previous": previous,
            "hash": link_hash(previous, (stamp, actor, action, ticket_id, packed, rows_to, rows)),
        }
        self._connection.execute(insert(_AUDIT).values(values))

    def seal(self, at: datetime) -> None:
        """Cover rows that were kept after the last link, if there are any."""
        if self._heads() != self._tip()[1]:
            self.append("desk", "kept", 0, {}, at)

    def _tip(self) -> tuple[str, dict[str, int]]:
        last = select(_AUDIT.c.hash, _AUDIT.c.rows_to).order_by(_AUDIT.c.id.desc()).limit(1)
        row = self._connection.execute(last).first()
        return (row[0], json.loads(row[1])) if row else (GENESIS, dict.fromkeys(COVERED, 0))

    def _heads(self) -> dict[str, int]:
        return dict(zip(COVERED, self._connection.exec_driver_sql(HEADS).one(), strict=True))

    def _rows(self, query: str, values: tuple[object, ...]) -> Any:
        return self._connection.exec_driver_sql(query, values)

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
            " VALUES (:source, :sha256, :reason, :at, 'waiting')"
        )
        values = {"source": source, "sha256": keep(self._connection, raw), "reason": mapping.storable(reason)}
        return self._connection.execute(statement, {**values, "at": mapping.milliseconds(at)}).rowcount > 0

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
            )
            for row in self._connection.execute(statement).mappings()
        )


def _packed(value: Mapping[str, object] | Mapping[str, int] | Mapping[str, str]) -> str:
    return canonical(json.loads(mapping.packed(dict(value)))).decode("ascii")
