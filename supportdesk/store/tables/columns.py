"""The shapes of columns the tables share."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Column, Integer, Table, Text
from sqlmodel import Field, SQLModel

STRICT = {"sqlite_strict": True}
"""Every table is STRICT: a column takes its own type and nothing else."""


def key_column() -> Any:
    """A row id."""
    return Field(default=None, sa_column=Column(Integer, primary_key=True))


def text_column(default: str | None = "", **kw: Any) -> Any:
    """Text; nullable where the default is None."""
    return Field(default=default, sa_column=Column(Text, nullable=default is None, **kw))


def whole_column(default: int | None = 0, **kw: Any) -> Any:
    """A whole number; nullable where the default is None."""
    return Field(default=default, sa_column=Column(Integer, nullable=default is None, **kw))


def table(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a row class."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
