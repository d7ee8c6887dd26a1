"""What the figures are read from. Kept up by triggers (`tallies`) in the transaction that changes what is counted."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column

_OPEN = text("grouping = 'open'")
_BOUNDS = ("created_at", "queue", "reviewer")
_FIRST = ("first_minutes", *_BOUNDS, "priority", "first_reply")


class TallyRow(SQLModel, table=True):
    """How often something was counted on one UTC day."""

    __tablename__ = "tally"
    __table_args__ = {"sqlite_with_rowid": False, **STRICT}
    name: str = Field(sa_column=Column(Text, primary_key=True))
    day: int = Field(sa_column=Column(Integer, primary_key=True))
    key: str = Field(sa_column=Column(Text, primary_key=True))
    queue: str = Field(sa_column=Column(Text, primary_key=True))
    reviewer: str = Field(sa_column=Column(Text, primary_key=True))
    count: int = whole_column()


class DecisionDetailRow(SQLModel, table=True):
    """What a decision was about, for counting: the way of a reroute, a detail that was asked for. Append-only."""

    __tablename__ = "decision_detail"
    __table_args__ = (Index("decision_detail_by_at", "what", "at"), STRICT)
    id: int | None = key_column()
    decision_id: int = whole_column()
    ticket_id: int = whole_column()
    at: int = whole_column()
    what: str = text_column()
    key: str = text_column()
    queue: str = text_column()
    reviewer: str = text_column()


class TicketFactRow(SQLModel, table=True):
    """What the figures ask of a ticket, narrow; times in milliseconds, waits also in whole minutes."""

    __tablename__ = "ticket_fact"
    __table_args__ = (
        Index("fact_by_created", "created_at"),
        Index("fact_by_open", "created_at", "queue", "reviewer", "priority", "first_reply", sqlite_where=_OPEN),
        # In the order of the minutes, so that medians need no sorting; without those that have none yet.
        Index("fact_by_first", *_FIRST, sqlite_where=text("first_minutes IS NOT NULL")),
        Index("fact_by_solved", "solved_minutes", *_BOUNDS, sqlite_where=text("solved_minutes IS NOT NULL")),
        Index("fact_by_wait", "wait_minutes", *_BOUNDS, sqlite_where=text("wait_minutes IS NOT NULL")),
        STRICT,
    )
    ticket_id: int = Field(sa_column=Column(Integer, primary_key=True))
    created_at: int = whole_column()
    queue: str = text_column()
    category: str = text_column()
    status: str = text_column()
    grouping: str = text_column()
    reviewer: str = text_column()
    priority: str = text_column()
    reopened: int = whole_column()
    first_reply: int | None = whole_column(None)
    last_reply: int | None = whole_column(None)
    waiting_since: int | None = whole_column(None)
    waited: int = whole_column()
    first_minutes: int | None = whole_column(None)
    solved_minutes: int | None = whole_column(None)
    wait_minutes: int | None = whole_column(None)
