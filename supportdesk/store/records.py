"""The chain of records, raw content, and what was set aside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from supportdesk.domain.decision import canonical
from supportdesk.domain.records import AuditRecord, SetAside
from supportdesk.store import mapping
from supportdesk.store.raw import keep
from supportdesk.store.tables import AuditRow, RawRow, SetAsideRow, table

_AUDIT = table(AuditRow)
_ASIDE = table(SetAsideRow)
_RAW = table(RawRow)
GENESIS = "0" * 64
"""The hash before the first link."""


def link_hash(previous: str, at: int, actor: str, action: str, ticket_id: int, body: str) -> str:
    """The hash of one link: SHA-256 over the previous hash and the link's canonical content."""
    content = canonical([previous, at, actor, action, ticket_id, body])
    return hashlib.sha256(content).hexdigest()


class SqlRecords:
    """The `Records` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def append(self, actor: str, action: str, ticket_id: int, body: Mapping[str, object], at: datetime) -> None:
        """Add a link to the chain."""
        last = select(_AUDIT.c.hash).order_by(_AUDIT.c.id.desc()).limit(1)
        previous = self._connection.execute(last).scalar() or GENESIS
        packed = canonical(json.loads(mapping.packed(dict(body)))).decode("ascii")
        stamp = mapping.milliseconds(at)
        values = {
            "at": stamp,
            "actor": actor,
            "action": action,
            "ticket_id": ticket_id,
            "body": packed,
            "previous": previous,
            "hash": link_hash(previous, stamp, actor, action, ticket_id, packed),
        }
        self._connection.execute(insert(_AUDIT).values(values))

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
