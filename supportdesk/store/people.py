"""Who works at the desk."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from supportdesk.domain.people import Person
from supportdesk.store.compiled import Compiled
from supportdesk.store.tables import PersonRow, table

_PERSON = table(PersonRow)
_ONE = Compiled(select(_PERSON).where(_PERSON.c.login == bindparam("who")))


class SqlPeople:
    """The `People` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def get(self, login: str) -> Person | None:
        """A person by login."""
        row = _ONE.first(self._connection, who=login)
        return None if row is None else _person_from(row)

    def all(self) -> tuple[Person, ...]:
        """Everybody, by login."""
        rows = self._connection.execute(select(_PERSON).order_by(_PERSON.c.login)).mappings()
        return tuple(_person_from(row) for row in rows)

    def put(self, person: Person, by: str) -> None:
        """Add or change a person; the database refuses it unless an active lead does."""
        values = {"name": person.name, "role": person.role, "active": int(person.active), "changed_by": by}
        which = _PERSON.c.login == person.login
        if (
            self._connection.execute(
                update(_PERSON).where(which).values(changes=_PERSON.c.changes + 1, **values)
            ).rowcount
            == 0
        ):
            self._connection.execute(insert(_PERSON).values(login=person.login, changes=0, **values))


def _person_from(row: Any) -> Person:
    return Person(row["login"], row["name"], row["role"], bool(row["active"]))
