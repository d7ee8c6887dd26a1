"""The shapes of columns the tables share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from sqlalchemy import Column, Connection, Integer, Table, Text, insert
from sqlmodel import Field, SQLModel

from supportdesk.store.compiled import Compiled

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


def add(connection: Connection, model: Table, values: Mapping[str, object]) -> int:
    """Put a row into a table; returns its number."""
    return _adding(model, tuple(values)).run(connection, **values).lastrowid or 0


@cache
def _adding(model: Table, columns: tuple[str, ...]) -> Compiled:
    """An INSERT of these columns, made once."""
    return Compiled(insert(model), columns)
