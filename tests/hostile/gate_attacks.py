"""Ways to send without a valid approval, and ways that must stay open: SQL through a connection to the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supportdesk.bootstrap import open_desk
from supportdesk.domain.people import Person
from supportdesk.settings import Settings

UPTIME = 1_000_000
BOUND = ("subject", "text", "to_json", "cc_json", "bcc_json", "attachments_json")


class Held(Exception):
    """The attack changed nothing."""


class Forge:
    """Writes rows as careless or hostile code would, every column it does not care about filled in."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.columns = {
            name: connection.execute(f"PRAGMA table_info({name})").fetchall()
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        }

    def sql(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self.connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> Any:
        row = self.sql(statement, *values).fetchone()
        return row[0] if row else None

    def insert(self, into: str, verb: str = "INSERT", /, **values: Any) -> int:
        row: dict[str, Any] = {}
        for _, name, kind, needed, _, key in self.columns[into]:
            if name in values:
                row[name] = values[name]
            elif needed and not key:
                row[name] = 0 if kind == "INTEGER" else "[]" if name.endswith("_json") else ""
        marks = ", ".join("?" * len(row))
        names = ", ".join(f'"{name}"' for name in row)
        return self.sql(f"{verb} INTO {into} ({names}) VALUES ({marks})", *row.values()).lastrowid or 0

    def ticket(self, number: int, **revision: Any) -> None:
        """A ticket that `ana` has read, taken and answered for; `ben` wrote the words."""
        self.insert("ticket", id=number, thread_version=1, grouping="open", status="open", queue="general")
        self.insert("message", id=number * 10, ticket_id=number, fingerprint=f"m{number}", text="Hello?")
        self.words(number, **{"id": number * 10, "number": 1, **revision})
        self.insert("seen", message_id=number * 10, login="ana", ticket_id=number)
        self.insert("lease", ticket_id=number, login="ana", boot="boot-1", since=1, until=UPTIME + 1000)
        self.answers(number, number * 10)

    def words(self, ticket: int, **values: Any) -> int:
        kept = {"subject": "Re: Hello", "text": "We are open.", "to_json": '["anna@example.com"]', "by": "ben"}
        return self.insert("revision", **{"ticket_id": ticket, "thread_version": 1, **kept, **values})

    def answers(self, ticket: int, revision: int, *items: str, **values: Any) -> None:
        for item in items or ("thread", "facts", "commitments", "tone"):
            row = {"item": item, "value": "confirmed", "by": "ana", "revision_id": revision, "thread_version": 1}
            self.insert("answer", ticket_id=ticket, **{**row, **values})

    def decide(self, ticket: int, **values: Any) -> int:
        row = {"kind": "approve", "by": "ana", "revision_id": ticket * 10, "thread_version": 1}
        return self.insert("decision", ticket_id=ticket, **{**row, **values})

    def approve(self, ticket: int, decision: int | None = None, **values: Any) -> int:
        revision = values.get("revision_id", ticket * 10)
        found = self.sql(f"SELECT {', '.join(BOUND)} FROM revision WHERE id = ?", revision).fetchone()
        row = {"ticket_id": ticket, "revision_id": revision, "thread_version": 1, "by": "ana", "digest": "d"}
        row |= {"boot": "boot-1", "uptime": UPTIME, **dict(zip(BOUND, found or [""] * 6, strict=True)), **values}
        return self.insert("approval", decision_id=decision or self.decide(ticket), **row)

    def queue(self, ticket: int, approval: int, verb: str = "INSERT", /, **values: Any) -> int:
        row = {"approval_id": approval, "ticket_id": ticket, "state": "queued", "message_id": f"{ticket}.{approval}@x"}
        return self.insert("outbox", verb, **{**row, **values})

    def send(self, ticket: int, **approval: Any) -> int:
        return self.queue(ticket, self.approve(ticket, **approval))

    def move(self, entry: int, *states: str, **values: Any) -> None:
        for state in states:
            changes = {"state": state, **values}
            sets = ", ".join(f"{name} = ?" for name in changes)
            self.sql(f"UPDATE outbox SET {sets} WHERE id = ?", *changes.values(), entry)

    def uncertain(self, ticket: int) -> int:
        entry = self.send(ticket)
        self.move(entry, "claimed")
        self.move(entry, "claimed", stage="envelope")
        self.move(entry, "claimed", stage="data")
        self.move(entry, "uncertain")
        return entry

    def promise(self, ticket: int, **values: Any) -> None:
        row = {"fingerprint": "c1", "kind": "money", "amount": 50_000, "currency": "EUR"}
        self.insert("commitment", revision_id=ticket * 10, **{**row, **values})

    def ask(self, ticket: int, **values: Any) -> int:
        row = {"revision_id": ticket * 10, "fingerprint": "c1", "state": "asked", "asked_by": "ana"}
        return self.insert("commitment_grant", ticket_id=ticket, **{**row, "asked_reason": "goodwill", **values})

    def grant(self, number: int, **values: Any) -> None:
        row = {"state": "granted", "decided_by": "app", "decided_at": 1, "decided_reason": "fine", **values}
        sets = ", ".join(f"{name} = ?" for name in row)
        self.sql(f"UPDATE commitment_grant SET {sets} WHERE id = ?", *row.values(), number)

    def use(self, number: int, approval: int) -> None:
        self.sql("UPDATE commitment_grant SET used_by_approval = ? WHERE id = ?", approval, number)

    def rule(self, **values: Any) -> None:
        row = {"what": "authority", "kind": "money", "role": "approver", "up_to": 100_000, "currency": "EUR"}
        self.insert("gate_rule", **{**row, **values})

    def finding(self, ticket: int, **values: Any) -> None:
        row = {"kind": "fact", "fingerprint": "f1", "blocking": 1}
        self.insert("finding", revision_id=ticket * 10, **{**row, **values})

    def settle(self, ticket: int, **values: Any) -> None:
        row = {"revision_id": ticket * 10, "fingerprint": "f1", "how": "override", "by": "ana", "reason": "phoned"}
        self.insert("settlement", ticket_id=ticket, **{**row, "evidence": "null", **values})

    def flag(self, ticket: int, **values: Any) -> int:
        return self.insert("flag", ticket_id=ticket, **{"kind": "legal", "quote": "court", "source": "rule", **values})

    def another_message(self, ticket: int, **values: Any) -> None:
        row = {"id": 999, "position": 1, "fingerprint": "m999", "text": "Wait!"}
        self.insert("message", ticket_id=ticket, **{**row, **values})


_MADE: list[bytes] = []


def make_store(file: Path, clock: Any) -> None:
    """A desk with everybody an attack needs, and tickets 1 (ready) and 2 (ready, `ana` wrote the words herself)."""
    if not _MADE:
        _make(file, clock)
        _MADE.append(file.read_bytes())
    file.write_bytes(_MADE[0])


def _make(file: Path, clock: Any) -> None:
    desk = open_desk(file, Settings(), login="lea", clock=clock)
    for login, role, active in (
        ("ana", "agent", True),
        ("ben", "agent", True),
        ("app", "approver", True),
        ("gone", "approver", False),
    ):
        desk.staff.put("lea", Person(login, role=role, active=active))
    desk.close()
    connection = sqlite3.connect(file)
    forge = Forge(connection)
    forge.ticket(1)
    forge.ticket(2, by="ana")
    # Somebody else's troubles, which must not stand in anybody's way.
    forge.insert("ticket", id=90, thread_version=7, grouping="open", queue="billing")
    forge.insert("message", id=900, ticket_id=90, fingerprint="m90")
    forge.words(90, id=901, number=98, thread_version=7, privacy=1, by="ana", text="Other.")
    forge.words(90, id=902, number=99, thread_version=7, by="ana", text="Others.")
    forge.insert("finding", revision_id=901, kind="fact", fingerprint="f90", blocking=1)
    forge.insert("commitment", revision_id=901, fingerprint="c90", kind="money", amount=1, currency="EUR")
    forge.insert("decision", ticket_id=90, kind="reject", reason="x", by="ana", revision_id=901, thread_version=7)
    forge.flag(90)
    connection.commit()
    connection.close()


@dataclass(frozen=True)
class Way:
    """A named way to try."""

    name: str
    run: Callable[[Forge], object]
