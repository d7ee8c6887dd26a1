# ruff: noqa: S608 (every name put into a statement is our own)
"""Some messages on their way to their tickets: everything they need is read at once, all they add is written at once.

The one hot path of the store. It speaks to SQLite directly: SQLAlchemy costs ten times what SQLite needs for a row,
and a statement a row twice what one for all costs. Row numbers are given here, which is safe because whoever
writes is alone.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.words import Author, Status
from supportdesk.rules.subjects import bare_subject
from supportdesk.services.ports import NewTicket
from supportdesk.store import mapping, search
from supportdesk.store.arriving import (
    ADD_FILE,
    ADD_MESSAGE,
    ADD_TICKET,
    Arriving,
    comes_back,
    listed,
    participants,
    people,
    row_of,
    words_of,
)
from supportdesk.store.raw import keep_all
from supportdesk.store.records import SqlRecords

DAY = 86_400_000
_AT_ONCE = 400
"""Values a lookup asks for in one statement."""

_REFER = "INSERT OR IGNORE INTO reference (reference, ticket_id) VALUES (?, ?)"
_KNOWN = (
    "SELECT id, subject, requester_email, status, reopened, wake_at, created_at, updated_at, prepared_version,"
    " external, (SELECT coalesce(max(position) + 1, 0) FROM message WHERE ticket_id = ticket.id)"
    " FROM ticket WHERE id = ?"
)
_LATEST = (
    "SELECT id, subject FROM ticket WHERE requester_email = ? AND created_at <= ? AND updated_at >= ?"
    " ORDER BY updated_at DESC, id DESC LIMIT 50"
)


class Batch:
    """The `Arrivals` port on a database connection; use as a context manager, inside a writing transaction."""

    def __init__(
        self,
        connection: Connection,
        incoming: Sequence[IncomingMessage],
        externals: Iterable[str] = (),
        records: SqlRecords | None = None,
    ) -> None:
        """Read what these messages may meet; the transaction's own records get the links."""
        self._connection = connection
        self._raw = cast("sqlite3.Connection", connection.connection.driver_connection)
        self._records = records
        ids = {mapping.storable(m.message_id) for m in incoming if m.message_id}
        wanted = ids | {mapping.storable(r) for m in incoming for r in (m.in_reply_to, *m.references) if r}
        self._referred: dict[str, int] = {}
        self._references: dict[str, int] = dict(
            self._asked("SELECT reference, ticket_id FROM reference WHERE reference IN", wanted)
        )
        self._texts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for known, text, author in self._asked("SELECT message_id, text, author FROM message WHERE message_id IN", ids):
            self._texts[known].append((text, author))
        self._identities: dict[str, bool] = {}
        self._externals: dict[str, int] = dict(
            self._asked(
                "SELECT external, id FROM ticket WHERE external IN", {mapping.storable(e) for e in externals if e}
            )
        )
        self._tickets: dict[int, Arriving] = {}
        self._by_requester: dict[str, list[int]] = defaultdict(list)
        self._next = {name: self._highest(name) for name in ("ticket", "message", "attachment")}
        self._messages: list[tuple[Any, ...]] = []
        self._files: list[tuple[Any, ...]] = []
        self._contents: dict[str, bytes] = {}
        self._found: list[search.Findable] = []
        self._links: list[tuple[str, int, dict[str, object], datetime, tuple[int, int]]] = []
        self._unsent: set[int] | None = None

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.write()

    def identity(self, incoming: IncomingMessage, source_id: str = "") -> str:
        """What a message is recognised by; empty when the desk has it.

        Two mails may share a Message-ID by mistake or malice: with other words they are two messages.
        """
        if incoming.identity and self._there(mapping.storable(incoming.identity)):
            return ""
        if incoming.message_id:
            known = mapping.storable(incoming.message_id)
            texts = self._texts.get(known)
            if not texts:
                return f"mid:{known}"
            text = mapping.storable(incoming.text)
            if any(text == other for other, _ in texts) or comes_back(incoming, text, texts):
                return ""
            return f"mid:{known}#{words_of(incoming)[:12]}"
        if incoming.identity:
            return mapping.storable(incoming.identity)
        if source_id and incoming.external:
            identity = f"ext:{mapping.storable(source_id)}"
        else:
            identity = (
                f"sha:{mapping.storable(source_id)}:{words_of(incoming)}" if source_id else f"sha:{words_of(incoming)}"
            )
        return "" if self._there(identity) else identity

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        for reference in (incoming.in_reply_to, *reversed(incoming.references), incoming.message_id):
            found = self._references.get(mapping.storable(reference)) if reference else None
            if found is not None:
                return found
        return None

    def find_subject(self, requester: str, subject: str, sent_at: datetime, window: timedelta) -> int | None:
        """The latest ticket of a requester whose bare subject is this one, alive within the window; None without."""
        sent, span = mapping.milliseconds(sent_at), int(window.total_seconds() * 1000)
        requester = mapping.storable(requester)
        fresh = (self._tickets[i] for i in reversed(self._by_requester.get(requester, ())))
        alive = [(t.id, t.subject) for t in fresh if t.created - span <= sent <= t.updated + span]
        alive += self._raw.execute(_LATEST, (requester, sent + span, sent - span)).fetchall()
        return next((i for i, other in alive if bare_subject(other)[0] == subject), None)

    def find_external(self, external: str) -> int | None:
        """The ticket that came with this id from elsewhere."""
        return self._externals.get(mapping.storable(external))

    def add_ticket(self, new: NewTicket, at: datetime) -> int:
        """Make a ticket; returns its id, which is the wanted one where that comes after all others."""
        created = mapping.milliseconds(new.created_at or at)
        self._next["ticket"] = max(self._next["ticket"], new.number)
        ticket_id = self._number("ticket")
        row: dict[str, Any] = {
            "id": ticket_id,
            "external": mapping.storable(new.external),
            "subject": mapping.storable(new.subject),
            "requester_email": mapping.storable(new.requester_email),
            "requester_name": mapping.storable(new.requester_name),
            "channel": new.channel,
            "queue": "general",
            "category": "general",
            "priority": "normal",
            "path": "review",
            "status": Status.NEW.value,
            "grouping": Status.NEW.group,
            "assignee": "",
            "triggers": "",
            "language": "",
            "tags": mapping.packed(list(new.tags)) if new.tags else "[]",
            "records": mapping.packed(dict(new.records)) if new.records else "{}",
            "thread_version": 0,
            "prepared_version": 0,
            "stale": 1,
            "version": 1,
            "reopened": 0,
            "created_at": created,
            "updated_at": created,
            "due_at": None,
            "wake_at": None,
            "wake_on_message": 0,
            "press": created + DAY,
        }
        self._tickets[ticket_id] = Arriving(
            ticket_id,
            row["subject"],
            row["requester_email"],
            Status.NEW,
            0,
            False,
            created,
            created,
            True,
            row["external"],
            0,
            new=row,
            asked=True,
        )
        self._by_requester[row["requester_email"]].append(ticket_id)
        if new.external:
            self._externals[row["external"]] = ticket_id
        return ticket_id

    def add_message(self, ticket_id: int, incoming: IncomingMessage, identity: str, at: datetime) -> int:
        """Append a message; returns its row number."""
        ticket = self.standing(ticket_id)
        sent = mapping.milliseconds(min(incoming.sent_at or at, at))
        row_id, position = self._number("message"), ticket.position
        # What it answers is part of its references, whatever its writer's program left out.
        references = tuple(dict.fromkeys((*incoming.references, *filter(None, (incoming.in_reply_to,)))))
        message_id, text = mapping.storable(incoming.message_id), mapping.storable(incoming.text)
        name, email = mapping.storable(incoming.sender.name), mapping.storable(incoming.sender.email)
        self._messages.append(
            (
                row_id, ticket_id, position, incoming.author.value, name, email, people(incoming.to),
                people(incoming.cc), sent, incoming.channel, incoming.kind.value, message_id,
                listed(references), listed(incoming.remarks), text,
                self._keep(incoming.raw) or incoming.raw_sha256, identity,
            )
        )  # fmt: skip
        for file in incoming.attachments:
            self._files.append(
                (
                    self._number("attachment"), row_id, mapping.storable(file.name), mapping.storable(file.media_type),
                    file.size, self._keep(file.content) or file.sha256, int(file.inline),
                )
            )  # fmt: skip
        self._found.append(search.Findable(row_id, ticket_id, ticket.subject, f"{name} {email}", text))
        ticket.position += 1
        ticket.touched += 1
        if incoming.author is not Author.INTERNAL:
            ticket.grown += 1
            ticket.stale = ticket.stale or incoming.author is Author.CUSTOMER
        ticket.updated = max(ticket.updated, sent)
        ticket.people.update(a.email.casefold() for a in (incoming.sender, *incoming.to, *incoming.cc))
        self._identities[identity] = True
        if message_id:
            self._texts[message_id].append((text, incoming.author.value))
        for reference in (message_id, incoming.in_reply_to, *incoming.references):
            if reference:
                stored = mapping.storable(reference)
                if stored not in self._references:
                    self._references[stored] = self._referred[stored] = ticket_id
        return row_id

    def standing(self, ticket_id: int) -> Arriving:
        """Where a ticket stands now."""
        found = self._tickets.get(ticket_id)
        if found is None:
            row = self._raw.execute(_KNOWN, (ticket_id,)).fetchone()
            status = Status(row[3])
            timed = row[5] is not None
            found = self._tickets[ticket_id] = Arriving(
                row[0], row[1], row[2], status, row[4], timed, row[6], row[7], row[8] == 0, row[9], row[10]
            )
        return found

    def takes_part(self, ticket_id: int, email: str) -> bool:
        """Whether an address wrote or was written to in a ticket."""
        ticket, email = self.standing(ticket_id), email.casefold()
        if email not in ticket.people and not ticket.asked:
            ticket.people |= participants(self._raw, ticket_id)
            ticket.asked = True
        return email in ticket.people

    def change(self, ticket_id: int, **fields: object) -> None:
        """Set fields of a ticket."""
        ticket = self.standing(ticket_id)
        values = {name: mapping.plain(value) for name, value in fields.items()}
        if "status" in values:
            ticket.status = Status(str(values["status"]))
            values["grouping"] = ticket.status.group
        if "reopened" in values:
            ticket.reopened = int(cast("int", values["reopened"]))
        if "created_at" in values:
            ticket.created = int(cast("int", values["created_at"]))
        if "updated_at" in values:
            ticket.updated = int(cast("int", values["updated_at"]))
        ticket.subject = str(values.get("subject", ticket.subject))
        ticket.changes |= values
        ticket.touched += 1

    def waiting_replies(self, ticket_id: int) -> tuple[int, ...]:
        """Outbox entries of a ticket that have not left."""
        if self._unsent is None:
            query = "SELECT DISTINCT ticket_id FROM outbox WHERE state = 'queued'"
            self._unsent = {row[0] for row in self._raw.execute(query)}
        if ticket_id not in self._unsent:
            return ()
        self._unsent.discard(ticket_id)
        query = "SELECT id FROM outbox WHERE ticket_id = ? AND state = 'queued' ORDER BY id"
        return tuple(row[0] for row in self._raw.execute(query, (ticket_id,)))

    def sent_reply(self, message_id: str) -> int:
        """The outbox entry a reply left with under this Message-ID; 0 for none."""
        query = "SELECT id FROM outbox WHERE message_id = ? AND state = 'sent'"
        row = self._raw.execute(query, (mapping.storable(message_id),)).fetchone()
        return int(row[0]) if row else 0

    def record(self, action: str, ticket_id: int, body: dict[str, object], at: datetime) -> None:
        """Add a link to the chain, in the order of the calls."""
        reach = (self._next["message"] - 1, self._next["attachment"] - 1)
        self._links.append((action, ticket_id, body, at, reach))

    def write(self) -> None:
        """Write everything down."""
        run = self._raw.executemany
        touched = list(self._tickets.values())
        run(ADD_TICKET, [row_of(t) for t in touched if t.new is not None])
        keep_all(self._raw, self._contents)
        run(ADD_MESSAGE, self._messages)
        run(ADD_FILE, self._files)
        run(_REFER, self._referred.items())
        for ticket in touched:
            if ticket.new is None and ticket.touched:
                self._change(ticket)
        search.index(self._raw, self._found)
        if self._records is None:
            return
        for action, ticket_id, body, at, (message, attachment) in self._links:
            self._records.append_up_to("desk", action, ticket_id, body, at, message=message, attachment=attachment)

    def _change(self, ticket: Arriving) -> None:
        """Update a ticket that was there before."""
        values = {**ticket.changes, "updated_at": ticket.updated}
        if ticket.stale:
            values["stale"] = 1
        columns = ", ".join(f"{name} = ?" for name in values)
        query = f"UPDATE ticket SET thread_version = thread_version + ?, version = version + ?, {columns} WHERE id = ?"
        self._raw.execute(query, (ticket.grown, ticket.touched, *values.values(), ticket.id))

    def _there(self, identity: str) -> bool:
        known = self._identities.get(identity)
        if known is None:
            row = self._raw.execute("SELECT 1 FROM message WHERE fingerprint = ?", (identity,)).fetchone()
            known = self._identities[identity] = row is not None
        return known

    def _keep(self, content: bytes) -> str:
        if not content:
            return ""
        sha256 = hashlib.sha256(content).hexdigest()
        self._contents[sha256] = content
        return sha256

    def _number(self, table: str) -> int:
        number = self._next[table]
        self._next[table] = number + 1
        return number

    def _highest(self, table: str) -> int:
        return int(self._raw.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])

    def _asked(self, query: str, values: Iterable[str]) -> Iterable[Any]:
        """Rows for many values, so many at a time."""
        waiting = list(values)
        for start in range(0, len(waiting), _AT_ONCE):
            some = waiting[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            yield from self._raw.execute(f"{query} ({marks})", some)
