"""Messages arriving at their tickets, many at a time or one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address, Attachment, Message
from supportdesk.services.ports import NewTicket, Records
from supportdesk.store import mapping
from supportdesk.store.batch import Batch
from supportdesk.store.raw import keep

if TYPE_CHECKING:
    from supportdesk.store.records import SqlRecords


class SqlArrivals:
    """The part of the `Tickets` port that adds tickets and messages."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def arrivals(
        self, incoming: Sequence[IncomingMessage], externals: Iterable[str] = (), records: Records | None = None
    ) -> Batch:
        """Take in these messages, and tickets with these ids from elsewhere, as one: a context manager."""
        # Two writers of one chain would each know another end of it: the transaction's own is asked for.
        return Batch(self._connection, incoming, externals, cast("SqlRecords | None", records))

    def add(self, new: NewTicket, at: datetime) -> int:
        """Make a ticket; returns its id."""
        with self.arrivals(()) as batch:
            return batch.add_ticket(new, at)

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        return self.arrivals([incoming]).find_thread(incoming)

    def add_message(
        self, ticket_id: int, incoming: IncomingMessage, at: datetime, source_id: str = ""
    ) -> Message | None:
        """Append a message; None when the desk has it already."""
        with self.arrivals([incoming]) as batch:
            identity = batch.identity(incoming, source_id)
            if not identity:
                return None
            position = batch.standing(ticket_id).position
            row_id = batch.add_message(ticket_id, incoming, identity, at)
        return Message(
            incoming.author,
            mapping.storable(incoming.text),
            position,
            row_id,
            Address(mapping.storable(incoming.sender.email), mapping.storable(incoming.sender.name)),
            incoming.to,
            incoming.cc,
            min(incoming.sent_at or at, at),
            incoming.channel,
            incoming.kind,
            incoming.message_id,
            incoming.references,
            tuple(Attachment(f.name, f.media_type, f.size, inline=f.inline) for f in incoming.attachments),
            incoming.remarks,
        )

    def keep_file(self, name: str, media_type: str, content: bytes) -> str:
        """Keep a file that is to go out, with its name; returns its SHA-256."""
        sha256 = keep(self._connection, content)
        row = (sha256, mapping.storable(name), media_type)
        self._connection.exec_driver_sql(
            "INSERT INTO outgoing_file (sha256, name, media_type) VALUES (?, ?, ?)"
            " ON CONFLICT (sha256) DO UPDATE SET name = excluded.name, media_type = excluded.media_type",
            row,
        )
        return sha256

    def file_name(self, ticket_id: int, sha256: str) -> tuple[str, str]:
        """The name and type a file of a ticket goes out with: as it was attached, or as it came."""
        attached = "SELECT name, media_type FROM outgoing_file WHERE sha256 = ?"
        came = (
            "SELECT a.name, a.media_type FROM message m JOIN attachment a ON a.message_id = m.id"
            " WHERE m.ticket_id = ? AND a.sha256 = ? ORDER BY a.id LIMIT 1"
        )
        found = self._connection.exec_driver_sql(attached, (sha256,)).first()
        found = found or self._connection.exec_driver_sql(came, (ticket_id, sha256)).first()
        return (str(found[0]), str(found[1])) if found else (sha256[:12], "application/octet-stream")
