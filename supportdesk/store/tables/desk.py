"""The desk itself: facts about the store, who works there, the gate's rules."""

from __future__ import annotations

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column


class MetaRow(SQLModel, table=True):
    """Facts about the store itself: its desk id, when it was made."""

    __tablename__ = "meta"
    __table_args__ = STRICT
    name: str = Field(sa_column=Column(Text, primary_key=True))
    value: str = text_column()


class PersonRow(SQLModel, table=True):
    """Someone who works at the desk."""

    __tablename__ = "person"
    __table_args__ = STRICT
    login: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = text_column()
    role: str = text_column("agent")
    active: int = whole_column(1)
    changed_by: str = text_column()
    changes: int = whole_column()


class GateRuleRow(SQLModel, table=True):
    """What the settings say of the gate, for the database's own check: authority, four eyes, a team's items."""

    __tablename__ = "gate_rule"
    __table_args__ = STRICT
    id: int | None = key_column()
    what: str = text_column()
    kind: str = text_column()
    role: str = text_column()
    up_to: int | None = whole_column(None)
    currency: str = text_column()
    queue: str = text_column()
