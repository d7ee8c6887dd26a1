# ruff: noqa: E501 (a table's columns read better on one line)
"""The report over many decided tickets, beside the bare SQL that counts the same.

Run: python -m tests.bench figures; SUPPORTDESK_BENCH_TICKETS names how many, a million where nothing is said.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.report import Period
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author, DecisionKind
from supportdesk.services.desk import Desk
from supportdesk.services.ports import NewTicket
from supportdesk.settings import Settings
from supportdesk.store import tallies
from supportdesk.store.figures import MEASURES

from .rows import Row

TICKETS = 1_000_000
DAY = 86_400_000
DAYS = 365
QUEUES = ("general", "billing", "technical", "account", "complaints", "sales")
END = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)


def rows() -> Iterator[Row]:
    """First figure, all figures, the whole command, each beside bare SQL; and what the tallies cost a decision."""
    tickets = int(os.environ.get("SUPPORTDESK_BENCH_TICKETS", TICKETS))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "desk.db"
        _fill(file, tickets)
        period = Period(_at(END - DAYS * DAY), _at(END + DAY))
        desk = open_desk(file, Settings(), login="lea")
        began = time.perf_counter()
        figures = desk.monitoring.figures(period)
        next(figures)
        first = time.perf_counter() - began
        list(figures)
        every = time.perf_counter() - began
        bare = _bare(file, desk, period)
        whole = _command(file)
        desk.close()
        named = f"{tickets:,} decided tickets"
        yield Row(f"report, {named}: the first figure", first, 1.0, "one second", 1.0)
        yield Row(f"report, {named}: all figures", every, bare, "bare SQL for the same sums", 2.0)
        yield Row(f"report, {named}: all figures", every, 5.0, "five seconds", 1.0)
        yield Row(f"supportdesk report --json, {named}", whole, 5.0, "five seconds", 1.0)
        yield Row(f"supportdesk report --json, {named}", whole, bare, "bare SQL for the same sums", 2.0)
    yield _write_cost()


def _at(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp / 1000, UTC)


def _command(file: Path) -> float:
    span = ["--since", "2025-11-01", "--until", "2026-11-02"]
    words = [sys.executable, "-m", "supportdesk", "--store", str(file), "report", "--json", *span]
    began = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "SUPPORTDESK_LOGIN": "lea"})
    return time.perf_counter() - began


def _bare(file: Path, desk: Desk, period: Period) -> float:
    """The same figures by the plain statements, tallies unused, on a connection of its own."""
    due = {priority.value: hours for priority, hours in desk.routing.sla_hours.items()}
    values = {f"due_{name}": round(due.get(name, 24.0) * 3_600_000) for name in ("low", "normal", "high", "urgent")}
    stamps = {name: round(getattr(period, name).timestamp() * 1000) for name in ("since", "until")}
    named = {**values, **stamps, "queue": "", "reviewer": "", "now": END}
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.execute("PRAGMA cache_size=-16000")
    connection.execute("PRAGMA mmap_size=268435456")
    began = time.perf_counter()
    for measure in MEASURES:
        connection.execute(f"SELECT key, COUNT(*) FROM ({measure.sql}) GROUP BY key", named).fetchall()
    took = time.perf_counter() - began
    connection.close()
    return took


def _write_cost(tickets: int = 150) -> Row:
    """CPU seconds of tickets through the real services, from arrival to approval, with the tallies and without."""
    took = [_approve_all(tickets, tallied=tallied) for tallied in (True, False, True, False)]
    ours, theirs = (sum(took[n::2]) / 2 for n in (0, 1))
    return Row(f"CPU of {tickets} tickets from arrival to approval", ours, theirs, "the same without tallies", 1.1)


def _approve_all(tickets: int, *, tallied: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "desk.db"
        open_desk(file, Settings(), login="lea").close()
        if not tallied:
            with sqlite3.connect(file) as connection:
                for name in [statement.split()[2] for statement in tallies.statements()]:
                    connection.execute(f"DROP TRIGGER {name}")
            connection.close()
        desk = open_desk(file, Settings(), login="lea")
        began = time.process_time()
        for n in range(tickets):
            _approve(desk, n)
        took = time.process_time() - began
        desk.close()
    return took


def _approve(desk: Desk, n: int) -> None:
    now = desk.clock.now()
    with desk.store.write() as tx:
        ticket = tx.tickets.add(NewTicket("Hours", f"c{n}@example.com", "", "mail", created_at=now), now)
        sender = Address(f"c{n}@example.com", "")
        letter = IncomingMessage(author=Author.CUSTOMER, text="When are you open?", sender=sender, sent_at=now)
        tx.tickets.add_message(ticket, letter, now, f"letter:{n}")
    desk.preparing.one(ticket)
    desk.review.take(ticket, "lea")
    case = desk.review.edit(ticket, "lea", "Hello, we are glad to help. Kind regards")
    desk.review.see(ticket, "lea", range(len(case.thread.messages)))
    for item in case.items:
        desk.review.answer(ticket, "lea", item, AnswerValue.CONFIRMED)
    desk.review.decide(ticket, "lea", Decision(DecisionKind.APPROVE, closing=True))


def _fill(file: Path, tickets: int) -> None:
    """A year of decided tickets, put in past the gate; the tallies are made afterwards."""
    open_desk(file, Settings(), login="lea").close()
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("BEGIN")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for n in range(12):
        person = (f"person{n:02}", "agent", "", "lea")
        connection.execute(
            "INSERT INTO person (login, role, name, changed_by, active, changes) VALUES (?,?,?,?,1,0)", person
        )
    for table, columns, many in _content(tickets):
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", many)
    _rebuild(connection)
    for _, sql in triggers:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _rebuild(connection: sqlite3.Connection) -> None:
    class Plain:
        """What `rebuild` needs of a SQLAlchemy connection."""

        def exec_driver_sql(self, statement: str, values: Iterable[object] = ()) -> object:
            if isinstance(values, list):
                return connection.executemany(statement, values)
            return connection.execute(statement)

    for statement in tallies.statements():
        if statement.split()[2].startswith("tally_fact"):
            connection.execute(statement)
    tallies.rebuild(Plain())  # type: ignore[arg-type]
    for name in ("tally_fact", "tally_fact_gone", "tally_fact_moved"):
        connection.execute(f"DROP TRIGGER {name}")


def _content(tickets: int) -> Iterator[tuple[str, tuple[str, ...], Iterator[tuple[object, ...]]]]:
    """Rows of every table the figures read, drawn again for each table from the same seed."""

    def each() -> Iterator[tuple[int, int, int, str, str, str]]:
        chance = random.Random(7)
        for n in range(1, tickets + 1):
            created = END - chance.randrange(DAYS * DAY)
            wait = min(int(chance.lognormvariate(15.5, 1.2)), 40 * DAY)
            kind = chance.choices(
                ("approve", "request_information", "reroute", "reject", "escalate"), (70, 10, 8, 9, 3)
            )[0]
            yield n, created, created + wait, kind, chance.choice(QUEUES), f"person{chance.randrange(12):02}"

    def sent(kind: str) -> bool:
        return kind in ("approve", "request_information")

    def status(kind: str) -> str:
        return {"approve": "solved", "request_information": "pending", "escalate": "escalated"}.get(kind, "open")

    def group(kind: str) -> str:
        return {"approve": "resolved", "request_information": "waiting"}.get(kind, "open")

    yield (
        "ticket",
        (
            "id",
            "subject",
            "requester_email",
            "external",
            "queue",
            "category",
            "status",
            "grouping",
            "assignee",
            "priority",
            "channel",
            "path",
            "triggers",
            "language",
            "tags",
            "records",
            "requester_name",
            "thread_version",
            "prepared_version",
            "stale",
            "version",
            "reopened",
            "created_at",
            "updated_at",
            "wake_on_message",
            "press",
        ),
        (
            (
                n,
                "s",
                f"c{n % 400000}@example.com",
                "",
                queue,
                queue,
                status(kind),
                group(kind),
                by,
                "normal",
                "mail",
                "review",
                "",
                "en",
                "[]",
                "{}",
                "",
                2,
                2,
                0,
                3,
                int(n % 40 == 0),
                created,
                at,
                0,
                created,
            )
            for n, created, at, kind, queue, by in each()
        ),
    )
    message = (
        ("ticket_id", "position", "author", "sent_at", "kind", "fingerprint", "text", "sender_name", "sender_email", "to_json", "cc_json", "channel", "message_id", "references_json", "remarks_json", "raw")
    )  # fmt: skip
    rest = ("[]", "[]", "mail", "", "[]", "[]", "")
    yield (
        "message",
        message,
        ((n, 0, "customer", created, "ordinary", f"a{n}", "x", "", "", *rest) for n, created, *_ in each()),
    )
    yield (
        "message",
        message,
        ((n, 1, "agent", at, "ordinary", f"b{n}", "x", "", "", *rest) for n, _, at, kind, *_ in each() if sent(kind)),
    )
    yield (
        "revision",
        (
            "id",
            "ticket_id",
            "number",
            "kind",
            "subject",
            "text",
            "by",
            "thread_version",
            "to_json",
            "cc_json",
            "bcc_json",
            "attachments_json",
            "citations_json",
            "examination",
            "privacy",
            "at",
        ),
        (
            (n, n, 1, "reply", "s", "x", "assistant" if n % 3 else by, 1, "[]", "[]", "[]", "[]", "[]", "{}", 0, at)
            for n, _, at, _, _, by in each()
        ),
    )
    yield (
        "decision",
        (
            "id",
            "ticket_id",
            "kind",
            "by",
            "at",
            "revision_id",
            "thread_version",
            "reason",
            "note",
            "queue_before",
            "body",
            "seconds",
            "messages_shown",
            "words",
            "evidence_opened",
        ),
        (
            (
                n,
                n,
                kind,
                by,
                at,
                n,
                1,
                "other" if kind in ("reject", "reroute", "escalate") else "",
                "",
                queue,
                "{}",
                90,
                1,
                120,
                0,
            )
            for n, _, at, kind, queue, by in each()
        ),
    )
    yield (
        "decision_detail",
        ("decision_id", "ticket_id", "at", "what", "key", "queue", "reviewer"),
        (
            (n, n, at, "wrong_routes", f"{queue} → {QUEUES[n % 6]}", queue, by)
            if kind == "reroute"
            else (n, n, at, "missing", f"{queue}: order_number", queue, by)
            for n, _, at, kind, queue, by in each()
            if kind in ("reroute", "request_information")
        ),
    )
    yield (
        "approval",
        (
            "id",
            "decision_id",
            "ticket_id",
            "revision_id",
            "thread_version",
            "by",
            "subject",
            "text",
            "to_json",
            "cc_json",
            "bcc_json",
            "attachments_json",
            "boot",
            "uptime",
            "digest",
            "payload",
            "at",
        ),
        (
            (n, n, n, n, 1, by, "s", "x", "[]", "[]", "[]", "[]", "b", 0, f"digest{n:058}", "{}", at)
            for n, _, at, kind, _, by in each()
            if sent(kind)
        ),
    )
    yield (
        "outbox",
        (
            "id",
            "approval_id",
            "ticket_id",
            "message_id",
            "state",
            "stage",
            "claimed_by",
            "not_before",
            "attempts",
            "result",
            "settled_by",
            "settled_reason",
            "queued_at",
            "changed_at",
        ),
        (
            (n, n, n, f"m{n}", "sent", "", "", at, 1, "{}", "", "", at, at)
            for n, _, at, kind, *_ in each()
            if sent(kind)
        ),
    )
    yield (
        "audit",
        ("at", "actor", "action", "ticket_id", "body", "salt", "rows_to", "rows", "previous", "hash"),
        (
            (at, by, "approved", n, f'{{"digest":"digest{n:058}"}}', "", "{}", "", "", "")
            for n, _, at, kind, _, by in each()
            if sent(kind)
        ),
    )
    yield (
        "flag",
        ("ticket_id", "kind", "source", "message", "quote", "raised_at", "cleared_by", "cleared_reason"),
        ((n, "complaint" if n % 5 else "refund", "rule", n, "q", at, "", "") for n, _, at, *_ in each() if n % 6 == 0),
    )
    yield (
        "escalation",
        (
            "ticket_id",
            "decision_id",
            "trigger",
            "owner",
            "backup",
            "expected",
            "reason",
            "note",
            "context_json",
            "state",
            "opened_at",
            "opened_by",
            "acknowledged_at",
            "acknowledged_by",
            "resolved_at",
            "resolved_by",
            "outcome",
            "instruction",
            "step",
            "boot",
            "uptime",
        ),
        (
            (
                n,
                n,
                "refund",
                "app",
                "lea",
                "?",
                "risk",
                "",
                "[]",
                "open" if n % 9 == 0 else "decided",
                at,
                by,
                at + 9 * 60000,
                "app",
                at + 70 * 60000,
                "app",
                "grant",
                "",
                0,
                "",
                0,
            )
            for n, _, at, kind, _, by in each()
            if kind == "escalate"
        ),
    )
