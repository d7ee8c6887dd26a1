"""Tickets, their messages and files, and what could not be read."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column

FILTERED = (
    "status",
    "queue",
    "priority",
    "path",
    "assignee",
    "triggers",
    "updated_at",
    "due_at",
    "category",
    "channel",
    "language",
    "requester_email",
    "tags",
)
"""Columns the queue is filtered and sorted by."""


class TicketRow(SQLModel, table=True):
    """One matter of one requester. `press` is its place in the queue: smaller is more pressing."""

    __tablename__ = "ticket"
    __table_args__ = (
        # Holds all a filter asks of, so that one of a million tickets is found without reading the tickets.
        Index("ticket_by_press", "grouping", "press", "id", *FILTERED),
        Index("ticket_by_requester", "requester_email"),
        Index("ticket_by_external", "external"),
        Index("ticket_by_prepared", "stale", "press"),
        Index("ticket_by_wake", "status", "wake_at"),
        STRICT,
    )
    id: int | None = key_column()
    external: str = text_column()
    subject: str = text_column()
    requester_email: str = text_column()
    requester_name: str = text_column()
    channel: str = text_column("mail")
    queue: str = text_column("general")
    category: str = text_column("general")
    priority: str = text_column("normal")
    path: str = text_column("review")
    status: str = text_column("new")
    grouping: str = text_column("open")
    assignee: str = text_column()
    triggers: str = text_column()
    language: str = text_column()
    tags: str = text_column("[]")
    records: str = text_column("{}")
    thread_version: int = whole_column(0)
    prepared_version: int = whole_column(0)
    stale: int = whole_column(1)
    version: int = whole_column(1)
    reopened: int = whole_column(0)
    created_at: int = whole_column()
    updated_at: int = whole_column()
    due_at: int | None = whole_column(None)
    wake_at: int | None = whole_column(None)
    wake_on_message: int = whole_column(0)
    press: int = whole_column()


class MessageRow(SQLModel, table=True):
    """One message of a thread. Append-only."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        UniqueConstraint("fingerprint"),
        Index("message_by_message_id", "message_id"),
        STRICT,
    )
    id: int | None = key_column()
    ticket_id: int = whole_column(index=False)
    position: int = whole_column()
    author: str = text_column()
    sender_name: str = text_column()
    sender_email: str = text_column()
    to_json: str = text_column("[]")
    cc_json: str = text_column("[]")
    sent_at: int = whole_column()
    channel: str = text_column("mail")
    kind: str = text_column("ordinary")
    message_id: str = text_column()
    references_json: str = text_column("[]")
    remarks_json: str = text_column("[]")
    text: str = text_column()
    raw: str = text_column()
    fingerprint: str = text_column()


class ReferenceRow(SQLModel, table=True):
    """Every Message-ID a ticket's mails bear or mention, so that a reply finds its ticket in any order of arrival."""

    __tablename__ = "reference"
    __table_args__ = STRICT
    reference: str = Field(sa_column=Column(Text, primary_key=True))
    ticket_id: int = whole_column()


class RawRow(SQLModel, table=True):
    """Content kept as it came, once each, compressed: mails and attachments. Append-only."""

    __tablename__ = "raw"
    __table_args__ = STRICT
    sha256: str = Field(sa_column=Column(Text, primary_key=True))
    size: int = whole_column()
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AttachmentRow(SQLModel, table=True):
    """A file that came with a message. Append-only."""

    __tablename__ = "attachment"
    __table_args__ = (Index("attachment_by_message", "message_id"), STRICT)
    id: int | None = key_column()
    message_id: int = whole_column()
    name: str = text_column()
    media_type: str = text_column()
    size: int = whole_column()
    sha256: str = text_column()
    inline: int = whole_column()


class SetAsideRow(SQLModel, table=True):
    """Something that could not be read, kept whole."""

    __tablename__ = "set_aside"
    __table_args__ = (UniqueConstraint("source", "sha256"), STRICT)
    id: int | None = key_column()
    source: str = text_column()
    sha256: str = text_column()
    reason: str = text_column()
    at: int = whole_column()
    state: str = text_column("waiting")


class FeedRow(SQLModel, table=True):
    """How far a channel was read."""

    __tablename__ = "feed"
    __table_args__ = STRICT
    name: str = Field(sa_column=Column(Text, primary_key=True))
    position: str = text_column()
    at: int = whole_column()


class OutgoingFileRow(SQLModel, table=True):
    """The name and type a kept file goes out with."""

    __tablename__ = "outgoing_file"
    __table_args__ = STRICT
    sha256: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = text_column()
    media_type: str = text_column()
