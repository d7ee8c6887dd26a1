"""Messages, threads, tickets and the people in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from supportdesk.domain.words import Author, MessageKind, Path, Priority, Status

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address, as it came; never trusted, never shown raw."""

    email: str
    """Local part and domain, lower case domain; empty where the channel has none."""
    name: str = ""
    """Display name, empty if none was given."""

    def __str__(self) -> str:
        """Name and address, or whichever there is."""
        return f"{self.name} <{self.email}>" if self.name and self.email else self.name or self.email


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; its content stays in the store."""

    name: str
    """The name the sender gave it, untrusted."""
    media_type: str = "application/octet-stream"
    """Declared type, such as `image/png`."""
    size: int = 0
    """Bytes after decoding."""
    sha256: str = ""
    """Hex digest of the content; empty where the content was not kept."""
    inline: bool = False
    """Whether it is shown inside the text (a signature's logo, say)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread, with its text exactly as it came."""

    author: Author
    """Customer, agent or internal note."""
    text: str
    """Plain text, raw: quoted parts, signatures and control characters included."""
    position: int = 0
    """Its place in the thread, from 0."""
    id: int = 0
    """Row number in the store; 0 outside it."""
    sender: Address = Address("")
    """Who wrote it."""
    to: tuple[Address, ...] = ()
    """To whom."""
    cc: tuple[Address, ...] = ()
    """To whom else, openly."""
    sent_at: datetime = EPOCH
    """When it was sent, UTC; EPOCH when unknown."""
    channel: str = "mail"
    """How it came: mail, chat, form, feedback…"""
    kind: MessageKind = MessageKind.ORDINARY
    """Ordinary, or a sort that gets no draft."""
    message_id: str = ""
    """Message-ID header without angle brackets; empty where the channel has none."""
    references: tuple[str, ...] = ()
    """Message-IDs it answers, oldest first, without angle brackets."""
    attachments: tuple[Attachment, ...] = ()
    """Files that came with it."""
    remarks: tuple[str, ...] = ()
    """What reading it noticed: 'charset guessed', 'signed (not verified)', …"""


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket's messages, in order: all that rules and assistants get to see of it."""

    messages: tuple[Message, ...]
    """Oldest first."""
    subject: str = ""
    """Subject line, untrusted."""
    channel: str = "mail"
    """How the ticket came in."""
    records: Mapping[str, object] = field(default_factory=dict)
    """What our own systems know about the matter: any JSON object, keyed by name."""

    @property
    def customer_messages(self) -> tuple[Message, ...]:
        """The messages the requester wrote."""
        return tuple(m for m in self.messages if m.author is Author.CUSTOMER)

    @property
    def visible(self) -> tuple[Message, ...]:
        """The messages both sides can see: everything but internal notes."""
        return tuple(m for m in self.messages if m.author is not Author.INTERNAL)

    @property
    def requester(self) -> Address:
        """Who wrote first on the customer's side."""
        return next((m.sender for m in self.messages if m.author is Author.CUSTOMER), Address(""))


@dataclass(frozen=True, slots=True)
class Ticket:
    """One matter of one requester, without its messages."""

    id: int
    """The number people use: #1042."""
    subject: str
    """Subject line, untrusted."""
    requester: Address
    """Whose matter it is."""
    channel: str
    """How it came in."""
    queue: str
    """Which queue it waits in."""
    category: str
    """What it is about."""
    priority: Priority
    """How soon it wants an answer."""
    path: Path
    """Which way it may go."""
    status: Status
    """Where it stands."""
    thread_version: int
    """Grows by one with each message."""
    version: int
    """Grows by one with each change of the ticket; checked at every write."""
    created_at: datetime
    """When its first message came, UTC."""
    updated_at: datetime
    """When its last message came, UTC."""
    due_at: datetime | None = None
    """When it wants an answer at the latest, UTC; None when it waits for someone else."""
    assignee: str = ""
    """Login of the person responsible; empty for nobody."""
    taken_by: str = ""
    """Login of the reviewer who has it now; empty for nobody."""
    triggers: tuple[str, ...] = ()
    """Kinds of the flags that are up."""
    language: str = ""
    """ISO 639-1 code; empty before it is prepared."""
    reopened: int = 0
    """How often a message came after it was solved."""
    tags: tuple[str, ...] = ()
    """Free words of the team's own."""
    wake_at: datetime | None = None
    """When a paused ticket comes back, UTC; None for 'with the next message'."""
    prepared_version: int = 0
    """The thread version its latest preparation saw; 0 before the first."""

    @property
    def ref(self) -> str:
        """How people write its number."""
        return f"#{self.id}"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket as one person sees it in a queue."""

    ticket: Ticket
    """The ticket."""
    unread: bool = False
    """Whether it has a message this person has not seen."""
    match: str = ""
    """Words around what was searched for, the found ones between U+0002 and U+0003; untrusted."""
