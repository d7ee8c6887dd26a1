"""The first rows of the queue, read before the database library is there: plain SQL, read-only, no promise.

What is wrong with a store is said by whoever opens it properly, a moment later.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supportdesk.domain import words
from supportdesk.domain.thread import Address, Ticket
from supportdesk.services.clock import SystemClock

_ROWS = """
    SELECT t.id, t.subject, t.requester_email, t.requester_name, t.channel, t.queue, t.category, t.priority, t.path,
           t.status, t.thread_version, t.version, t.created_at, t.updated_at, t.due_at, t.assignee, l.login AS taken_by,
           t.triggers, t.language, t.reopened, t.prepared_version
    FROM ticket t LEFT JOIN lease l ON l.ticket_id = t.id AND l.boot = :boot AND l.until > :uptime
    WHERE t.grouping = 'open' ORDER BY t.press, t.id LIMIT :limit
"""


def glance(file: Path, limit: int = 100) -> tuple[Ticket, ...]:
    """The most pressing tickets of a store; none where it cannot be read."""
    boot, uptime = SystemClock().boot()
    try:
        with closing(sqlite3.connect(f"file:{_quoted(file)}?mode=ro", uri=True, timeout=0.2)) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(_ROWS, {"boot": boot, "uptime": uptime, "limit": limit}).fetchall()
            return tuple(_ticket(row) for row in rows)
    except (sqlite3.Error, ValueError, OverflowError, OSError):
        return ()


def _quoted(file: Path) -> str:
    from urllib.parse import quote

    return quote(str(file.absolute()))


def _ticket(row: sqlite3.Row) -> Ticket:
    return Ticket(
        id=row["id"],
        subject=row["subject"],
        requester=Address(row["requester_email"], row["requester_name"]),
        channel=row["channel"],
        queue=row["queue"],
        category=row["category"],
        priority=words.Priority(row["priority"]),
        path=words.Path(row["path"]),
        status=words.Status(row["status"]),
        thread_version=row["thread_version"],
        version=row["version"],
        created_at=_when(row["created_at"]),
        updated_at=_when(row["updated_at"]),
        due_at=None if row["due_at"] is None else _when(row["due_at"]),
        assignee=row["assignee"],
        taken_by=row["taken_by"] or "",
        triggers=tuple(row["triggers"].split()),
        language=row["language"],
        reopened=row["reopened"],
        prepared_version=row["prepared_version"],
    )


def _when(stored: Any) -> datetime:
    return datetime.fromtimestamp(stored / 1000, UTC)
