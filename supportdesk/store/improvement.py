# ruff: noqa: S608 (every name put into a statement is our own)
"""What the desk can learn from: its letters, and drafts beside what was sent."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, text

from supportdesk.domain.report import Period
from supportdesk.domain.theme import Rerouted, Sent
from supportdesk.store import mapping

_LETTERS = (
    "SELECT t.id, t.subject, m.text FROM ticket t JOIN message m ON m.ticket_id = t.id AND m.position ="
    " (SELECT MIN(o.position) FROM message o WHERE o.ticket_id = t.id AND o.author = 'customer')"
    " WHERE t.created_at >= :since AND t.created_at < :until AND m.kind = 'ordinary'"
    " AND (:queue = '' OR t.queue = :queue) ORDER BY t.id"
)
_SENT = (
    "SELECT d.ticket_id, t.category, a.text AS drafted, r.text AS sent, a.citations_json AS cited, a.examination,"
    " (SELECT p.body FROM preparation p WHERE p.ticket_id = d.ticket_id AND p.thread_version <= a.thread_version"
    " ORDER BY p.id DESC LIMIT 1) AS prepared FROM decision d"
    " JOIN ticket t ON t.id = d.ticket_id JOIN revision r ON r.id = d.revision_id"
    " JOIN revision a ON a.id = (SELECT MAX(o.id) FROM revision o WHERE o.ticket_id = d.ticket_id"
    " AND o.by = 'assistant' AND o.id <= r.id)"
    " WHERE d.kind IN ('approve', 'request_information') AND d.at >= :since AND d.at < :until"
    " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer) ORDER BY d.id"
)

_FIRST = "m.position = (SELECT MIN(o.position) FROM message o WHERE o.ticket_id = t.id AND o.author = 'customer')"
_REROUTED = (
    "SELECT d.ticket_id, d.queue_before, substr(i.key, length(d.queue_before) + 4), d.reason, t.category,"
    " t.subject || char(10) || m.text FROM decision_detail i JOIN decision d ON d.id = i.decision_id"
    f" JOIN ticket t ON t.id = d.ticket_id JOIN message m ON m.ticket_id = t.id AND {_FIRST}"
    " WHERE i.what = 'wrong_routes' AND i.at >= :since AND i.at < :until"
    " AND (:queue = '' OR i.queue = :queue) AND (:reviewer = '' OR i.reviewer = :reviewer) ORDER BY d.id"
)
_STAYED = (
    "SELECT t.category, t.subject || char(10) || m.text FROM decision d JOIN ticket t ON t.id = d.ticket_id"
    f" JOIN message m ON m.ticket_id = t.id AND {_FIRST} WHERE d.kind IN ('approve', 'request_information')"
    " AND d.queue_before = :queue AND d.at >= :since AND d.at < :until ORDER BY d.id DESC LIMIT :most"
)
_ASKED = (
    "SELECT i.ticket_id, i.key FROM decision_detail i WHERE i.what = 'missing' AND i.at >= :since AND i.at < :until"
    " AND (:queue = '' OR i.queue = :queue) AND (:reviewer = '' OR i.reviewer = :reviewer) ORDER BY i.id"
)
_LETTERS_OF = f"SELECT t.id, t.subject, m.text FROM ticket t JOIN message m ON m.ticket_id = t.id AND {_FIRST} WHERE 1"
_REPLIES = "SELECT d.ticket_id, r.text FROM decision d JOIN revision r ON r.id = d.revision_id WHERE d.kind = 'approve'"


class SqlImprovement:
    """The `Learning` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def letters(self, period: Period) -> tuple[tuple[int, str], ...]:
        """The first letter of each ticket of a period, as (ticket, subject and words)."""
        rows = self._connection.execute(text(_LETTERS), self._values(period))
        return tuple((row.id, f"{row.subject}\n{row.text}") for row in rows)

    def sent(self, period: Period) -> tuple[Sent, ...]:
        """What was sent in a period where the assistant had drafted something, oldest first."""
        rows = self._connection.execute(text(_SENT), {**self._values(period), "reviewer": period.reviewer})
        return tuple(
            Sent(
                row.ticket_id,
                row.category,
                row.drafted,
                row.sent,
                tuple(json.loads(row.cited)),
                tuple(json.loads(row.prepared)["provenance"]["prompts"]) if row.prepared else (),
                tuple(dict.fromkeys(f["rule"] for f in json.loads(row.examination)["findings"] if f["rule"])),
            )
            for row in rows
        )

    def rerouted(self, period: Period) -> tuple[Rerouted, ...]:
        """Tickets that people sent on to another queue, oldest first."""
        rows = self._connection.execute(text(_REROUTED), {**self._values(period), "reviewer": period.reviewer})
        return tuple(Rerouted(*row) for row in rows)

    def stayed(self, queue: str, period: Period, most: int = 2000) -> tuple[tuple[str, str], ...]:
        """Tickets answered in a queue, as (category, subject and words), the latest first."""
        values = {**self._values(period), "queue": queue, "most": most}
        return tuple((row[0], row[1]) for row in self._connection.execute(text(_STAYED), values))

    def asked(self, period: Period) -> tuple[tuple[int, str], ...]:
        """Details that were asked for, as (ticket, `category: field`), oldest first."""
        rows = self._connection.execute(text(_ASKED), {**self._values(period), "reviewer": period.reviewer})
        return tuple((row[0], row[1]) for row in rows)

    def letters_of(self, tickets: Sequence[int]) -> dict[int, str]:
        """The first letter of each of some tickets, by ticket."""
        found: dict[int, str] = {}
        for start in range(0, len(tickets), 500):
            ids = ", ".join(str(int(i)) for i in tickets[start : start + 500])
            rows = self._connection.execute(text(f"{_LETTERS_OF} AND t.id IN ({ids})"))
            found |= {row.id: f"{row.subject}\n{row.text}" for row in rows}
        return found

    def replies(self, tickets: Sequence[int]) -> tuple[tuple[int, str], ...]:
        """What people approved in some tickets, as (ticket, words)."""
        found: list[tuple[int, str]] = []
        for start in range(0, len(tickets), 500):
            ids = ", ".join(str(int(i)) for i in tickets[start : start + 500])
            rows = self._connection.execute(text(f"{_REPLIES} AND d.ticket_id IN ({ids}) ORDER BY d.id"))
            found += [(row[0], row[1]) for row in rows]
        return tuple(found)

    def _values(self, period: Period) -> dict[str, object]:
        since, until = mapping.milliseconds(period.since), mapping.milliseconds(period.until)
        return {"since": since, "until": until, "queue": period.queue}
