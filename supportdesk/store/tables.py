"""The rows of a desk, as SQLModel tables. Rows never leave this package; `mapping` turns them into domain values.

Times are whole milliseconds since 1970 UTC, flags are 0 or 1, lists are JSON: the same in every database.
Tables marked append-only are kept so by `guards`.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

_STRICT = {"sqlite_strict": True}


def _key() -> Any:
    return Field(default=None, sa_column=Column(Integer, primary_key=True))


def _text(default: str | None = "", **kw: Any) -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=default is None, **kw))


def _whole(default: int | None = 0, **kw: Any) -> Any:
    return Field(default=default, sa_column=Column(Integer, nullable=default is None, **kw))


class MetaRow(SQLModel, table=True):
    """Facts about the store itself: its desk id, when it was made."""

    __tablename__ = "meta"
    __table_args__ = _STRICT
    name: str = Field(sa_column=Column(Text, primary_key=True))
    value: str = _text()


class PersonRow(SQLModel, table=True):
    """Someone who works at the desk."""

    __tablename__ = "person"
    __table_args__ = _STRICT
    login: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = _text()
    role: str = _text("agent")
    active: int = _whole(1)
    changed_by: str = _text()
    changes: int = _whole()


class TicketRow(SQLModel, table=True):
    """One matter of one requester. `press` is its place in the queue: smaller is more pressing."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ticket_by_press", "grouping", "press", "id"),
        Index("ticket_by_requester", "requester_email"),
        Index("ticket_by_external", "external"),
        Index("ticket_by_prepared", "stale", "press"),
        Index("ticket_by_wake", "status", "wake_at"),
        _STRICT,
    )
    id: int | None = _key()
    external: str = _text()
    subject: str = _text()
    requester_email: str = _text()
    requester_name: str = _text()
    channel: str = _text("mail")
    queue: str = _text("general")
    category: str = _text("general")
    priority: str = _text("normal")
    path: str = _text("review")
    status: str = _text("new")
    grouping: str = _text("open")
    assignee: str = _text()
    triggers: str = _text()
    language: str = _text()
    tags: str = _text("[]")
    records: str = _text("{}")
    thread_version: int = _whole(0)
    prepared_version: int = _whole(0)
    stale: int = _whole(1)
    version: int = _whole(1)
    reopened: int = _whole(0)
    created_at: int = _whole()
    updated_at: int = _whole()
    due_at: int | None = _whole(None)
    wake_at: int | None = _whole(None)
    wake_on_message: int = _whole(0)
    press: int = _whole()


class MessageRow(SQLModel, table=True):
    """One message of a thread. Append-only."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        UniqueConstraint("fingerprint"),
        Index("message_by_message_id", "message_id"),
        _STRICT,
    )
    id: int | None = _key()
    ticket_id: int = _whole(index=False)
    position: int = _whole()
    author: str = _text()
    sender_name: str = _text()
    sender_email: str = _text()
    to_json: str = _text("[]")
    cc_json: str = _text("[]")
    sent_at: int = _whole()
    channel: str = _text("mail")
    kind: str = _text("ordinary")
    message_id: str = _text()
    references_json: str = _text("[]")
    remarks_json: str = _text("[]")
    text: str = _text()
    raw: str = _text()
    fingerprint: str = _text()


class ReferenceRow(SQLModel, table=True):
    """Every Message-ID a ticket's mails bear or mention, so that a reply finds its ticket in any order of arrival."""

    __tablename__ = "reference"
    __table_args__ = _STRICT
    reference: str = Field(sa_column=Column(Text, primary_key=True))
    ticket_id: int = _whole()


class RawRow(SQLModel, table=True):
    """Content kept as it came, once each, compressed: mails and attachments. Append-only."""

    __tablename__ = "raw"
    __table_args__ = _STRICT
    sha256: str = Field(sa_column=Column(Text, primary_key=True))
    size: int = _whole()
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AttachmentRow(SQLModel, table=True):
    """A file that came with a message. Append-only."""

    __tablename__ = "attachment"
    __table_args__ = (Index("attachment_by_message", "message_id"), _STRICT)
    id: int | None = _key()
    message_id: int = _whole()
    name: str = _text()
    media_type: str = _text()
    size: int = _whole()
    sha256: str = _text()
    inline: int = _whole()


class SetAsideRow(SQLModel, table=True):
    """Something that could not be read, kept whole."""

    __tablename__ = "set_aside"
    __table_args__ = (UniqueConstraint("source", "sha256"), _STRICT)
    id: int | None = _key()
    source: str = _text()
    sha256: str = _text()
    reason: str = _text()
    at: int = _whole()
    state: str = _text("waiting")


class PreparationRow(SQLModel, table=True):
    """What the assistant made for one thread version. Append-only."""

    __tablename__ = "preparation"
    __table_args__ = (Index("preparation_by_ticket", "ticket_id", "id"), _STRICT)
    id: int | None = _key()
    ticket_id: int = _whole()
    thread_version: int = _whole()
    at: int = _whole()
    assistant: str = _text()
    body: str = _text()


class FlagRow(SQLModel, table=True):
    """A trigger that was raised. Only a person clears it, with a reason."""

    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("ticket_id", "kind", "source", "quote"), _STRICT)
    id: int | None = _key()
    ticket_id: int = _whole()
    kind: str = _text()
    source: str = _text("rule")
    message: int = _whole()
    quote: str = _text()
    raised_at: int = _whole()
    cleared_by: str = _text()
    cleared_reason: str = _text()
    cleared_at: int | None = _whole(None)


class RevisionRow(SQLModel, table=True):
    """One state of a draft's words, with what the checks say of it. Append-only."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("ticket_id", "number"), _STRICT)
    id: int | None = _key()
    ticket_id: int = _whole()
    number: int = _whole()
    kind: str = _text("reply")
    subject: str = _text()
    text: str = _text()
    by: str = _text()
    thread_version: int = _whole()
    to_json: str = _text("[]")
    cc_json: str = _text("[]")
    bcc_json: str = _text("[]")
    attachments_json: str = _text("[]")
    citations_json: str = _text("[]")
    examination: str = _text("{}")
    privacy: int = _whole()
    at: int = _whole()


class FindingRow(SQLModel, table=True):
    """A blocking finding of a revision, for the database's own check. Append-only."""

    __tablename__ = "finding"
    __table_args__ = (Index("finding_by_revision", "revision_id"), _STRICT)
    id: int | None = _key()
    revision_id: int = _whole()
    kind: str = _text()
    subkind: str = _text()
    fingerprint: str = _text()
    blocking: int = _whole()


class CommitmentRow(SQLModel, table=True):
    """A commitment of a revision, for the database's check of authority; money in thousandths. Append-only."""

    __tablename__ = "commitment"
    __table_args__ = (Index("commitment_by_revision", "revision_id"), _STRICT)
    id: int | None = _key()
    revision_id: int = _whole()
    fingerprint: str = _text()
    kind: str = _text()
    amount: int | None = _whole(None)
    currency: str = _text()


class GateRuleRow(SQLModel, table=True):
    """What the settings say of the gate, for the database's own check: authority, four eyes, a team's items."""

    __tablename__ = "gate_rule"
    __table_args__ = _STRICT
    id: int | None = _key()
    what: str = _text()
    kind: str = _text()
    role: str = _text()
    up_to: int | None = _whole(None)
    currency: str = _text()
    queue: str = _text()


class SettlementRow(SQLModel, table=True):
    """How a person settled a finding. Append-only."""

    __tablename__ = "settlement"
    __table_args__ = (Index("settlement_by_ticket", "ticket_id"), _STRICT)
    id: int | None = _key()
    ticket_id: int = _whole()
    revision_id: int = _whole()
    fingerprint: str = _text()
    how: str = _text()
    by: str = _text()
    reason: str = _text()
    evidence: str = _text("null")
    at: int = _whole()


class SeenRow(SQLModel, table=True):
    """A message that was on a reviewer's screen. Append-only."""

    __tablename__ = "seen"
    __table_args__ = _STRICT
    message_id: int = Field(sa_column=Column(Integer, primary_key=True))
    login: str = Field(sa_column=Column(Text, primary_key=True))
    ticket_id: int = _whole(index=True)
    at: int = _whole()


class AnswerRow(SQLModel, table=True):
    """What a reviewer said of a checklist item; the latest counts. Append-only."""

    __tablename__ = "answer"
    __table_args__ = (Index("answer_by_ticket", "ticket_id", "item", "id"), _STRICT)
    id: int | None = _key()
    ticket_id: int = _whole()
    item: str = _text()
    value: str = _text()
    by: str = _text()
    revision_id: int = _whole()
    thread_version: int = _whole()
    reason: str = _text()
    note: str = _text()
    at: int = _whole()


class DecisionRow(SQLModel, table=True):
    """A decision that was made, with what was on screen before. Append-only."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("decision_by_ticket", "ticket_id"),
        # Holds all that the figures of a period ask for, so that they need not read the decisions themselves.
        Index("decision_by_at", "at", "kind", "by", "queue_before", "reason", "revision_id", "ticket_id"),
        _STRICT,
    )
    id: int | None = _key()
    ticket_id: int = _whole()
    kind: str = _text()
    by: str = _text()
    at: int = _whole()
    revision_id: int | None = _whole(None)
    thread_version: int = _whole()
    reason: str = _text()
    note: str = _text()
    queue_before: str = _text()
    body: str = _text("{}")
    seconds: int = _whole()
    messages_shown: int = _whole()
    words: int = _whole()
    evidence_opened: int = _whole()


class ApprovalRow(SQLModel, table=True):
    """The digest-bound permission to send, for one outbox row. Append-only.

    What leaves stands in columns, so that the database itself can hold it against the revision.
    """

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("decision_id"), _STRICT)
    id: int | None = _key()
    decision_id: int = _whole()
    ticket_id: int = _whole()
    revision_id: int = _whole()
    thread_version: int = _whole()
    by: str = _text()
    subject: str = _text()
    text: str = _text()
    to_json: str = _text("[]")
    cc_json: str = _text("[]")
    bcc_json: str = _text("[]")
    attachments_json: str = _text("[]")
    boot: str = _text()
    uptime: int = _whole()
    digest: str = _text()
    payload: str = _text()
    at: int = _whole()


class OutboxRow(SQLModel, table=True):
    """An approved reply on its way out."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("approval_id"),
        UniqueConstraint("message_id"),
        Index("outbox_by_state", "state", "not_before"),
        _STRICT,
    )
    id: int | None = _key()
    approval_id: int = _whole()
    ticket_id: int = _whole()
    message_id: str = _text()
    state: str = _text("queued")
    stage: str = _text()
    claimed_by: str = _text()
    claimed_at: int | None = _whole(None)
    not_before: int = _whole()
    attempts: int = _whole()
    result: str = _text("{}")
    settled_by: str = _text()
    settled_reason: str = _text()
    queued_at: int = _whole()
    changed_at: int = _whole()


class EscalationRow(SQLModel, table=True):
    """A ticket in somebody else's hands for a decision."""

    __tablename__ = "escalation"
    __table_args__ = (
        Index("escalation_by_ticket", "ticket_id"),
        Index("escalation_by_state", "state", "owner"),
        _STRICT,
    )
    id: int | None = _key()
    ticket_id: int = _whole()
    decision_id: int = _whole()
    trigger: str = _text()
    owner: str = _text()
    backup: str = _text()
    expected: str = _text()
    reason: str = _text()
    note: str = _text()
    context_json: str = _text("[]")
    state: str = _text("open")
    opened_at: int = _whole()
    opened_by: str = _text()
    acknowledge_by: int | None = _whole(None)
    resolve_by: int | None = _whole(None)
    acknowledged_at: int | None = _whole(None)
    acknowledged_by: str = _text()
    resolved_at: int | None = _whole(None)
    resolved_by: str = _text()
    outcome: str = _text()
    instruction: str = _text()
    step: int = _whole()
    boot: str = _text()
    uptime: int = _whole()


class GrantRow(SQLModel, table=True):
    """A request to make a commitment beyond one's authority, and what became of it."""

    __tablename__ = "commitment_grant"
    __table_args__ = (Index("grant_by_ticket", "ticket_id"), _STRICT)
    id: int | None = _key()
    ticket_id: int = _whole()
    revision_id: int = _whole()
    fingerprint: str = _text()
    quote: str = _text()
    kind: str = _text()
    amount: str = _text()
    currency: str = _text()
    asked_by: str = _text()
    asked_at: int = _whole()
    asked_reason: str = _text()
    state: str = _text("asked")
    decided_by: str = _text()
    decided_at: int | None = _whole(None)
    decided_reason: str = _text()
    used_by_approval: int | None = _whole(None)


class LeaseRow(SQLModel, table=True):
    """Who has a ticket now. Ends by itself, by the boot clock, so that nobody's clock can lie."""

    __tablename__ = "lease"
    __table_args__ = _STRICT
    ticket_id: int = Field(sa_column=Column(Integer, primary_key=True))
    login: str = _text()
    boot: str = _text()
    until: int = _whole()
    since: int = _whole()


class ArticleRow(SQLModel, table=True):
    """One version of a knowledge base page; the published one of the highest version counts."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("slug", "version"), _STRICT)
    id: int | None = _key()
    slug: str = _text()
    version: int = _whole(1)
    title: str = _text()
    text: str = _text()
    language: str = _text("en")
    owner: str = _text()
    state: str = _text("published")
    by: str = _text()
    at: int = _whole()


class AuditRow(SQLModel, table=True):
    """One link of the chain of records. Append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_ticket", "ticket_id"), _STRICT)
    id: int | None = _key()
    at: int = _whole()
    actor: str = _text()
    action: str = _text()
    ticket_id: int = _whole()
    body: str = _text("{}")
    rows_to: str = _text("{}")
    rows: str = _text()
    previous: str = _text()
    hash: str = _text()


class EscalationEventRow(SQLModel, table=True):
    """Something that happened to an escalation: a warning, a missed time, a hand-on. Append-only."""

    __tablename__ = "escalation_event"
    __table_args__ = (UniqueConstraint("escalation_id", "step", "turn", "number"), _STRICT)
    id: int | None = _key()
    escalation_id: int = _whole()
    step: str = _text()
    turn: int = _whole()
    number: int = _whole()
    at: int = _whole()
    due_at: int | None = _whole(None)
    who: str = _text()


def table(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a row class."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
