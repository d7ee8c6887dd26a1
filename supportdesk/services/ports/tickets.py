"""Tickets, messages and files, as the services need them from the store."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import Attachment, Message, Thread, Ticket

if TYPE_CHECKING:
    from supportdesk.services.ports.arrivals import Arrivals
    from supportdesk.services.ports.staff import Records


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket about to be made."""

    subject: str
    """Subject line."""
    requester_email: str
    """Whose matter."""
    requester_name: str
    """Their name."""
    channel: str
    """How it came."""
    external: str = ""
    """Its id in the system it came from."""
    records: Mapping[str, object] | None = None
    """What our systems know of it."""
    tags: tuple[str, ...] = ()
    """Free words."""
    created_at: datetime | None = None
    """When its first message came, UTC."""
    number: int = 0
    """Its number at another desk; 0 for any."""


class Tickets(Protocol):
    """Tickets and their messages."""

    def get(self, ticket_id: int) -> Ticket:
        """One ticket. Raises NotFound."""
        ...

    def ids(self, query: QueueQuery, now: datetime, limit: int = 0) -> array[int]:
        """Ids of the tickets a query shows, in its order; the first `limit`, or all."""
        ...

    def page(self, ids: Sequence[int]) -> tuple[Ticket, ...]:
        """The tickets with these ids, in this order; missing ones are left out."""
        ...

    def count(self, query: QueueQuery, now: datetime, limit: int = 0) -> int:
        """How many tickets a query shows, counting no further than `limit` where one is given."""
        ...

    def last_id(self) -> int:
        """The highest number a ticket has; 0 without tickets."""
        ...

    def unread(self, ids: Sequence[int], login: str) -> frozenset[int]:
        """Which of these tickets have a message this person has not seen."""
        ...

    def excerpts(self, ids: Sequence[int], words: Sequence[str]) -> Mapping[int, str]:
        """Where the words stand in these tickets' latest messages: see `domain.matches`."""
        ...

    def thread(self, ticket_id: int) -> Thread:
        """A ticket's messages by time, positions from 0, with records and subject. Raises NotFound."""
        ...

    def add(self, new: NewTicket, at: datetime) -> int:
        """Make a ticket; returns its id."""
        ...

    def add_message(
        self, ticket_id: int, incoming: IncomingMessage, at: datetime, source_id: str = ""
    ) -> Message | None:
        """Append a message; None when the desk has it already.

        `source_id` tells messages without a Message-ID apart: their ticket's id elsewhere and their number in it.
        """
        ...

    def arrivals(
        self, incoming: Sequence[IncomingMessage], externals: Iterable[str] = (), records: Records | None = None
    ) -> AbstractContextManager[Arrivals]:
        """Take in these messages, and tickets with these ids from elsewhere, as one.

        `records` are the same transaction's.
        """
        ...

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        ...

    def change(self, ticket_id: int, *, expect: int | None = None, **fields: object) -> None:
        """Set fields of a ticket and raise its version by one.

        `expect` is the version the caller saw. Raises Stale when it is another by now, NotFound when there is none.
        """
        ...

    def to_prepare(self, limit: int) -> tuple[int, ...]:
        """Ids of tickets whose thread changed since they were prepared, most pressing first."""
        ...

    def count_to_prepare(self) -> int:
        """How many tickets wait to be prepared."""
        ...

    def to_wake(self, now: datetime) -> tuple[int, ...]:
        """Ids of paused tickets whose time has come."""
        ...

    def same_requester(self, ticket_id: int) -> tuple[Ticket, ...]:
        """The requester's other tickets, latest first, at most 50."""
        ...

    def attachment(self, sha256: str) -> bytes:
        """A kept file's content. Raises NotFound."""
        ...

    def keep_file(self, name: str, media_type: str, content: bytes) -> str:
        """Keep a file that is to go out, with its name; returns its SHA-256."""
        ...

    def file_name(self, ticket_id: int, sha256: str) -> tuple[str, str]:
        """The name and type a file of a ticket goes out with."""
        ...

    def attachments(self, message_id: int) -> tuple[Attachment, ...]:
        """A message's files."""
        ...
