"""What a lead looks after: escalations and articles."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column


class EscalationRow(SQLModel, table=True):
    """A ticket in somebody else's hands for a decision."""

    __tablename__ = "escalation"
    __table_args__ = (
        Index("escalation_by_ticket", "ticket_id"),
        Index("escalation_by_state", "state", "owner"),
        Index("escalation_by_opened", "opened_at"),
        STRICT,
    )
    id: int | None = key_column()
    ticket_id: int = whole_column()
    decision_id: int = whole_column()
    trigger: str = text_column()
    owner: str = text_column()
    backup: str = text_column()
    expected: str = text_column()
    reason: str = text_column()
    note: str = text_column()
    context_json: str = text_column("[]")
    state: str = text_column("open")
    opened_at: int = whole_column()
    opened_by: str = text_column()
    acknowledge_by: int | None = whole_column(None)
    resolve_by: int | None = whole_column(None)
    acknowledged_at: int | None = whole_column(None)
    acknowledged_by: str = text_column()
    resolved_at: int | None = whole_column(None)
    resolved_by: str = text_column()
    outcome: str = text_column()
    instruction: str = text_column()
    step: int = whole_column()
    boot: str = text_column()
    uptime: int = whole_column()


class EscalationEventRow(SQLModel, table=True):
    """Something that happened to an escalation: a warning, a missed time, a hand-on. Append-only."""

    __tablename__ = "escalation_event"
    __table_args__ = (UniqueConstraint("escalation_id", "step", "turn", "number"), STRICT)
    id: int | None = key_column()
    escalation_id: int = whole_column()
    step: str = text_column()
    turn: int = whole_column()
    number: int = whole_column()
    at: int = whole_column()
    due_at: int | None = whole_column(None)
    who: str = text_column()


class ArticleRow(SQLModel, table=True):
    """One version of a knowledge base page; the published one of the highest version counts."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("slug", "version"), STRICT)
    id: int | None = key_column()
    slug: str = text_column()
    version: int = whole_column(1)
    title: str = text_column()
    text: str = text_column()
    language: str = text_column("en")
    owner: str = text_column()
    state: str = text_column("published")
    by: str = text_column()
    at: int = whole_column()
    theme_id: int = whole_column()
    sources_json: str = text_column("[]")
    reviewed_by: str = text_column()
    reviewed_at: int | None = whole_column(None)
    approved_by: str = text_column()
    approved_at: int | None = whole_column(None)
    note: str = text_column()
