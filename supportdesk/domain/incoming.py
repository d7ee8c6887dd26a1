"""What a channel hands to intake: messages, whole tickets, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, MessageKind


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came with a message."""

    name: str
    """The name the sender gave it, untrusted."""
    media_type: str = "application/octet-stream"
    """Declared type."""
    size: int = 0
    """Bytes after decoding."""
    content: bytes = b""
    """The file itself; empty when it was too large to keep apart from the raw mail."""
    inline: bool = False
    """Whether it is shown inside the text."""
    sha256: str = ""
    """Digest of a content that is kept already; empty where it comes along."""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message as it was read; the raw bytes are kept beside it."""

    author: Author
    """Customer, agent or internal note."""
    text: str
    """Plain text, raw."""
    subject: str = ""
    """Subject line, untrusted."""
    sender: Address = Address("")
    """Who wrote it."""
    to: tuple[Address, ...] = ()
    """To whom."""
    cc: tuple[Address, ...] = ()
    """To whom else, openly."""
    sent_at: datetime | None = None
    """When, aware and UTC; None when missing or unusable."""
    channel: str = "mail"
    """How it came."""
    kind: MessageKind = MessageKind.ORDINARY
    """Ordinary, or a sort that gets no draft."""
    message_id: str = ""
    """Message-ID without angle brackets."""
    in_reply_to: str = ""
    """Message-ID it answers, without angle brackets."""
    references: tuple[str, ...] = ()
    """Message-IDs of its thread, oldest first."""
    attachments: tuple[IncomingFile, ...] = ()
    """Files that came with it."""
    remarks: tuple[str, ...] = ()
    """What reading it noticed."""
    raw: bytes = b""
    """The mail as it came; empty where the channel has none."""
    source: str = ""
    """Where it was read: `inbox.mbox#17`."""
    reply_to: Address = Address("")
    """Where answers are asked to go, if elsewhere; untrusted like the rest."""
    external: str = ""
    """Its id in the system it came from; empty if it has none."""
    raw_sha256: str = ""
    """Digest of a raw mail that is kept already; empty where it comes along."""
    identity: str = ""
    """What another supportdesk recognised it by; empty where it comes from elsewhere."""


@dataclass(frozen=True, slots=True)
class IncomingTicket:
    """A whole ticket from an export, with its messages in order."""

    external: str
    """Its id in the system it came from; empty if it has none."""
    subject: str
    """Subject line."""
    requester: Address
    """Whose matter it is."""
    messages: tuple[IncomingMessage, ...]
    """In order."""
    channel: str = "mail"
    """How it came in."""
    tags: tuple[str, ...] = ()
    """Free words."""
    status: str = ""
    """One of the desk's statuses; empty if unknown."""
    priority: str = ""
    """One of the desk's priorities; empty if unknown."""
    queue: str = ""
    """Where it waited; empty if unknown."""
    records: Mapping[str, object] = field(default_factory=dict)
    """What our systems know of the matter."""
    source: str = ""
    """Where it was read."""
    number: int = 0
    """Its number at another supportdesk; kept where it is free."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """What another supportdesk knew of it besides."""
    kept: Mapping[str, object] = field(default_factory=dict)
    """What hung on it there: preparation, draft, flags, decisions, records."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file or raw mail of a ticket that follows."""

    content: bytes
    """All of it."""
    source: str = ""
    """Where it was read."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that could not be read, whole, with the reason."""

    source: str
    """Where it was found: `inbox.mbox#17`."""
    raw: bytes
    """All of it."""
    reason: str
    """Why, in one sentence."""


Incoming = IncomingMessage | IncomingTicket | KeptFile | Unreadable
"""Anything a source may yield."""
