"""Messages arriving in bulk, as intake needs them from the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.words import Status
from supportdesk.services.ports.tickets import NewTicket


class Standing(Protocol):
    """Where a ticket stands while messages arrive at it."""

    @property
    def status(self) -> Status:
        """Its status."""
        ...

    @property
    def reopened(self) -> int:
        """How often it came back."""
        ...

    @property
    def timed(self) -> bool:
        """Whether it is paused until a time, not until the next message."""
        ...

    @property
    def untouched(self) -> bool:
        """Whether nobody, and no assistant, has looked at it yet."""
        ...

    @property
    def created_at(self) -> datetime:
        """When its first message was sent, UTC."""
        ...


class Arrivals(Protocol):
    """Some messages on their way to their tickets: read together, written together when the block ends."""

    def identity(self, incoming: IncomingMessage, source_id: str = "") -> str:
        """What a message is recognised by; empty when the desk has it.

        `source_id` tells messages without a Message-ID apart: their ticket's id elsewhere and their own there.
        """
        ...

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        ...

    def find_subject(self, requester: str, subject: str, sent_at: datetime, window: timedelta) -> int | None:
        """The latest ticket of a requester whose bare subject is this one, alive within the window; None without."""
        ...

    def find_external(self, external: str) -> int | None:
        """The ticket that came with this id from elsewhere."""
        ...

    def add_ticket(self, new: NewTicket, at: datetime) -> int:
        """Make a ticket; returns its id."""
        ...

    def add_message(self, ticket_id: int, incoming: IncomingMessage, identity: str, at: datetime) -> int:
        """Append a message; returns its row number."""
        ...

    def standing(self, ticket_id: int) -> Standing:
        """Where a ticket stands now."""
        ...

    def takes_part(self, ticket_id: int, email: str) -> bool:
        """Whether an address wrote or was written to in a ticket."""
        ...

    def change(self, ticket_id: int, **fields: object) -> None:
        """Set fields of a ticket."""
        ...

    def waiting_replies(self, ticket_id: int) -> tuple[int, ...]:
        """Outbox entries of a ticket that have not left."""
        ...

    def sent_reply(self, message_id: str) -> int:
        """The outbox entry a reply left with under this Message-ID; 0 for none."""
        ...

    def record(self, action: str, ticket_id: int, body: dict[str, object], at: datetime) -> None:
        """Add a link to the chain, in the order of the calls."""
        ...
