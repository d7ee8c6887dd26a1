"""A desk of so many tickets, made once and kept in a cache folder outside the checkout.

    python -m tests.bench.desk_of 1000000

One ticket is taken in and prepared by the desk itself; all others are written in bulk in its shape: a ticket, a
message of 30 to 60 words of a skewed vocabulary (as words are in letters), its place in the search index, a
preparation and a first draft. The triggers are put back as they were, and the file is named after the store's
shape, so that a store of another shape is made anew.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from supportdesk.bootstrap import open_desk
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author
from supportdesk.services.desk import Desk
from supportdesk.settings import Settings

LOGIN = "lea"
SMALL, LARGE = 1_000, int(os.environ.get("SUPPORTDESK_BENCH_TICKETS", "1000000"))

FILLING = 1
"""Raise it when the filling changes: desks are made anew."""

_QUEUES = ("general", "billing", "shipping", "returns", "accounts", "technical")
_TRIGGERS = ("", "", "", "", "refund", "billing_dispute", "complaint refund", "privacy", "access", "repeated")
_PRIORITIES = ("normal", "normal", "normal", "low", "high")
_STARTS = ("order", "parcel", "invoice", "battery", "account", "saddle", "delivery", "refund", "password", "charger")


def folder() -> Path:
    """Where desks are kept; SUPPORTDESK_BENCH_CACHE names another place."""
    named = os.environ.get("SUPPORTDESK_BENCH_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("supportdesk-bench", appauthor=False))


def file_of(tickets: int) -> Path:
    """The store of so many tickets, made if it is not there."""
    kept = folder()
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        model = Path(place) / "desk.db"
        body, words = _prepared_one(model)
        file = kept / f"desk-{tickets}-{_shape(model)}.db"
        if not file.exists():
            _fill(model, tickets, body, words)
            for stale in kept.glob(f"desk-{tickets}-*"):
                stale.unlink()
            model.rename(file) if model.stat().st_dev == kept.stat().st_dev else _move(model, file)
    return file


def desk_of(tickets: int) -> Desk:
    """That store, opened."""
    return open_desk(file_of(tickets), Settings(), login=LOGIN)


def vocabulary() -> tuple[list[str], list[float]]:
    """Twelve thousand words and how often they come, as running sums: the n-th about 1/n as often as the first."""
    made = ("".join(p) for p in itertools.product("bdfglmnprstv", "aeiou", "lmnrst", "aeiou", ("", "n", "s", "r")))
    words = [*_STARTS, *itertools.islice(made, 12_000)]
    return words, list(itertools.accumulate(1 / (n + 20) for n in range(len(words))))


def _move(model: Path, file: Path) -> None:
    import shutil

    shutil.copyfile(model, file.with_suffix(".part"))
    file.with_suffix(".part").rename(file)


def _shape(model: Path) -> str:
    """A short name of a store's shape and of how this module fills it."""
    with closing(sqlite3.connect(model)) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    told = json.dumps([FILLING, rows])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _prepared_one(model: Path) -> tuple[dict[str, object], dict[str, object]]:
    """A store with one ticket the desk prepared itself; returns its preparation and its revision."""
    desk = open_desk(model, Settings(), login=LOGIN)
    sender = Address("anna@x.example", "Anna Wolf")
    letter = "Hello,\n\nwhere is my order 88213? It should have come on Monday.\n\nAnna"
    message = IncomingMessage(Author.CUSTOMER, letter, sender=sender, sent_at=datetime.now(UTC))
    desk.intake.take([IncomingTicket("one", "Where is my order", sender, (message,))])
    for _ in desk.preparing.run():
        pass
    desk.close()
    with closing(sqlite3.connect(model)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        body = dict(connection.execute("SELECT * FROM preparation").fetchone())
        words = dict(connection.execute("SELECT * FROM revision").fetchone())
    return body, words


def _fill(model: Path, tickets: int, body: dict[str, object], words: dict[str, object]) -> None:
    connection = sqlite3.connect(model, isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    connection.execute("BEGIN")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    now = round(time.time() * 1000)
    for first in range(2, tickets + 1, 20_000):
        rows = list(_rows(range(first, min(first + 20_000, tickets + 1)), now))
        _insert(connection, "ticket", [row[0] for row in rows])
        _insert(connection, "message", [row[1] for row in rows])
        connection.executemany(
            "INSERT INTO message_fts (rowid, subject, people, body, ticket) VALUES (?, ?, ?, ?, ?)",
            [(m["id"], t["subject"], f"{m['sender_name']} {m['sender_email']}", m["text"], t["id"]) for t, m in rows],
        )
    for table, row in (("preparation", body), ("revision", words)):
        names = [name for name in row if name not in ("id", "ticket_id")]
        connection.execute(
            f"INSERT INTO {table} (ticket_id, {', '.join(names)})"
            f" SELECT id, {', '.join('?' * len(names))} FROM ticket WHERE id > 1",
            [row[name] for name in names],
        )
    connection.execute(
        "INSERT INTO seen (message_id, login, ticket_id, at) SELECT id, ?, ticket_id, sent_at FROM message"
        " WHERE id % 50 = 0",
        (LOGIN,),
    )
    for _, sql in triggers:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        names = ", ".join(rows[0])
        marks = ", ".join(f":{name}" for name in rows[0])
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _rows(numbers: range, now: int) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    vocabulary_, sums = vocabulary()
    for number in numbers:
        chance = random.Random(number)
        written = now - chance.randrange(90 * 86_400_000)
        words = chance.choices(vocabulary_, cum_weights=sums, k=chance.randint(30, 60))
        closed = number % 20
        status, group = (
            ("pending", "waiting") if closed == 7 else ("solved", "resolved") if closed == 8 else ("open",) * 2
        )
        path = "escalation" if number % 97 == 0 else "routine" if number % 3 else "review"
        due = written + 86_400_000
        who = f"customer{number % 90_000}@x.example", f"Customer {number % 90_000}"
        yield (
            {
                "id": number,
                "external": "",
                "subject": " ".join(words[:5]).capitalize(),
                "requester_email": who[0],
                "requester_name": who[1],
                "channel": "mail",
                "queue": chance.choice(_QUEUES),
                "category": "general",
                "priority": chance.choice(_PRIORITIES),
                "path": path,
                "status": status,
                "grouping": group,
                "assignee": LOGIN if number % 40 == 0 else "",
                "triggers": chance.choice(_TRIGGERS),
                "language": "en",
                "tags": "[]",
                "records": "{}",
                "thread_version": 1,
                "prepared_version": 1,
                "stale": 0,
                "version": 3,
                "reopened": 0,
                "created_at": written,
                "updated_at": written,
                "due_at": due,
                "wake_on_message": 0,
                "press": due - (315_360_000_000 if path == "escalation" else 0),
            },
            {
                "id": number,
                "ticket_id": number,
                "position": 0,
                "author": "customer",
                "sender_name": who[1],
                "sender_email": who[0],
                "to_json": '[["help@x.example",""]]',
                "cc_json": "[]",
                "sent_at": written,
                "channel": "mail",
                "kind": "ordinary",
                "message_id": f"m{number}@x.example",
                "references_json": "[]",
                "remarks_json": "[]",
                "text": " ".join(words),
                "raw": "",
                "fingerprint": f"mid:m{number}@x.example",
            },
        )


if __name__ == "__main__":
    for asked in sys.argv[1:] or [str(SMALL), str(LARGE)]:
        began = time.perf_counter()
        made = file_of(int(asked))
        print(f"{made}  {made.stat().st_size / 1e6:,.0f} MB  {time.perf_counter() - began:.0f} s")
