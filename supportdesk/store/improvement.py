"""What the desk can learn from: its letters, and drafts beside what was sent."""

from __future__ import annotations

from sqlalchemy import Connection, text

from supportdesk.domain.report import Period
from supportdesk.domain.theme import Sent
from supportdesk.store import mapping

_LETTERS = (
    "SELECT t.id, t.subject, m.text FROM ticket t JOIN message m ON m.ticket_id = t.id AND m.position ="
    " (SELECT MIN(o.position) FROM message o WHERE o.ticket_id = t.id AND o.author = 'customer')"
    " WHERE t.created_at >= :since AND t.created_at < :until AND m.kind = 'ordinary'"
    " AND (:queue = '' OR t.queue = :queue) ORDER BY t.id"
)
_SENT = (
    "SELECT d.ticket_id, t.category, a.text AS drafted, r.text AS sent FROM decision d"
    " JOIN ticket t ON t.id = d.ticket_id JOIN revision r ON r.id = d.revision_id"
    " JOIN revision a ON a.id = (SELECT MAX(o.id) FROM revision o WHERE o.ticket_id = d.ticket_id"
    " AND o.by = 'assistant' AND o.id <= r.id)"
    " WHERE d.kind IN ('approve', 'request_information') AND d.at >= :since AND d.at < :until"
    " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer) ORDER BY d.id"
)


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
        return tuple(Sent(row.ticket_id, row.category, row.drafted, row.sent) for row in rows)

    def _values(self, period: Period) -> dict[str, object]:
        since, until = mapping.milliseconds(period.since), mapping.milliseconds(period.until)
        return {"since": since, "until": until, "queue": period.queue}
