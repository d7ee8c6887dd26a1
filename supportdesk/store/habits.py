"""What people's ways of reviewing are read from, on a database connection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, text

from supportdesk.domain.habits import Approved
from supportdesk.domain.report import Period
from supportdesk.store import mapping

_APPROVED = (
    "SELECT d.id, d.ticket_id, d.by, d.seconds, d.words, d.evidence_opened, r.by = 'assistant' AS unedited,"
    " instr(r.examination, '\"evidence\":[{') > 0 AS evidence,"
    " (SELECT max(a.at) - min(a.at) FROM answer a WHERE a.ticket_id = d.ticket_id AND a.revision_id = d.revision_id"
    " AND a.by = d.by) AS answering,"
    " (SELECT count(*) FROM answer a WHERE a.ticket_id = d.ticket_id AND a.revision_id = d.revision_id"
    " AND a.by = d.by) AS answers"
    " FROM decision d LEFT JOIN revision r ON r.id = d.revision_id"
    " WHERE d.kind IN ('approve', 'request_information') AND d.at >= :since AND d.at < :until"
    " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer) ORDER BY d.id"
)


class SqlHabits:
    """The `Reviewing` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def approved(self, period: Period) -> Iterator[Approved]:
        """Every approval of a period, in order."""
        values = {
            "since": mapping.milliseconds(period.since),
            "until": mapping.milliseconds(period.until),
            "queue": period.queue,
            "reviewer": period.reviewer,
        }
        for row in self._connection.execute(text(_APPROVED), values):
            answering = row.answering / 1000 if row.answers and row.answers > 1 else None
            yield Approved(
                row.ticket_id,
                row.by,
                row.seconds,
                row.words,
                bool(row.unedited),
                bool(row.evidence),
                row.evidence_opened,
                answering,
            )

    def pace(self, since: datetime, most: int = 5000) -> tuple[int, ...]:
        """Seconds each of the latest decisions took, those that were timed."""
        query = "SELECT seconds FROM decision WHERE at >= :since AND seconds > 0 ORDER BY id DESC LIMIT :most"
        values = {"since": mapping.milliseconds(since), "most": most}
        return tuple(self._connection.execute(text(query), values).scalars())

    def arrived(self, since: datetime) -> int:
        """How many tickets came since."""
        query = "SELECT count(*) FROM ticket_fact WHERE created_at >= :since"
        return int(self._connection.execute(text(query), {"since": mapping.milliseconds(since)}).scalar_one())

    def waiting_triggers(self, most: int = 20_000) -> tuple[str, ...]:
        """The triggers of open tickets, one string each as they are kept, the most pressing first."""
        query = "SELECT triggers FROM ticket WHERE grouping = 'open' ORDER BY press LIMIT :most"
        return tuple(self._connection.execute(text(query), {"most": most}).scalars())
