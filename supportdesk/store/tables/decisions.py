"""Decisions, approvals, grants, the outbox and the chain of records."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column

# What was changed at the desk itself, for the figures; small beside all that is recorded of tickets.
_OF_THE_DESK = Index("audit_of_desk", "at", sqlite_where=text("ticket_id = 0 AND action NOT IN ('kept', 'gate_rules')"))


class DecisionRow(SQLModel, table=True):
    """A decision that was made, with what was on screen before. Append-only."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("decision_by_ticket", "ticket_id"),
        # Whether words were rejected is asked at every act on a ticket, and again by the guard of every approval.
        Index("decision_by_revision", "revision_id", "kind"),
        # Holds all that the figures of a period ask for, so that they need not read the decisions themselves.
        Index("decision_by_at", "at", "kind", "by", "queue_before", "reason", "revision_id", "ticket_id"),
        STRICT,
    )
    id: int | None = key_column()
    ticket_id: int = whole_column()
    kind: str = text_column()
    by: str = text_column()
    at: int = whole_column()
    revision_id: int | None = whole_column(None)
    thread_version: int = whole_column()
    reason: str = text_column()
    note: str = text_column()
    queue_before: str = text_column()
    body: str = text_column("{}")
    seconds: int = whole_column()
    messages_shown: int = whole_column()
    words: int = whole_column()
    evidence_opened: int = whole_column()


class ApprovalRow(SQLModel, table=True):
    """The digest-bound permission to send, for one outbox row. Append-only.

    What leaves stands in columns, so that the database itself can hold it against the revision.
    """

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("decision_id"), STRICT)
    id: int | None = key_column()
    decision_id: int = whole_column()
    ticket_id: int = whole_column()
    revision_id: int = whole_column()
    thread_version: int = whole_column()
    by: str = text_column()
    subject: str = text_column()
    text: str = text_column()
    to_json: str = text_column("[]")
    cc_json: str = text_column("[]")
    bcc_json: str = text_column("[]")
    attachments_json: str = text_column("[]")
    boot: str = text_column()
    uptime: int = whole_column()
    digest: str = text_column()
    payload: str = text_column()
    at: int = whole_column()


class OutboxRow(SQLModel, table=True):
    """An approved reply on its way out."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("approval_id"),
        UniqueConstraint("message_id"),
        Index("outbox_by_state", "state", "not_before"),
        Index("outbox_by_ticket", "ticket_id"),
        STRICT,
    )
    id: int | None = key_column()
    approval_id: int = whole_column()
    ticket_id: int = whole_column()
    message_id: str = text_column()
    state: str = text_column("queued")
    stage: str = text_column()
    claimed_by: str = text_column()
    claimed_at: int | None = whole_column(None)
    not_before: int = whole_column()
    attempts: int = whole_column()
    result: str = text_column("{}")
    settled_by: str = text_column()
    settled_reason: str = text_column()
    queued_at: int = whole_column()
    changed_at: int = whole_column()


class GrantRow(SQLModel, table=True):
    """A request to make a commitment beyond one's authority, and what became of it."""

    __tablename__ = "commitment_grant"
    __table_args__ = (
        Index("grant_by_ticket", "ticket_id"),
        Index("grant_by_revision", "revision_id"),
        STRICT,
    )
    id: int | None = key_column()
    ticket_id: int = whole_column()
    revision_id: int = whole_column()
    fingerprint: str = text_column()
    quote: str = text_column()
    kind: str = text_column()
    amount: str = text_column()
    currency: str = text_column()
    asked_by: str = text_column()
    asked_at: int = whole_column()
    asked_reason: str = text_column()
    state: str = text_column("asked")
    decided_by: str = text_column()
    decided_at: int | None = whole_column(None)
    decided_reason: str = text_column()
    used_by_approval: int | None = whole_column(None)


class AuditRow(SQLModel, table=True):
    """One link of the chain of records. Append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_ticket", "ticket_id"), _OF_THE_DESK, STRICT)
    id: int | None = key_column()
    at: int = whole_column()
    actor: str = text_column()
    action: str = text_column()
    ticket_id: int = whole_column()
    body: str = text_column("{}")
    salt: str = text_column()
    rows_to: str = text_column()
    rows: str = text_column()
    previous: str = text_column()
    hash: str = text_column()


class ErasureRow(SQLModel, table=True):
    """What a link says of its rows since some of them were erased, under a salt of its own. Append-only."""

    __tablename__ = "erasure"
    __table_args__ = (Index("erasure_by_link", "link"), STRICT)
    id: int | None = key_column()
    link: int = whole_column()
    salt: str = text_column()
    rows: str = text_column()
    body_digest: str = text_column()
    body: str = text_column()
