"""Figures and the tickets behind them. Each figure is one SELECT of (ticket_id, key): counted, or listed for a key."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from supportdesk.domain.report import Figure, Line, Period, spread_of
from supportdesk.errors import BadInput
from supportdesk.store import mapping

_DECIDED = (
    "FROM decision d WHERE d.at >= :since AND d.at < :until"
    " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer)"
)
_TICKETS = (
    "FROM ticket t WHERE t.created_at >= :since AND t.created_at < :until"
    " AND (:queue = '' OR t.queue = :queue) AND (:reviewer = '' OR t.assignee = :reviewer)"
)
_ESCALATED = (
    "FROM escalation e JOIN decision d ON d.id = e.decision_id WHERE e.opened_at >= :since AND e.opened_at < :until"
    " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR e.opened_by = :reviewer)"
)
_SENT = "d.kind IN ('approve', 'request_information')"
_ANSWERED = "(SELECT MIN(m.sent_at) FROM message m WHERE m.ticket_id = t.id AND m.author = 'agent')"
_DUE = (
    "CASE t.priority WHEN 'urgent' THEN :due_urgent WHEN 'high' THEN :due_high"
    " WHEN 'normal' THEN :due_normal ELSE :due_low END"
)
_PLACES = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(12))
_NAME = "json_extract(p.body, '$.triage.missing[' || n.place || '].name')"


@dataclass(frozen=True, slots=True)
class Measure:
    """How one figure is taken."""

    name: str
    """Short name."""
    title: str
    """How people read it."""
    sql: str
    """SELECT of ticket_id and key, or of ticket_id and minutes."""
    timed: bool = False
    """Whether the second column is minutes."""
    least: int = 1
    """Lines with less are left out."""


MEASURES = (
    Measure("categories", "Tickets by category", f"SELECT t.id AS ticket_id, t.category AS key {_TICKETS}"),
    Measure(
        "wrong_routes",
        "Repeated wrong routes",
        "SELECT d.ticket_id AS ticket_id, d.queue_before || ' → ' || json_extract(d.body, '$.queue') AS key"
        f" {_DECIDED} AND d.kind = 'reroute'",
        least=2,
    ),
    Measure("decisions", "Decisions", f"SELECT d.ticket_id AS ticket_id, d.kind AS key {_DECIDED}"),
    Measure(
        "corrections",
        "Drafts sent as they were, and corrected",
        "SELECT d.ticket_id AS ticket_id,"  # noqa: S608 (fixed parts, bound values)
        " CASE WHEN (SELECT r.by FROM revision r WHERE r.id = d.revision_id) = 'assistant'"
        f" THEN 'as drafted' ELSE 'corrected' END AS key {_DECIDED} AND {_SENT}",
    ),
    Measure(
        "rejections",
        "Rejections by reason",
        f"SELECT d.ticket_id AS ticket_id, d.reason AS key {_DECIDED} AND d.kind = 'reject'",
    ),
    Measure(
        "escalations",
        "Escalations by trigger or reason",
        f"SELECT e.ticket_id AS ticket_id, CASE e.trigger WHEN '' THEN e.reason ELSE e.trigger END AS key {_ESCALATED}",
    ),
    Measure(
        "unresolved",
        "Unresolved, by status",
        f"SELECT t.id AS ticket_id, t.status AS key {_TICKETS} AND t.grouping <> 'resolved'",
    ),
    Measure(
        "reopened", "Reopened, by queue", f"SELECT t.id AS ticket_id, t.queue AS key {_TICKETS} AND t.reopened > 0"
    ),
    Measure(
        "complaints",
        "Complaints after a reply, by who approved it",
        "SELECT f.ticket_id AS ticket_id, d.by AS key FROM flag f JOIN message m ON m.id = f.message"
        " JOIN decision d ON d.id = (SELECT MAX(a.decision_id) FROM approval a JOIN outbox o ON o.approval_id = a.id"
        " WHERE a.ticket_id = f.ticket_id AND o.state = 'sent' AND o.changed_at <= m.sent_at)"
        " WHERE f.kind = 'complaint' AND m.sent_at >= :since AND m.sent_at < :until"
        " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer)",
    ),
    Measure(
        "missing",
        "Asked for again and again",
        # Places instead of json_each: a connection that may not declare tables cannot use it.
        f"SELECT d.ticket_id AS ticket_id, t.category || ': ' || {_NAME} AS key"  # noqa: S608 (as above)
        " FROM decision d JOIN ticket t ON t.id = d.ticket_id JOIN preparation p ON p.id ="
        " (SELECT MAX(q.id) FROM preparation q WHERE q.ticket_id = d.ticket_id"
        " AND q.thread_version <= d.thread_version)"
        f" JOIN ({_PLACES}) n ON {_NAME} IS NOT NULL"
        " WHERE d.at >= :since AND d.at < :until AND d.kind = 'request_information'"
        " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer)",
        least=2,
    ),
    Measure(
        "queues",
        "Waiting for review now, by queue",
        "SELECT t.id AS ticket_id, t.queue AS key FROM ticket t WHERE t.grouping = 'open'"
        " AND (:queue = '' OR t.queue = :queue) AND (:reviewer = '' OR t.assignee = :reviewer)",
    ),
    Measure("workload", "Decisions by reviewer", f"SELECT d.ticket_id AS ticket_id, d.by AS key {_DECIDED}"),
    Measure(
        "escalation_acknowledged",
        "Time until an escalation was acknowledged",
        f"SELECT e.ticket_id AS ticket_id, (e.acknowledged_at - e.opened_at) / 60000 AS key {_ESCALATED}"
        " AND e.acknowledged_at IS NOT NULL",
        timed=True,
    ),
    Measure(
        "escalation_decided",
        "Time until an escalation was decided",
        f"SELECT e.ticket_id AS ticket_id, (e.resolved_at - e.opened_at) / 60000 AS key {_ESCALATED}"
        " AND e.resolved_at IS NOT NULL",
        timed=True,
    ),
    Measure(
        "escalations_open",
        "Escalations nobody has decided, by owner",
        f"SELECT e.ticket_id AS ticket_id, e.owner AS key {_ESCALATED} AND e.state <> 'decided'",
    ),
    Measure(
        "approvals",
        "Approvals, and whether each is documented",
        "SELECT d.ticket_id AS ticket_id, CASE WHEN EXISTS (SELECT 1 FROM audit x WHERE x.ticket_id = d.ticket_id"
        " AND x.action = 'approved' AND x.actor = d.by AND instr(x.body, a.digest) > 0)"
        " THEN 'documented' ELSE 'not documented' END AS key FROM decision d JOIN approval a ON a.decision_id = d.id"
        " WHERE d.at >= :since AND d.at < :until"
        " AND (:queue = '' OR d.queue_before = :queue) AND (:reviewer = '' OR d.by = :reviewer)",
    ),
    Measure(
        "changes",
        "What was changed because of it",
        "SELECT x.ticket_id AS ticket_id, x.action AS key FROM audit x WHERE x.at >= :since AND x.at < :until"
        " AND x.ticket_id = 0 AND (:reviewer = '' OR x.actor = :reviewer) AND :queue = ''",
    ),
    Measure(
        "first_response",
        "Time until the first reply",
        f"SELECT t.id AS ticket_id, ({_ANSWERED} - t.created_at) / 60000 AS key {_TICKETS}"  # noqa: S608 (as above)
        " AND EXISTS (SELECT 1 FROM message m WHERE m.ticket_id = t.id AND m.author = 'agent')",
        timed=True,
    ),
    Measure(
        "resolution",
        "Time until the last reply of a resolved ticket",
        "SELECT t.id AS ticket_id, ((SELECT MAX(m.sent_at) FROM message m WHERE m.ticket_id = t.id"  # noqa: S608
        f" AND m.author = 'agent') - t.created_at) / 60000 AS key {_TICKETS} AND t.grouping = 'resolved'"
        " AND EXISTS (SELECT 1 FROM message m WHERE m.ticket_id = t.id AND m.author = 'agent')",
        timed=True,
    ),
    Measure(
        "backlog_age",
        "How long open tickets have waited",
        "SELECT t.id AS ticket_id, (:now - t.created_at) / 60000 AS key FROM ticket t WHERE t.grouping = 'open'"
        " AND (:queue = '' OR t.queue = :queue) AND (:reviewer = '' OR t.assignee = :reviewer)",
        timed=True,
    ),
    Measure(
        "due",
        "First replies in time, and late",
        f"SELECT t.id AS ticket_id, CASE WHEN COALESCE({_ANSWERED}, :now) - t.created_at <= {_DUE} THEN"
        f" CASE WHEN {_ANSWERED} IS NULL THEN 'not due yet' ELSE 'met' END ELSE 'missed' END AS key {_TICKETS}",
    ),
)
"""Every figure, in reading order."""


class SqlFigures:
    """The `Figures` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def take(self, name: str, period: Period, now: datetime, due: Mapping[str, float]) -> Figure:
        """One figure; `due` is the hours in which each priority wants its first reply. Raises BadInput."""
        measure = _measure(name)
        values = _values(period, now, due)
        counted = f"SELECT key, COUNT(*) FROM ({measure.sql}) GROUP BY key"  # noqa: S608 (our own measures)
        if measure.timed:
            rows = self._connection.execute(text(f"{counted} ORDER BY key"), values)
            return Figure(name, measure.title, spread=spread_of([(int(key), n) for key, n in rows]))
        rows = self._connection.execute(
            text(f"{counted} HAVING COUNT(*) >= :least"), {**values, "least": measure.least}
        )
        lines = sorted((Line(str(key), n) for key, n in rows), key=lambda line: (-line.count, line.key))
        return Figure(name, measure.title, tuple(lines))

    def behind(self, name: str, key: str | None, period: Period, now: datetime, due: Mapping[str, float]) -> array[int]:
        """Ids of the tickets behind a figure, or behind one line of it. Raises BadInput."""
        measure = _measure(name)
        which = "" if key is None or measure.timed else " WHERE key = :key"
        listed = f"SELECT DISTINCT ticket_id FROM ({measure.sql}){which} ORDER BY ticket_id"  # noqa: S608 (our own)
        values = _values(period, now, due) | ({"key": key} if which else {})
        return array("q", (i for i in self._connection.execute(text(listed), values).scalars() if i))


def _measure(name: str) -> Measure:
    found = next((m for m in MEASURES if m.name == name), None)
    if found is None:
        raise BadInput(f"There is no figure “{name}”; there are {', '.join(m.name for m in MEASURES)}.")
    return found


def _values(period: Period, now: datetime, due: Mapping[str, float]) -> dict[str, object]:
    hours = {f"due_{name}": round(due.get(name, 24.0) * 3_600_000) for name in ("low", "normal", "high", "urgent")}
    return {
        "since": mapping.milliseconds(period.since),
        "until": mapping.milliseconds(period.until),
        "queue": period.queue,
        "reviewer": period.reviewer,
        "now": mapping.milliseconds(now),
        **hours,
    }
