"""Exercises, on a database connection: a table of their own that no ticket, figure or outbox knows of."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from supportdesk.domain.exercise import Exercise
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.tables import ExerciseRow, table

_EXERCISE = table(ExerciseRow)
_PLAIN = ("id", "login", "name", "source", "draft", "fault", "quote", "why", "answer")


class SqlExercises:
    """The `Exercises` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def add(self, exercise: Exercise) -> int:
        """Keep an exercise that is shown; returns its number."""
        values = {name: mapping.storable(getattr(exercise, name)) for name in _PLAIN if name != "id"}
        values |= {"thread_json": mapping.packed([list(m) for m in exercise.thread])}
        shown = mapping.milliseconds(exercise.shown_at)
        key = self._connection.execute(insert(_EXERCISE).values(shown_at=shown, **values)).inserted_primary_key
        return int(key[0]) if key else 0

    def get(self, exercise_id: int) -> Exercise:
        """One exercise. Raises NotFound."""
        row = self._connection.execute(select(_EXERCISE).where(_EXERCISE.c.id == exercise_id)).mappings().first()
        if row is None:
            raise NotFound(f"There is no exercise {exercise_id}.")
        return _exercise_from(row)

    def all(self, login: str = "") -> tuple[Exercise, ...]:
        """A person's exercises, or everybody's, oldest first."""
        statement = select(_EXERCISE).order_by(_EXERCISE.c.id)
        if login:
            statement = statement.where(_EXERCISE.c.login == login)
        return tuple(_exercise_from(row) for row in self._connection.execute(statement).mappings())

    def answer(self, exercise_id: int, answer: str, *, caught: bool, at: datetime) -> None:
        """Keep the answer."""
        values = {"answer": mapping.storable(answer), "caught": int(caught), "answered_at": mapping.milliseconds(at)}
        self._connection.execute(update(_EXERCISE).where(_EXERCISE.c.id == exercise_id).values(values))


def _exercise_from(row: Any) -> Exercise:
    shown = mapping.moment(row["shown_at"])
    assert shown is not None
    return Exercise(
        **{name: row[name] for name in _PLAIN},
        thread=tuple((author, words) for author, words in json.loads(row["thread_json"])),
        shown_at=shown,
        answered_at=mapping.moment(row["answered_at"]),
        caught=None if row["caught"] is None else bool(row["caught"]),
    )
