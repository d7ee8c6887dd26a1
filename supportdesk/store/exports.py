"""A desk's tickets as they are kept, with everything that hangs on them, and putting them back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from supportdesk.domain.case import Revision
from supportdesk.domain.preparation import Trigger
from supportdesk.domain.words import FlagSource, TriggerKind
from supportdesk.errors import NotFound
from supportdesk.services.ports import Clock
from supportdesk.store import mapping
from supportdesk.store.raw import load
from supportdesk.store.reviews import SqlReviews

_LEFT_OUT = {"ticket": ("id", "version", "thread_version"), "message": ("id", "ticket_id", "position")}
_JSON = (
    "tags", "records", "to_json", "cc_json", "bcc_json", "references_json", "remarks_json", "attachments_json",
    "citations_json", "body", "examination",
)  # fmt: skip
TIMES = ("created_at", "updated_at", "due_at", "wake_at", "sent_at", "at", "press")
"""Columns that hold milliseconds."""


class SqlExports:
    """The `Exports` port on a database connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection
        self._reviews = SqlReviews(connection, clock)

    def after(self, ticket_id: int, limit: int) -> tuple[int, ...]:
        """Ids of the next tickets, ascending."""
        query = "SELECT id FROM ticket WHERE id > ? ORDER BY id LIMIT ?"
        return tuple(row[0] for row in self._connection.exec_driver_sql(query, (ticket_id, limit)))

    def count(self) -> int:
        """How many tickets there are."""
        return int(self._connection.exec_driver_sql("SELECT count(*) FROM ticket").scalar() or 0)

    def ticket(self, ticket_id: int) -> dict[str, Any]:
        """A ticket and all that hangs on it, as plain values."""
        (ticket,) = self._rows("SELECT * FROM ticket WHERE id = ?", ticket_id)
        found = {"number": ticket_id, **_plain(ticket, "ticket")}
        found["messages"] = messages = []
        for row in self._rows("SELECT * FROM message WHERE ticket_id = ? ORDER BY position", ticket_id):
            files = self._rows("SELECT * FROM attachment WHERE message_id = ? ORDER BY id", row["id"])
            kept = [{k: v for k, v in file.items() if k not in ("id", "message_id")} for file in files]
            messages.append({**_plain(row, "message"), "attachments": kept})
        latest = "SELECT * FROM {} WHERE ticket_id = ? ORDER BY id DESC LIMIT 1"
        for name in ("preparation", "revision"):
            rows = self._rows(latest.format(name), ticket_id)
            found[name] = _plain(rows[0], name) if rows else None
        flags = "SELECT kind, source, message, quote, raised_at AS at, cleared_by FROM flag WHERE ticket_id = ?"
        # A flag points at a row here, and at a place in the thread everywhere else.
        order = self._rows("SELECT id FROM message WHERE ticket_id = ? ORDER BY sent_at, id", ticket_id)
        places = {row["id"]: place for place, row in enumerate(order)}
        found["flags"] = [
            {**_plain(row, "flag"), "message": places.get(row["message"], -1)}
            for row in self._rows(f"{flags} ORDER BY id", ticket_id)
        ]
        return found

    def audit(self, ticket_id: int) -> Iterator[dict[str, Any]]:
        """A ticket's records, oldest first; the desk's own for 0."""
        query = "SELECT id, at, actor, action, body, hash FROM audit WHERE ticket_id = ? ORDER BY id"
        for row in self._rows(query, ticket_id):
            yield _plain(row, "audit")

    def contents(self, digests: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Kept contents by their SHA-256; those that were erased are left out."""
        for sha256 in dict.fromkeys(digests):
            try:
                yield sha256, load(self._connection, sha256)
            except NotFound:
                continue

    def put_back(self, ticket_id: int, kept: Mapping[str, Any], at: datetime) -> None:
        """Give a ticket that was just made what was prepared and drafted for it."""
        version = int(self._connection.exec_driver_sql(
            "SELECT thread_version FROM ticket WHERE id = ?", (ticket_id,)
        ).scalar() or 0)  # fmt: skip
        preparation, revision = kept.get("preparation"), kept.get("revision")
        if isinstance(preparation, dict) and preparation.get("thread_version") == version:
            made = mapping.preparation_from({"body": json.dumps(preparation["body"])})
            self._reviews.add_preparation(ticket_id, made, _moment(preparation.get("at")) or at)
        raised = [f for f in kept.get("flags") or () if isinstance(f, dict) and not f.get("cleared_by")]
        triggers = [
            Trigger(TriggerKind(f["kind"]), int(f["message"]), str(f["quote"]), FlagSource(f["source"])) for f in raised
        ]
        self._reviews.raise_flags(ticket_id, triggers, at)
        if isinstance(revision, dict) and revision.get("thread_version") == version:
            examination = mapping.examination_from(json.dumps(revision["examination"]))
            packed = {k: json.dumps(revision[k]) for k in _JSON if k.endswith("_json") and k in revision}
            row = {**revision, **packed, "id": 0, "at": mapping.milliseconds(_moment(revision.get("at")) or at)}
            words: Revision = mapping.revision_from(row)
            self._reviews.add_revision(ticket_id, words, examination, at)

    def _rows(self, query: str, value: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.exec_driver_sql(query, (value,)).mappings()]


def _plain(row: Mapping[str, Any], table: str) -> dict[str, Any]:
    """A row as plain values: times in words, JSON unpacked."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in _LEFT_OUT.get(table, ("id", "ticket_id") if table != "audit" else ()):
            continue
        if name in TIMES and isinstance(value, int):
            when = mapping.moment(value)
            found[name] = when.isoformat(timespec="milliseconds") if when is not None else None
        elif name in _JSON and isinstance(value, str):
            found[name] = json.loads(value)
        else:
            found[name] = value
    return found


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
