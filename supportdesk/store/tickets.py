"""Tickets and their messages."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import EPOCH, Attachment, Message, Thread, Ticket
from supportdesk.domain.words import Author, Status
from supportdesk.errors import NotFound, Stale
from supportdesk.services.ports import Clock, NewTicket
from supportdesk.store import mapping, search
from supportdesk.store.filters import conditions, order
from supportdesk.store.raw import keep, load
from supportdesk.store.tables import (
    AttachmentRow,
    LeaseRow,
    MessageRow,
    ReferenceRow,
    TicketRow,
    table,
)

_TICKET = table(TicketRow)
_MESSAGE = table(MessageRow)
_ATTACHMENT = table(AttachmentRow)
_REFERENCE = table(ReferenceRow)
_LEASE = table(LeaseRow)


class SqlTickets:
    """The `Tickets` port on a database connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection
        self._clock = clock

    def get(self, ticket_id: int) -> Ticket:
        """One ticket. Raises NotFound."""
        found = self.page([ticket_id])
        if not found:
            raise NotFound(f"There is no ticket #{ticket_id} at this desk.")
        return found[0]

    def ids(self, query: QueueQuery, now: datetime) -> array[int]:
        """Ids of the tickets a query shows, in its order."""
        statement = select(_TICKET.c.id).where(*conditions(query, now, self._clock)).order_by(*order(query.sort))
        return array("q", self._connection.execute(statement).scalars())

    def count(self, query: QueueQuery, now: datetime) -> int:
        """How many tickets a query shows."""
        statement = select(func.count()).select_from(_TICKET).where(*conditions(query, now, self._clock))
        return int(self._connection.execute(statement).scalar_one())

    def page(self, ids: Sequence[int]) -> tuple[Ticket, ...]:
        """The tickets with these ids, in this order; missing ones are left out."""
        boot, uptime = self._clock.boot()
        held = (_LEASE.c.ticket_id == _TICKET.c.id) & (_LEASE.c.boot == boot) & (_LEASE.c.until > uptime)
        statement = (
            select(_TICKET, _LEASE.c.login.label("taken_by"))
            .select_from(_TICKET.outerjoin(_LEASE, held))
            .where(_TICKET.c.id.in_(bindparam("ids", expanding=True)))
        )
        rows = {row["id"]: row for row in self._connection.execute(statement, {"ids": list(ids)}).mappings()}
        return tuple(mapping.ticket_from(dict(rows[i])) for i in ids if i in rows)

    def thread(self, ticket_id: int) -> Thread:
        """A ticket's messages by time, with records and subject. Raises NotFound."""
        ticket = self._connection.execute(select(_TICKET).where(_TICKET.c.id == ticket_id)).mappings().first()
        if ticket is None:
            raise NotFound(f"There is no ticket #{ticket_id} at this desk.")
        statement = select(_MESSAGE).where(_MESSAGE.c.ticket_id == ticket_id)
        rows = self._connection.execute(statement.order_by(_MESSAGE.c.sent_at, _MESSAGE.c.id)).mappings().all()
        files = self._files([row["id"] for row in rows])
        messages = tuple(
            mapping.message_from(dict(row), position, tuple(files[row["id"]])) for position, row in enumerate(rows)
        )
        return Thread(messages, ticket["subject"], ticket["channel"], json.loads(ticket["records"]))

    def _files(self, message_ids: Sequence[int]) -> dict[int, list[Attachment]]:
        statement = select(_ATTACHMENT).where(_ATTACHMENT.c.message_id.in_(message_ids)).order_by(_ATTACHMENT.c.id)
        files: dict[int, list[Attachment]] = defaultdict(list)
        for row in self._connection.execute(statement).mappings():
            files[row["message_id"]].append(mapping.attachment_from(dict(row)))
        return files

    def add(self, new: NewTicket, at: datetime) -> int:
        """Make a ticket; returns its id."""
        created = mapping.milliseconds(new.created_at or at)
        values = {
            "external": mapping.storable(new.external),
            "subject": mapping.storable(new.subject),
            "requester_email": mapping.storable(new.requester_email),
            "requester_name": mapping.storable(new.requester_name),
            "channel": new.channel,
            "queue": "general",
            "category": "general",
            "priority": "normal",
            "path": "review",
            "status": "new",
            "grouping": "open",
            "assignee": "",
            "triggers": "",
            "language": "",
            "tags": mapping.packed(list(new.tags)),
            "records": mapping.packed(dict(new.records or {})),
            "thread_version": 0,
            "prepared_version": 0,
            "stale": 1,
            "version": 1,
            "reopened": 0,
            "created_at": created,
            "updated_at": created,
            "wake_on_message": 0,
            "press": created + 86_400_000,
        }
        return _new_key(self._connection.execute(insert(_TICKET).values(values)))

    def drop_empty(self, ticket_id: int) -> None:
        """Take back a ticket that never got a message."""
        empty = ~select(_MESSAGE.c.id).where(_MESSAGE.c.ticket_id == ticket_id).exists()
        self._connection.execute(delete(_TICKET).where(_TICKET.c.id == ticket_id, empty))

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        refs = [r for r in (incoming.in_reply_to, *reversed(incoming.references), incoming.message_id) if r]
        if not refs:
            return None
        statement = select(_REFERENCE.c.reference, _REFERENCE.c.ticket_id).where(_REFERENCE.c.reference.in_(refs))
        known = {row.reference: row.ticket_id for row in self._connection.execute(statement)}
        return next((known[r] for r in refs if r in known), None)

    def find_external(self, external: str) -> int | None:
        """The ticket that came with this id from elsewhere."""
        statement = select(_TICKET.c.id).where(_TICKET.c.external == external)
        return self._connection.execute(statement).scalars().first()

    def add_message(
        self, ticket_id: int, incoming: IncomingMessage, at: datetime, source_id: str = ""
    ) -> Message | None:
        """Append a message; None when the desk has it already."""
        identity = self._identity(incoming, source_id)
        if identity is None:
            return None
        ticket = self._connection.execute(select(_TICKET).where(_TICKET.c.id == ticket_id)).mappings().one()
        position = self._next_position(ticket_id)
        sent = mapping.milliseconds(min(incoming.sent_at or at, at))
        values: dict[str, Any] = {
            "ticket_id": ticket_id,
            "position": position,
            "author": incoming.author.value,
            "sender_name": mapping.storable(incoming.sender.name),
            "sender_email": mapping.storable(incoming.sender.email),
            "to_json": mapping.packed_addresses(incoming.to),
            "cc_json": mapping.packed_addresses(incoming.cc),
            "sent_at": sent,
            "channel": incoming.channel,
            "kind": incoming.kind.value,
            "message_id": mapping.storable(incoming.message_id),
            "references_json": mapping.packed(list(incoming.references)),
            "remarks_json": mapping.packed(list(incoming.remarks)),
            "text": mapping.storable(incoming.text),
            "raw": keep(self._connection, incoming.raw) if incoming.raw else "",
            "fingerprint": identity,
        }
        row_id = _new_key(self._connection.execute(insert(_MESSAGE).values(values)))
        attachments = self._add_attachments(row_id, incoming)
        self._refer(ticket_id, incoming)
        counts = incoming.author is not Author.INTERNAL
        self._connection.execute(
            update(_TICKET)
            .where(_TICKET.c.id == ticket_id)
            .values(
                thread_version=ticket["thread_version"] + (1 if counts else 0),
                version=ticket["version"] + 1,
                stale=1 if counts and incoming.author is Author.CUSTOMER else ticket["stale"],
                updated_at=max(ticket["updated_at"], sent),
            )
        )
        search.index_message(self._connection, row_id, ticket["subject"], values)
        return mapping.message_from({**values, "id": row_id}, position, attachments)

    def _identity(self, incoming: IncomingMessage, source_id: str) -> str | None:
        """What a message is recognised by; None when the desk has it.

        Two mails may share a Message-ID by mistake or malice: with other words they are two messages.
        """
        body = "\x1f".join((incoming.sender.email, str(incoming.sent_at or ""), incoming.text))
        words = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
        if incoming.message_id:
            same = select(_MESSAGE.c.text).where(_MESSAGE.c.message_id == mapping.storable(incoming.message_id))
            texts = self._connection.execute(same).scalars().all()
            if mapping.storable(incoming.text) in texts:
                return None
            identity = f"mid:{mapping.storable(incoming.message_id)}" + (f"#{words[:12]}" if texts else "")
        else:
            identity = f"sha:{mapping.storable(source_id)}:{words}" if source_id else f"sha:{words}"
        known = select(_MESSAGE.c.id).where(_MESSAGE.c.fingerprint == identity)
        return None if self._connection.execute(known).first() else identity

    def _next_position(self, ticket_id: int) -> int:
        last = select(func.max(_MESSAGE.c.position)).where(_MESSAGE.c.ticket_id == ticket_id)
        highest = self._connection.execute(last).scalar()
        return 0 if highest is None else int(highest) + 1

    def _add_attachments(self, row_id: int, incoming: IncomingMessage) -> tuple[Attachment, ...]:
        rows = [
            {
                "message_id": row_id,
                "name": mapping.storable(a.name),
                "media_type": mapping.storable(a.media_type),
                "size": a.size,
                "sha256": keep(self._connection, a.content) if a.content else "",
                "inline": int(a.inline),
            }
            for a in incoming.attachments
        ]
        if rows:
            self._connection.execute(insert(_ATTACHMENT), rows)
        return tuple(mapping.attachment_from(row) for row in rows)

    def _refer(self, ticket_id: int, incoming: IncomingMessage) -> None:
        refs = {mapping.storable(r) for r in (incoming.message_id, incoming.in_reply_to, *incoming.references) if r}
        if refs:
            statement = text("INSERT OR IGNORE INTO reference (reference, ticket_id) VALUES (:r, :t)")
            self._connection.execute(statement, [{"r": r, "t": ticket_id} for r in refs])

    def change(self, ticket_id: int, *, expect: int | None = None, **fields: object) -> None:
        """Set fields of a ticket and raise its version by one. Raises Stale and NotFound."""
        values = {name: _plain(value) for name, value in fields.items()}
        if "status" in fields:
            values["grouping"] = Status(str(values["status"])).group
        statement = update(_TICKET).where(_TICKET.c.id == ticket_id)
        if expect is not None:
            statement = statement.where(_TICKET.c.version == expect)
        done = self._connection.execute(statement.values(version=_TICKET.c.version + 1, **values))
        if done.rowcount == 0:
            ticket = self.get(ticket_id)
            raise Stale(f"Ticket {ticket.ref} was changed meanwhile; look at it again before you decide.")

    def to_prepare(self, limit: int) -> tuple[int, ...]:
        """Ids of tickets whose thread changed since they were prepared, most pressing first."""
        statement = select(_TICKET.c.id).where(_TICKET.c.stale == 1).order_by(_TICKET.c.press).limit(limit)
        return tuple(self._connection.execute(statement).scalars())

    def count_to_prepare(self) -> int:
        """How many tickets wait to be prepared."""
        statement = select(func.count()).select_from(_TICKET).where(_TICKET.c.stale == 1)
        return int(self._connection.execute(statement).scalar_one())

    def to_wake(self, now: datetime) -> tuple[int, ...]:
        """Ids of paused tickets whose time has come."""
        due = (_TICKET.c.status == "paused") & (_TICKET.c.wake_at <= mapping.milliseconds(now))
        return tuple(self._connection.execute(select(_TICKET.c.id).where(due)).scalars())

    def same_requester(self, ticket_id: int) -> tuple[Ticket, ...]:
        """The requester's other tickets, latest first, at most 50."""
        email = self.get(ticket_id).requester.email
        if not email:
            return ()
        others = (_TICKET.c.requester_email == email) & (_TICKET.c.id != ticket_id)
        statement = select(_TICKET.c.id).where(others).order_by(_TICKET.c.updated_at.desc()).limit(50)
        return self.page(list(self._connection.execute(statement).scalars()))

    def attachment(self, sha256: str) -> bytes:
        """A kept file's content. Raises NotFound."""
        return load(self._connection, sha256)

    def attachments(self, message_id: int) -> tuple[Attachment, ...]:
        """A message's files."""
        return tuple(self._files([message_id])[message_id])


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return mapping.milliseconds(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (tuple, list, dict)):
        return mapping.packed(value)
    return mapping.storable(value) if isinstance(value, str) else value


def _new_key(result: Any) -> int:
    return int(result.inserted_primary_key[0])


__all__ = ["EPOCH", "SqlTickets"]
