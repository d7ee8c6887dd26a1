# ruff: noqa: S608 (every name put into a statement is our own)
"""Tallies: what the figures count, kept per UTC day by triggers in the transaction that makes it happen.

A report over a million decisions then adds up some thousand rows. `rebuild` makes the same rows from nothing,
with the same SELECTs the triggers use; `tests/lead` holds both against a plain count.
"""

from __future__ import annotations

from sqlalchemy import Connection

DAY = 86_400_000
"""Milliseconds of a tally's day."""

_UP = "ON CONFLICT DO UPDATE SET count = count + excluded.count"
_SENDS = "('approve','request_information')"
EDITED = (
    "CASE WHEN (SELECT r.by FROM revision r WHERE r.id = {decision}.revision_id) = 'assistant'"
    " THEN 'as drafted' ELSE 'corrected' END"
)
"""Whether the words sent are the assistant's own."""

LEFT = (
    "NOT EXISTS (SELECT 1 FROM approval w JOIN outbox o ON o.approval_id = w.id"
    " WHERE w.decision_id = d.id AND o.state = 'cancelled')"
)
"""Whether a decision's reply was not called back, voided or settled as not sent."""

DOCUMENTED = (
    "CASE WHEN EXISTS (SELECT 1 FROM audit x WHERE x.ticket_id = d.ticket_id AND x.action = 'approved'"
    " AND x.actor = d.by AND instr(x.body, a.digest) > 0) THEN 'documented' ELSE 'not documented' END"
)
"""Whether an approval stands in the records."""

ANSWERED_BY = (
    "(SELECT MAX(x.id) FROM decision x JOIN approval a ON a.decision_id = x.id JOIN outbox o ON o.approval_id = a.id"
    " WHERE x.ticket_id = {flag}.ticket_id AND o.state = 'sent' AND o.changed_at <= m.sent_at)"
)
"""The decision whose reply a complaint followed."""

CHANGED = "x.ticket_id = 0 AND x.action NOT IN ('kept', 'gate_rules')"
"""Records of what was changed at the desk itself."""


def _count(name: str, at: str, key: str, queue: str, reviewer: str, rest: str = "", number: str = "1") -> str:
    """Add to a tally; `rest` is FROM and WHERE where the values come from somewhere."""
    where = rest or "WHERE 1"
    return (
        "INSERT INTO tally (name, day, key, queue, reviewer, count)"
        f" SELECT '{name}', {at} / {DAY}, {key}, {queue}, {reviewer}, {number} {where} {_UP};"
    )


def _decided() -> list[str]:
    of = ("NEW.queue_before", "NEW.by")
    edited = EDITED.format(decision="NEW")
    return [
        "CREATE TRIGGER tally_decision AFTER INSERT ON decision BEGIN "
        + _count("decisions", "NEW.at", "NEW.kind", *of)
        + _count("rejections", "NEW.at", "NEW.reason", *of, "WHERE NEW.kind = 'reject'")
        + _count("corrections", "NEW.at", edited, *of, f"WHERE NEW.kind IN {_SENDS}")
        + " END",
        "CREATE TRIGGER tally_detail AFTER INSERT ON decision_detail BEGIN "
        + _count("", "NEW.at", "NEW.key", "NEW.queue", "NEW.reviewer").replace("''", "NEW.what", 1)
        + " END",
    ]


def _approved() -> list[str]:
    at, of = "d.at", ("d.queue_before", "d.by")
    made = "FROM decision d WHERE d.id = NEW.decision_id"
    cancelled = "FROM approval a JOIN decision d ON d.id = a.decision_id WHERE a.id = NEW.approval_id"
    told = (
        "FROM approval a JOIN decision d ON d.id = a.decision_id WHERE d.ticket_id = NEW.ticket_id AND d.by = NEW.actor"
        " AND instr(NEW.body, a.digest) > 0"
    )
    return [
        "CREATE TRIGGER tally_approval AFTER INSERT ON approval BEGIN "
        + _count("approvals", at, "'not documented'", *of, made)
        + " END",
        "CREATE TRIGGER tally_approved AFTER INSERT ON audit WHEN NEW.action = 'approved' BEGIN "
        + _count("approvals", at, "'not documented'", *of, told, "-1")
        + _count("approvals", at, "'documented'", *of, told)
        + " END",
        "CREATE TRIGGER tally_cancelled AFTER UPDATE ON outbox"
        " WHEN NEW.state = 'cancelled' AND OLD.state <> 'cancelled' BEGIN "
        + _count("approvals", at, DOCUMENTED, *of, cancelled, "-1")
        + _count("corrections", at, EDITED.format(decision="d"), *of, cancelled, "-1")
        + " END",
    ]


def _complained() -> str:
    answered = ANSWERED_BY.format(flag="NEW")
    rest = f"FROM message m JOIN decision d ON d.id = {answered} WHERE m.id = NEW.message"
    return (
        "CREATE TRIGGER tally_complaint AFTER INSERT ON flag WHEN NEW.kind = 'complaint' BEGIN "
        + _count("complaints", "m.sent_at", "d.by", "d.queue_before", "d.by", rest)
        + " END"
    )


_FACTS = {
    "created_at": "created_at",
    "queue": "queue",
    "category": "category",
    "status": "status",
    "grouping": "grouping",
    "assignee": "reviewer",
    "priority": "priority",
    "reopened": "reopened",
}
"""Columns of a ticket and the facts they are."""
_SOLVED = (
    "CASE WHEN {row}.grouping = 'resolved' AND {row}.last_reply IS NOT NULL"
    " THEN ({row}.last_reply - {row}.created_at) / 60000 END"
)


def _facts() -> list[str]:
    new = ", ".join(f"NEW.{column}" for column in _FACTS)
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _FACTS)
    moved = ", ".join(f"{fact} = NEW.{column}" for column, fact in _FACTS.items())
    since = "min(coalesce(waiting_since, NEW.sent_at), NEW.sent_at)"
    waited = "waited + max(NEW.sent_at - coalesce(waiting_since, NEW.sent_at), 0)"
    return [
        "CREATE TRIGGER tally_ticket AFTER INSERT ON ticket BEGIN INSERT OR IGNORE INTO ticket_fact"
        f" (ticket_id, {', '.join(_FACTS.values())}, waited) VALUES (NEW.id, {new}, 0); END",
        f"CREATE TRIGGER tally_ticket_moved AFTER UPDATE ON ticket WHEN {changed} BEGIN UPDATE ticket_fact SET {moved},"
        " solved_minutes = CASE WHEN NEW.grouping = 'resolved' AND last_reply IS NOT NULL"
        " THEN (last_reply - NEW.created_at) / 60000 END WHERE ticket_id = NEW.id; END",
        "CREATE TRIGGER tally_ticket_gone AFTER DELETE ON ticket BEGIN"
        " DELETE FROM ticket_fact WHERE ticket_id = OLD.id; END",
        "CREATE TRIGGER tally_asked AFTER INSERT ON message WHEN NEW.author = 'customer' AND NEW.kind = 'ordinary'"
        f" BEGIN UPDATE ticket_fact SET waiting_since = {since} WHERE ticket_id = NEW.ticket_id; END",
        "CREATE TRIGGER tally_answered AFTER INSERT ON message WHEN NEW.author = 'agent' BEGIN UPDATE ticket_fact SET"
        " first_reply = min(coalesce(first_reply, NEW.sent_at), NEW.sent_at),"
        " last_reply = max(coalesce(last_reply, NEW.sent_at), NEW.sent_at),"
        " first_minutes = (min(coalesce(first_reply, NEW.sent_at), NEW.sent_at) - created_at) / 60000,"
        " solved_minutes = CASE WHEN grouping = 'resolved'"
        " THEN (max(coalesce(last_reply, NEW.sent_at), NEW.sent_at) - created_at) / 60000 END,"
        f" waited = {waited}, wait_minutes = ({waited}) / 60000, waiting_since = NULL"
        " WHERE ticket_id = NEW.ticket_id; END",
    ]


_TICKET_TALLIES = (
    ("categories", "{row}.category", "1", ("category",)),
    ("statuses", "{row}.status", "1", ("status",)),
    ("reopened", "{row}.queue", "{row}.reopened > 0", ("reopened",)),
)
"""Tallies of tickets by the day they came: name, key, condition, and the facts they hang on besides the common ones."""


def _counted() -> list[str]:
    def step(row: str, number: str, extra: str = "1") -> str:
        return "".join(
            _count(
                name,
                f"{row}.created_at",
                key.format(row=row),
                f"{row}.queue",
                f"{row}.reviewer",
                f"WHERE {when.format(row=row)} AND {extra.format(changed=_differs(facts))}",
                number,
            )
            for name, key, when, facts in _TICKET_TALLIES
        )

    every = ("created_at", "queue", "reviewer", "category", "status", "grouping", "reopened")
    return [
        f"CREATE TRIGGER tally_fact AFTER INSERT ON ticket_fact BEGIN {step('NEW', '1')} END",
        f"CREATE TRIGGER tally_fact_gone AFTER DELETE ON ticket_fact BEGIN {step('OLD', '-1')} END",
        f"CREATE TRIGGER tally_fact_moved AFTER UPDATE ON ticket_fact WHEN {_differs(every, common=False)} BEGIN"
        f" {step('OLD', '-1', '({changed})')} {step('NEW', '1', '({changed})')} END",
    ]


def _differs(facts: tuple[str, ...], *, common: bool = True) -> str:
    names = dict.fromkeys((*facts, *(("created_at", "queue", "reviewer") if common else ())))
    return " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in names)


def _promised() -> list[str]:
    return [
        "CREATE TRIGGER tally_promise_sent AFTER UPDATE ON outbox WHEN NEW.state = 'sent' AND OLD.state <> 'sent' BEGIN"
        " UPDATE promise SET state = 'open' WHERE approval_id = NEW.approval_id AND state = 'unsent'; END",
        "CREATE TRIGGER tally_promise_void AFTER UPDATE ON outbox WHEN NEW.state = 'cancelled' BEGIN"
        " UPDATE promise SET state = 'void' WHERE approval_id = NEW.approval_id AND state = 'unsent'; END",
    ]


def statements() -> tuple[str, ...]:
    """Every trigger that keeps the tallies, as one CREATE TRIGGER statement."""
    parts = [*_decided(), *_approved(), _complained(), *_facts(), *_counted(), *_promised()]
    return tuple(" ".join(part.replace("WHERE 1 AND", "WHERE").split()) for part in parts)


def rebuild(connection: Connection) -> None:
    """Make facts and tallies anew from the rows they count: for rows that came past the triggers."""
    run = connection.exec_driver_sql
    for name in ("ticket_fact", "tally"):
        run(f"DELETE FROM {name}")
    facts = ", ".join(_FACTS.values())
    run(
        f"INSERT INTO ticket_fact (ticket_id, {facts}, waited)"
        f" SELECT t.id, {', '.join(f't.{column}' for column in _FACTS)}, 0 FROM ticket t"
    )
    _replay(connection)
    of = ("d.queue_before", "d.by")
    decided = "FROM decision d WHERE 1"
    grouped = "{} GROUP BY 2, 3, 4, 5"
    for name, key, rest in (
        ("decisions", "d.kind", decided),
        ("rejections", "d.reason", f"{decided} AND d.kind = 'reject'"),
        ("corrections", EDITED.format(decision="d"), f"{decided} AND d.kind IN {_SENDS} AND {LEFT}"),
    ):
        run(_count(name, "d.at", key, *of, grouped.format(rest), "count(*)"))
    details = "FROM decision_detail i WHERE 1 GROUP BY 1, 2, 3, 4, 5"
    run(_count("", "i.at", "i.key", "i.queue", "i.reviewer", details, "count(*)").replace("''", "i.what", 1))
    approved = grouped.format(f"FROM approval a JOIN decision d ON d.id = a.decision_id WHERE {LEFT}")
    run(_count("approvals", "d.at", DOCUMENTED, *of, approved, "count(*)"))
    answered = ANSWERED_BY.format(flag="f")
    complained = (
        f"FROM flag f JOIN message m ON m.id = f.message JOIN decision d ON d.id = {answered}"
        " WHERE f.kind = 'complaint'"
    )
    run(_count("complaints", "m.sent_at", "d.by", *of, grouped.format(complained), "count(*)"))


def _replay(connection: Connection) -> None:
    """First and last replies and waits, from the messages in the order they came."""
    query = (
        "SELECT ticket_id, author, sent_at FROM message WHERE author = 'agent' OR (author = 'customer'"
        " AND kind = 'ordinary') ORDER BY ticket_id, id"
    )
    update = (
        "UPDATE ticket_fact SET first_reply = ?, last_reply = ?, waiting_since = ?, waited = ?,"
        " first_minutes = (? - created_at) / 60000, wait_minutes = CASE WHEN ? IS NULL THEN NULL ELSE ? / 60000 END,"
        " solved_minutes = CASE WHEN grouping = 'resolved' THEN (? - created_at) / 60000 END WHERE ticket_id = ?"
    )
    found: dict[int, list[int | None]] = {}
    for ticket_id, author, sent in connection.exec_driver_sql(query):
        fact = found.setdefault(ticket_id, [None, None, None, 0])
        first, last, since, waited = fact
        if author == "customer":
            fact[2] = sent if since is None else min(since, sent)
        else:
            more = 0 if since is None else max(sent - since, 0)
            fact[:] = [
                sent if first is None else min(first, sent),
                sent if last is None else max(last, sent),
                None,
                (waited or 0) + more,
            ]
    rows = [
        (first, last, since, waited, first, first, waited, last, ticket_id)
        for ticket_id, (first, last, since, waited) in found.items()
    ]
    for start in range(0, len(rows), 10_000):
        connection.exec_driver_sql(update, rows[start : start + 10_000])
