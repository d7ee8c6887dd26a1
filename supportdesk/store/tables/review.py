"""What was prepared, drafted, found, seen and answered."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column


class PreparationRow(SQLModel, table=True):
    """What the assistant made for one thread version. Append-only."""

    __tablename__ = "preparation"
    __table_args__ = (Index("preparation_by_ticket", "ticket_id", "id"), STRICT)
    id: int | None = key_column()
    ticket_id: int = whole_column()
    thread_version: int = whole_column()
    at: int = whole_column()
    assistant: str = text_column()
    body: str = text_column()


class FlagRow(SQLModel, table=True):
    """A trigger that was raised. Only a person clears it, with a reason."""

    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("ticket_id", "kind", "source", "quote"), STRICT)
    id: int | None = key_column()
    ticket_id: int = whole_column()
    kind: str = text_column()
    source: str = text_column("rule")
    message: int = whole_column()
    quote: str = text_column()
    raised_at: int = whole_column()
    cleared_by: str = text_column()
    cleared_reason: str = text_column()
    cleared_at: int | None = whole_column(None)


class RevisionRow(SQLModel, table=True):
    """One state of a draft's words, with what the checks say of it. Append-only."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("ticket_id", "number"), STRICT)
    id: int | None = key_column()
    ticket_id: int = whole_column()
    number: int = whole_column()
    kind: str = text_column("reply")
    subject: str = text_column()
    text: str = text_column()
    by: str = text_column()
    thread_version: int = whole_column()
    to_json: str = text_column("[]")
    cc_json: str = text_column("[]")
    bcc_json: str = text_column("[]")
    attachments_json: str = text_column("[]")
    citations_json: str = text_column("[]")
    examination: str = text_column("{}")
    privacy: int = whole_column()
    at: int = whole_column()


class FindingRow(SQLModel, table=True):
    """A finding of a revision, for the database's own check; `blocking`: approval waits for it. Append-only."""

    __tablename__ = "finding"
    __table_args__ = (Index("finding_by_revision", "revision_id"), STRICT)
    id: int | None = key_column()
    revision_id: int = whole_column()
    kind: str = text_column()
    subkind: str = text_column()
    fingerprint: str = text_column()
    blocking: int = whole_column()


class CommitmentRow(SQLModel, table=True):
    """A commitment of a revision, for the database's check of authority; money in thousandths. Append-only."""

    __tablename__ = "commitment"
    __table_args__ = (Index("commitment_by_revision", "revision_id"), STRICT)
    id: int | None = key_column()
    revision_id: int = whole_column()
    fingerprint: str = text_column()
    kind: str = text_column()
    amount: int | None = whole_column(None)
    currency: str = text_column()


class SettlementRow(SQLModel, table=True):
    """How a person settled a finding. Append-only."""

    __tablename__ = "settlement"
    __table_args__ = (Index("settlement_by_ticket", "ticket_id"), STRICT)
    id: int | None = key_column()
    ticket_id: int = whole_column()
    revision_id: int = whole_column()
    fingerprint: str = text_column()
    how: str = text_column()
    by: str = text_column()
    reason: str = text_column()
    evidence: str = text_column("null")
    at: int = whole_column()


class SeenRow(SQLModel, table=True):
    """A message that was on a reviewer's screen. Append-only."""

    __tablename__ = "seen"
    __table_args__ = (Index("seen_by_login", "login", "ticket_id"), STRICT)
    message_id: int = Field(sa_column=Column(Integer, primary_key=True))
    login: str = Field(sa_column=Column(Text, primary_key=True))
    ticket_id: int = whole_column(index=True)
    at: int = whole_column()


class AnswerRow(SQLModel, table=True):
    """What a reviewer said of a checklist item; the latest counts. Append-only."""

    __tablename__ = "answer"
    __table_args__ = (Index("answer_by_ticket", "ticket_id", "item", "id"), STRICT)
    id: int | None = key_column()
    ticket_id: int = whole_column()
    item: str = text_column()
    value: str = text_column()
    by: str = text_column()
    revision_id: int = whole_column()
    thread_version: int = whole_column()
    reason: str = text_column()
    note: str = text_column()
    at: int = whole_column()


class LeaseRow(SQLModel, table=True):
    """Who has a ticket now. Ends by itself, by the boot clock, so that nobody's clock can lie."""

    __tablename__ = "lease"
    __table_args__ = STRICT
    ticket_id: int = Field(sa_column=Column(Integer, primary_key=True))
    login: str = text_column()
    boot: str = text_column()
    until: int = whole_column()
    since: int = whole_column()
