"""Messages arriving at their tickets: the one hot path of the store.

Every statement is made once: building one anew costs SQLAlchemy ten times what SQLite needs to run it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, insert, select, text

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Attachment, Message
from supportdesk.domain.words import Author
from supportdesk.services.ports import NewTicket
from supportdesk.store import mapping, search
from supportdesk.store.raw import keep
from supportdesk.store.tables import AttachmentRow, MessageRow, ReferenceRow, TicketRow, table

_TICKET = table(TicketRow)
_MESSAGE = table(MessageRow)
_ATTACHMENT = table(AttachmentRow)
_REFERENCE = table(ReferenceRow)

_ADD_TICKET = insert(_TICKET)
_ADD_MESSAGE = insert(_MESSAGE)
_REFERRED = select(_REFERENCE.c.reference, _REFERENCE.c.ticket_id).where(
    _REFERENCE.c.reference.in_(bindparam("refs", expanding=True))
)
_REFER = text("INSERT OR IGNORE INTO reference (reference, ticket_id) VALUES (:r, :t)")
_PLACE = text(
    "SELECT subject, (SELECT coalesce(max(position) + 1, 0) FROM message WHERE ticket_id = :ticket)"
    " FROM ticket WHERE id = :ticket"
)
_GROW = text(
    "UPDATE ticket SET thread_version = thread_version + :more, version = version + 1,"
    " stale = CASE WHEN :stale THEN 1 ELSE stale END,"
    " updated_at = CASE WHEN :sent > updated_at THEN :sent ELSE updated_at END WHERE id = :ticket"
)
_SAME_ID = text("SELECT text FROM message WHERE message_id = :id")
_SAME_IDENTITY = text("SELECT id FROM message WHERE fingerprint = :identity")
_PARTICIPANTS = text("SELECT sender_email, to_json, cc_json FROM message WHERE ticket_id = :ticket")


class SqlArrivals:
    """The part of the `Tickets` port that adds tickets and messages."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

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
        return self._insert(_ADD_TICKET, values)

    def drop_empty(self, ticket_id: int) -> None:
        """Take back a ticket that never got a message."""
        empty = ~select(_MESSAGE.c.id).where(_MESSAGE.c.ticket_id == ticket_id).exists()
        self._connection.execute(delete(_TICKET).where(_TICKET.c.id == ticket_id, empty))

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        refs = [r for r in (incoming.in_reply_to, *reversed(incoming.references), incoming.message_id) if r]
        if not refs:
            return None
        known = {row.reference: row.ticket_id for row in self._connection.execute(_REFERRED, {"refs": refs})}
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
        subject, position = self._connection.execute(_PLACE, {"ticket": ticket_id}).one()
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
        row_id = self._insert(_ADD_MESSAGE, values)
        attachments = self._add_attachments(row_id, incoming)
        self._refer(ticket_id, incoming)
        counts = incoming.author is not Author.INTERNAL
        asks = counts and incoming.author is Author.CUSTOMER
        change = {"ticket": ticket_id, "more": int(counts), "stale": int(asks), "sent": sent}
        self._connection.execute(_GROW, change)
        search.index_message(self._connection, row_id, subject, values)
        return mapping.message_from({**values, "id": row_id}, position, attachments)

    def _identity(self, incoming: IncomingMessage, source_id: str) -> str | None:
        """What a message is recognised by; None when the desk has it.

        Two mails may share a Message-ID by mistake or malice: with other words they are two messages.
        """
        body = "\x1f".join((incoming.sender.email, str(incoming.sent_at or ""), incoming.text))
        words = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
        if incoming.message_id:
            same = {"id": mapping.storable(incoming.message_id)}
            texts = self._connection.execute(_SAME_ID, same).scalars().all()
            if mapping.storable(incoming.text) in texts:
                return None
            identity = f"mid:{mapping.storable(incoming.message_id)}" + (f"#{words[:12]}" if texts else "")
        else:
            identity = f"sha:{mapping.storable(source_id)}:{words}" if source_id else f"sha:{words}"
        known = self._connection.execute(_SAME_IDENTITY, {"identity": identity}).first()
        return None if known else identity

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
            self._connection.execute(_REFER, [{"r": r, "t": ticket_id} for r in refs])

    def participants(self, ticket_id: int) -> frozenset[str]:
        """Every mail address that wrote or was written to in a ticket, in lower case."""
        found: set[str] = set()
        for sender, to, cc in self._connection.execute(_PARTICIPANTS, {"ticket": ticket_id}):
            found.add(sender.casefold())
            found |= {a.email.casefold() for packed in (to, cc) if packed != "[]" for a in mapping.addresses(packed)}
        return frozenset(found)

    def _insert(self, statement: Insert, values: dict[str, Any]) -> int:
        key = self._connection.execute(statement, values).inserted_primary_key
        return int(key[0]) if key else 0
