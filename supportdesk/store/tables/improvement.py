"""What a lead learns from: themes and what became of them, promises, exercises."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column


class ThemeRow(SQLModel, table=True):
    """A pattern the desk proposed and what people made of it: repeated questions, or a wrong route."""

    __tablename__ = "theme"
    __table_args__ = (Index("theme_by_state", "state"), STRICT)
    id: int | None = key_column()
    kind: str = text_column("theme")
    name: str = text_column()
    keys_json: str = text_column("[]")
    queue: str = text_column()
    since: int = whole_column()
    until: int = whole_column()
    found: int = whole_column()
    before: int = whole_column()
    cause: str = text_column()
    why: str = text_column()
    state: str = text_column("proposed")
    owner: str = text_column()
    path: str = text_column()
    article: str = text_column()
    note: str = text_column()
    proposed_at: int = whole_column()
    proposed_by: str = text_column()
    decided_at: int | None = whole_column(None)
    decided_by: str = text_column()
    mended_at: int | None = whole_column(None)


class ThemeTicketRow(SQLModel, table=True):
    """A ticket a theme was found in, the most typical first."""

    __tablename__ = "theme_ticket"
    __table_args__ = (Index("theme_by_ticket", "ticket_id"), {"sqlite_with_rowid": False, **STRICT})
    theme_id: int = Field(sa_column=Column(Integer, primary_key=True))
    place: int = Field(sa_column=Column(Integer, primary_key=True))
    ticket_id: int = whole_column()


class ThemeLookRow(SQLModel, table=True):
    """An example somebody looked at before they confirmed or rejected a theme. Append-only."""

    __tablename__ = "theme_look"
    __table_args__ = STRICT
    theme_id: int = Field(sa_column=Column(Integer, primary_key=True))
    login: str = Field(sa_column=Column(Text, primary_key=True))
    ticket_id: int = Field(sa_column=Column(Integer, primary_key=True))
    at: int = whole_column()


class PromiseRow(SQLModel, table=True):
    """A commitment that an approved reply makes: counts from the moment the reply is sent."""

    __tablename__ = "promise"
    __table_args__ = (
        UniqueConstraint("approval_id", "fingerprint"),
        Index("promise_by_state", "state", "due_at"),
        Index("promise_by_at", "at"),
        STRICT,
    )
    id: int | None = key_column()
    ticket_id: int = whole_column()
    approval_id: int = whole_column()
    fingerprint: str = text_column()
    kind: str = text_column()
    quote: str = text_column()
    amount: str = text_column()
    currency: str = text_column()
    to_json: str = text_column("[]")
    due_at: int | None = whole_column(None)
    by: str = text_column()
    authority: str = text_column()
    queue: str = text_column()
    at: int = whole_column()
    state: str = text_column("unsent")
    warned_at: int | None = whole_column(None)
    settled_at: int | None = whole_column(None)
    settled_by: str = text_column()
    note: str = text_column()


class ExerciseRow(SQLModel, table=True):
    """A draft with a planted fault on an invented ticket. Bound to no ticket, so nothing can send or count it."""

    __tablename__ = "exercise"
    # The guard of every approval holds its words against all exercises.
    __table_args__ = (Index("exercise_by_login", "login", "id"), Index("exercise_by_draft", "draft"), STRICT)
    id: int | None = key_column()
    login: str = text_column()
    name: str = text_column()
    thread_json: str = text_column("[]")
    source: str = text_column()
    draft: str = text_column()
    fault: str = text_column()
    quote: str = text_column()
    why: str = text_column()
    shown_at: int = whole_column()
    answered_at: int | None = whole_column(None)
    answer: str = text_column()
    caught: int | None = whole_column(None)
