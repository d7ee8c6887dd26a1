# ruff: noqa: S608 (every name put into a statement is our own)
"""What each figure counts: one SELECT of (ticket_id, key), and the tally that holds its whole days."""

from __future__ import annotations

from dataclasses import dataclass

from supportdesk.store.tallies import ANSWERED_BY, CHANGED, DOCUMENTED, EDITED, LEFT

_SPAN = (
    "{at} >= :since AND {at} < :until AND (:queue = '' OR {queue} = :queue) AND (:reviewer = '' OR {by} = :reviewer)"
)
_DECIDED = "FROM decision d WHERE " + _SPAN.format(at="d.at", queue="d.queue_before", by="d.by")
_APPROVED = _DECIDED.replace(" d WHERE", " d JOIN approval a ON a.decision_id = d.id WHERE")
_DETAIL = "FROM decision_detail i WHERE i.what = '{what}' AND " + _SPAN.format(
    at="i.at", queue="i.queue", by="i.reviewer"
)
_TICKETS = _SPAN.format(at="t.created_at", queue="t.queue", by="t.reviewer")
_NOW = "(:queue = '' OR t.queue = :queue) AND (:reviewer = '' OR t.reviewer = :reviewer)"
_ESCALATED = "FROM escalation e JOIN decision d ON d.id = e.decision_id WHERE " + _SPAN.format(
    at="e.opened_at", queue="d.queue_before", by="e.opened_by"
)
_DUE = (
    "CASE t.priority WHEN 'urgent' THEN :due_urgent WHEN 'high' THEN :due_high"
    " WHEN 'normal' THEN :due_normal ELSE :due_low END"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """How one figure is taken."""

    name: str
    """Short name."""
    title: str
    """How people read it."""
    sql: str
    """SELECT of ticket_id and key, or of ticket_id and minutes."""
    tally: str = ""
    """The tally with its whole days; empty where it is counted each time."""
    by: str = "key"
    """The tally's column that is its key."""
    among: tuple[str, ...] = ()
    """Only these keys of the tally; empty for all."""
    timed: str = ""
    """How it is about time: `sorted` where the SELECT comes in the order of minutes, else `grouped`; empty if not."""
    keys: tuple[str, ...] = ()
    """All the keys there can be, where they are few and the rows many."""
    least: int = 1
    """Lines with less are left out."""
    always: bool = False
    """Whether it is about now, whatever the period."""


def _waits(name: str, title: str, column: str, index: str) -> Measure:
    sql = (
        f"SELECT t.ticket_id AS ticket_id, t.{column} AS key FROM ticket_fact t INDEXED BY {index}"
        f" WHERE t.{column} IS NOT NULL AND {_TICKETS}"
    )
    return Measure(name, title, sql, timed="sorted")


MEASURES = (
    Measure(
        "categories",
        "Tickets by category",
        f"SELECT t.ticket_id AS ticket_id, t.category AS key FROM ticket_fact t WHERE {_TICKETS}",
        tally="categories",
    ),
    Measure(
        "wrong_routes",
        "Repeated wrong routes",
        f"SELECT i.ticket_id AS ticket_id, i.key AS key {_DETAIL.format(what='wrong_routes')}",
        tally="wrong_routes",
        least=2,
    ),
    Measure("decisions", "Decisions", f"SELECT d.ticket_id AS ticket_id, d.kind AS key {_DECIDED}", tally="decisions"),
    Measure(
        "corrections",
        "Drafts sent as they were, and corrected",
        f"SELECT d.ticket_id AS ticket_id, {EDITED.format(decision='d')} AS key {_DECIDED}"
        f" AND d.kind IN ('approve', 'request_information') AND {LEFT}",
        tally="corrections",
    ),
    Measure(
        "rejections",
        "Rejections by reason",
        f"SELECT d.ticket_id AS ticket_id, d.reason AS key {_DECIDED} AND d.kind = 'reject'",
        tally="rejections",
    ),
    Measure(
        "escalations",
        "Escalations by trigger or reason",
        f"SELECT e.ticket_id AS ticket_id, CASE e.trigger WHEN '' THEN e.reason ELSE e.trigger END AS key {_ESCALATED}",
    ),
    Measure(
        "unresolved",
        "Unresolved, by status",
        "SELECT t.ticket_id AS ticket_id, t.status AS key FROM ticket_fact t"
        f" WHERE {_TICKETS} AND t.grouping <> 'resolved'",
        tally="statuses",
        among=("new", "open", "escalated", "pending", "paused"),
    ),
    Measure(
        "reopened",
        "Reopened, by queue",
        f"SELECT t.ticket_id AS ticket_id, t.queue AS key FROM ticket_fact t WHERE {_TICKETS} AND t.reopened > 0",
        tally="reopened",
    ),
    Measure(
        "complaints",
        "Complaints after a reply, by who approved it",
        "SELECT f.ticket_id AS ticket_id, d.by AS key FROM flag f JOIN message m ON m.id = f.message"
        f" JOIN decision d ON d.id = {ANSWERED_BY.format(flag='f')} WHERE f.kind = 'complaint' AND "
        + _SPAN.format(at="m.sent_at", queue="d.queue_before", by="d.by"),
        tally="complaints",
    ),
    Measure(
        "missing",
        "Asked for again and again",
        f"SELECT i.ticket_id AS ticket_id, i.key AS key {_DETAIL.format(what='missing')}",
        tally="missing",
        least=2,
    ),
    Measure(
        "theme_articles",
        "Tickets whose theme led to an article",
        "SELECT i.ticket_id AS ticket_id, h.name || ' → ' || h.article AS key FROM theme h"
        " JOIN theme_ticket i ON i.theme_id = h.id WHERE h.article <> '' AND h.mended_at >= :since"
        " AND h.mended_at < :until AND (:queue = '' OR h.queue = :queue) AND (:reviewer = '' OR h.owner = :reviewer)",
    ),
    Measure(
        "queues",
        "Waiting for review now, by queue",
        f"SELECT t.ticket_id AS ticket_id, t.queue AS key FROM ticket_fact t WHERE t.grouping = 'open' AND {_NOW}",
        tally="statuses",
        among=("new", "open", "escalated"),
        by="queue",
        always=True,
    ),
    Measure(
        "workload",
        "Decisions by reviewer",
        f"SELECT d.ticket_id AS ticket_id, d.by AS key {_DECIDED}",
        tally="decisions",
        by="reviewer",
    ),
    Measure(
        "escalation_acknowledged",
        "Time until an escalation was acknowledged",
        f"SELECT e.ticket_id AS ticket_id, (e.acknowledged_at - e.opened_at) / 60000 AS key {_ESCALATED}"
        " AND e.acknowledged_at IS NOT NULL",
        timed="grouped",
    ),
    Measure(
        "escalation_decided",
        "Time until an escalation was decided",
        f"SELECT e.ticket_id AS ticket_id, (e.resolved_at - e.opened_at) / 60000 AS key {_ESCALATED}"
        " AND e.resolved_at IS NOT NULL",
        timed="grouped",
    ),
    Measure(
        "escalations_open",
        "Escalations nobody has decided, by owner",
        f"SELECT e.ticket_id AS ticket_id, e.owner AS key {_ESCALATED} AND e.state <> 'decided'",
    ),
    Measure(
        "approvals",
        "Approvals, and whether each is documented",
        f"SELECT d.ticket_id AS ticket_id, {DOCUMENTED} AS key {_APPROVED} AND {LEFT}",
        tally="approvals",
    ),
    Measure(
        "promises",
        "Promises made, kept and broken",
        "SELECT p.ticket_id AS ticket_id, CASE WHEN p.state = 'open' AND p.due_at < :now THEN 'overdue'"
        " ELSE p.state END AS key FROM promise p WHERE p.state IN ('open', 'kept', 'broken') AND "
        + _SPAN.format(at="p.at", queue="p.queue", by="p.by"),
    ),
    Measure(
        "changes",
        "What was changed because of it",
        "SELECT x.ticket_id AS ticket_id, x.action AS key FROM audit x WHERE x.at >= :since AND x.at < :until"
        f" AND {CHANGED} AND (:reviewer = '' OR x.actor = :reviewer) AND :queue = ''",
    ),
    _waits("first_response", "Time until the first reply", "first_minutes", "fact_by_first"),
    _waits("resolution", "Time until the last reply of a resolved ticket", "solved_minutes", "fact_by_solved"),
    _waits(
        "requester_wait", "How long requesters waited for us, all their waits together", "wait_minutes", "fact_by_wait"
    ),
    Measure(
        "backlog_age",
        "How long open tickets have waited",
        "SELECT t.ticket_id AS ticket_id, (:now - t.created_at) / 60000 AS key FROM ticket_fact t"
        f" INDEXED BY fact_by_open WHERE t.grouping = 'open' AND {_NOW}",
        timed="grouped",
        always=True,
    ),
    Measure(
        "due",
        "First replies in time, and late",
        "SELECT t.ticket_id AS ticket_id,"
        f" CASE WHEN t.first_reply - t.created_at > {_DUE} THEN 'missed' ELSE 'met' END AS key"
        f" FROM ticket_fact t INDEXED BY fact_by_first WHERE t.first_minutes IS NOT NULL AND {_TICKETS}"
        " UNION ALL SELECT t.ticket_id AS ticket_id,"
        f" CASE WHEN :now - t.created_at > {_DUE} THEN 'missed' ELSE 'not due yet' END AS key"
        " FROM ticket_fact t INDEXED BY fact_by_open WHERE t.grouping = 'open' AND t.first_reply IS NULL"
        f" AND {_TICKETS}",
        keys=("met", "missed", "not due yet"),
    ),
)
"""Every figure, in reading order."""
