# ruff: noqa: S608 (every name put into a statement is our own)
"""Erasing a person while the records stand: whole or not at all, then the file is written anew without them.

The guards are lifted and put back inside the one transaction that does it; nothing else in the program can. Links
whose rows lose content keep their hash; what they say of those rows is said again, under a new salt, by an `erasure`
row that a new link of the chain covers. The old salt is destroyed, so nobody can try guesses against the old digest.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from supportdesk.errors import BadInput, NotFound, Refused, StoreTrouble
from supportdesk.store import guards, mapping
from supportdesk.store.chain import (
    COVERED,
    GENESIS,
    HEADS,
    ORIGIN,
    body_digest,
    link_hash,
    rows_between,
)
from supportdesk.store.engine import BUSY_MILLISECONDS, translated
from supportdesk.store.erase_plan import Plan, Planner
from supportdesk.text import clean


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, or would be."""

    tickets: int
    """Tickets of theirs; they stay as numbers."""
    messages: int
    """Messages that lost their words."""
    files: int
    """Mails and attachments as they came."""
    elsewhere: int
    """Rows of others' matters in which their address was blotted out."""
    sent: tuple[str, ...] = ()
    """Message-IDs of replies to them, for copies of these outside the store."""


def erase(file: Path, requester: str, by: str, at: datetime, *, rehearse: bool = False) -> Erased:
    """Remove all that a person wrote, was written to them or tells of them; figures and records stay.

    Raises NotFound when the desk knows nobody of that address, Refused unless an active lead asks and nothing to them
    is on its way, StoreTrouble when the store is in use, does not verify, or has no room to be written anew.
    """
    requester = requester.strip()
    if not requester:
        raise BadInput("Name the requester: their mail address.")
    with translated(), closing(_connect(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            plan = _planned(connection, requester, by)
            if not rehearse:
                _carry_out(connection, plan, by, at)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("ROLLBACK" if rehearse else "COMMIT")
        if not rehearse:
            _write_anew(connection)
    return Erased(len(plan.tickets), len(plan.messages), len(plan.files), plan.blotted, tuple(plan.sent))


def _connect(file: Path) -> sqlite3.Connection:
    if not file.is_file():
        raise StoreTrouble(f"There is no store {file}.")
    connection = sqlite3.connect(file, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
    # In memory: no copy of a page with what is erased may be left in a temporary file.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _planned(connection: sqlite3.Connection, requester: str, by: str) -> Plan:
    lead = "SELECT 1 FROM person WHERE login = ? AND role = 'lead' AND active = 1"
    if connection.execute(lead, (by,)).fetchone() is None:
        raise Refused("Only an active lead erases somebody.")
    plan = Planner(connection, requester, f"erased-{secrets.token_hex(6)}@erased.invalid").plan()
    if not plan.tickets and not plan.messages:
        raise NotFound(f"Nobody called {requester} wrote to this desk.")
    if plan.waiting:
        raise Refused("A reply to them is on its way: recall it, or settle it, first. Nothing was erased.")
    return plan


def _carry_out(connection: sqlite3.Connection, plan: Plan, by: str, at: datetime) -> None:
    links = _links_of(connection, plan)
    for link in links:
        link.must_stand(connection)
    ours = {statement.split()[2]: statement for statement in guards.statements()}
    for name in ours:
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    _write(connection, plan)
    for link in links:
        link.say_again(connection)
    _record(connection, plan, by, at)
    for statement in ours.values():
        connection.execute(statement)


def _write(connection: sqlite3.Connection, plan: Plan) -> None:
    masked = set(plan.changes.get("message", ())) - plan.messages
    for name, rows in plan.changes.items():
        for number, new in rows.items():
            sets = ", ".join(f'"{column}" = ?' for column in new)
            connection.execute(f"UPDATE {name} SET {sets} WHERE rowid = ?", (*new.values(), number))
    for number in (*plan.messages, *masked):
        connection.execute("DELETE FROM message_fts WHERE rowid = ?", (number,))
    for number in masked:
        query = (
            "SELECT t.subject, m.sender_name || ' ' || m.sender_email, m.text, m.ticket_id"
            " FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.id = ?"
        )
        subject, people, text, ticket = connection.execute(query, (number,)).fetchone()
        add = "INSERT INTO message_fts (rowid, subject, people, body, ticket) VALUES (?, ?, ?, ?, ?)"
        connection.execute(add, (number, subject, people, clean(text), ticket))
    for ticket in plan.tickets:
        for name in ("reference", "lease", "preparing"):
            connection.execute(f"DELETE FROM {name} WHERE ticket_id = ?", (ticket,))
    for number in plan.aside:
        connection.execute("DELETE FROM set_aside WHERE rowid = ?", (number,))
    for sha in plan.files:
        connection.execute("DELETE FROM raw WHERE sha256 = ?", (sha,))
    # Deleted words stay in an index's older parts until these are merged.
    connection.execute("INSERT INTO message_fts (message_fts) VALUES ('optimize')")
    if plan.changes.get("article"):
        _index_articles(connection, plan.changes["article"])


def _index_articles(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    for number in numbers:
        query = "SELECT slug, title, text, state FROM article WHERE id = ?"
        slug, title, text, state = connection.execute(query, (number,)).fetchone()
        known = connection.execute("DELETE FROM article_fts WHERE slug = ?", (slug,)).rowcount
        if known and state == "published":
            add = "INSERT INTO article_fts (slug, title, body) VALUES (?, ?, ?)"
            connection.execute(add, (slug, title, text))
    connection.execute("INSERT INTO article_fts (article_fts) VALUES ('optimize')")


@dataclass
class _Link:
    """One link that loses content."""

    id: int
    previous: str
    content: tuple[int, str, str, int]
    """At, actor, action, ticket."""
    body: str
    salt: str
    before: str
    after: str
    said: str
    """What the link itself says of its rows."""
    told: str
    """What is said of them now: by the link, or by the last erasure."""
    bound: str
    """The body's digest, where an erasure keeps it."""
    hash: str

    def must_stand(self, connection: sqlite3.Connection) -> None:
        """Raise StoreTrouble when the link or its rows are not as recorded: erasing would make that look right."""
        self.bound = self.bound or body_digest(self.salt, self.body)
        stands = self.hash == link_hash(self.previous, *self.content, self.bound, self.after, self.said)
        if not stands or rows_between(connection.execute, self.salt, self.before, self.after) != self.told:
            raise StoreTrouble("The store differs from its records; run `supportdesk verify`. Nothing was erased.")

    def say_again(self, connection: sqlite3.Connection) -> None:
        """Keep what there is to say of its rows as they are now, and destroy the salt of what they were."""
        connection.execute("UPDATE audit SET salt = '' WHERE id = ?", (self.id,))
        salt = secrets.token_hex(16)
        rows = rows_between(connection.execute, salt, self.before, self.after)
        body = connection.execute("SELECT body FROM audit WHERE id = ?", (self.id,)).fetchone()[0]
        add = "INSERT INTO erasure (link, salt, rows, body_digest, body) VALUES (?, ?, ?, ?, ?)"
        connection.execute(add, (self.id, salt, rows, self.bound, body))


def _links_of(connection: sqlite3.Connection, plan: Plan) -> list[_Link]:
    """The links that cover a row, or have particulars, that will change."""
    while True:
        found = list(_touched(connection, plan))
        # Salts of an earlier erasure of the same rows go too, and these stand in rows the chain covers.
        ids = ",".join(str(link.id) for link in found)
        salts = connection.execute(f"SELECT id FROM erasure WHERE salt <> '' AND link IN ({ids})").fetchall()
        fresh = {row[0]: {"salt": ""} for row in salts} if salts else {}
        if fresh.keys() <= plan.changes.get("erasure", {}).keys():
            return found
        plan.changes["erasure"] |= fresh


def _touched(connection: sqlite3.Connection, plan: Plan) -> Iterator[_Link]:
    rows = {name: sorted(plan.changes.get(name, ())) for name in COVERED}
    bodies = plan.changes.get("audit", {})
    again = "SELECT link, salt, rows, body_digest FROM erasure ORDER BY id"
    erased = {link: rest for link, *rest in connection.execute(again)}
    before = ORIGIN
    query = "SELECT id, previous, at, actor, action, ticket_id, body, salt, rows_to, rows, hash FROM audit ORDER BY id"
    for number, previous, at, actor, action, ticket, body, salt, after, said, hashed in connection.execute(query):
        if number in bodies or (after != before and _touches(rows, before, after)):
            salt, told, bound = erased.get(number, (salt, said, ""))
            yield _Link(
                number, previous, (at, actor, action, ticket), body, salt, before, after, said, told, bound, hashed
            )
        before = after


def _touches(rows: dict[str, list[int]], before: str, after: str) -> bool:
    for name, start, end in zip(COVERED, before.split(","), after.split(","), strict=True):
        if start != end and rows[name]:
            at = bisect_left(rows[name], int(start) + 1)
            if at < len(rows[name]) and rows[name][at] <= int(end):
                return True
    return False


def _record(connection: sqlite3.Connection, plan: Plan, by: str, at: datetime) -> None:
    tip = connection.execute("SELECT hash, rows_to FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    previous, before = tip or (GENESIS, ORIGIN)
    heads = connection.execute(f"SELECT {HEADS}").fetchone()[0]
    counts = {"tickets": sorted(plan.tickets), "messages": len(plan.messages), "files": len(plan.files)}
    body = json.dumps(counts, separators=(",", ":"), sort_keys=True)
    salt, stamp = secrets.token_hex(16), mapping.milliseconds(at)
    rows = rows_between(connection.execute, salt, before, heads)
    hashed = link_hash(previous, stamp, by, "erased", 0, body_digest(salt, body), heads, rows)
    add = (
        "INSERT INTO audit (at, actor, action, ticket_id, body, salt, rows_to, rows, previous, hash)"
        " VALUES (?, ?, 'erased', 0, ?, ?, ?, ?, ?, ?)"
    )
    connection.execute(add, (stamp, by, body, salt, heads, rows, previous, hashed))


def _write_anew(connection: sqlite3.Connection) -> None:
    """Nothing of what was erased may stay in a page, free or not, nor in the WAL."""
    try:
        connection.execute("PRAGMA temp_store=FILE")
        connection.execute("VACUUM")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        busy, why = 1, str(error)
    else:
        why = "another process is reading it"
    if busy:
        raise StoreTrouble(
            f"Erased and recorded, but the file could not be written anew ({why}), so traces may be left in it: close "
            "the workstations, make room if the disk is full, and run `supportdesk erase --finish`."
        )


def finish(file: Path) -> None:
    """Write the file anew, when that could not be done at once. Raises StoreTrouble."""
    with translated(), closing(_connect(file)) as connection:
        _write_anew(connection)
