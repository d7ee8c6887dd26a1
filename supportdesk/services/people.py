"""Who works at the desk. Changed only by a lead, and recorded."""

from __future__ import annotations

from supportdesk.domain.people import Person
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.services.ports import Clock, Store, Transaction

LEAD = "lead"


class Staff:
    """The people of a desk."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Work on this store."""
        self._store = store
        self._clock = clock

    def enter(self, login: str) -> Person:
        """Who is at the keyboard; the very first person at a new desk becomes its lead.

        Somebody the desk does not know yet may read: they come back as an inactive agent that is not stored.
        """
        with self._store.read() as tx:
            person = tx.people.get(login)
            if person is not None:
                return person
            if tx.people.all():
                return Person(login, active=False)
        with self._store.write() as tx:
            if not tx.people.all():
                self._put(tx, login, Person(login, role=LEAD))
            return tx.people.get(login) or Person(login, active=False)

    def all(self) -> tuple[Person, ...]:
        """Everybody, by login."""
        with self._store.read() as tx:
            return tx.people.all()

    def put(self, by: str, person: Person) -> None:
        """Add or change a person.

        Raises Refused unless an active lead does it, and when it would leave the desk without one.
        """
        if not person.login or person.login.split() != [person.login] or person.login == "assistant":
            raise BadInput("A login is one word, and not `assistant`.")
        with self._store.write() as tx:
            everybody = tx.people.all()
            actor = tx.people.get(by)
            if everybody and (actor is None or not actor.active or actor.role != LEAD):
                raise Refused("Only an active lead changes who works here.")
            after = {p.login: p for p in everybody} | {person.login: person}
            if not any(p.role == LEAD and p.active for p in after.values()):
                raise Refused("The desk needs at least one active lead.")
            self._put(tx, by, person)

    def get(self, login: str) -> Person:
        """A person by login. Raises NotFound."""
        with self._store.read() as tx:
            person = tx.people.get(login)
        if person is None:
            raise NotFound(f"{login} is not known at this desk.")
        return person

    def _put(self, tx: Transaction, by: str, person: Person) -> None:
        tx.people.put(person, by)
        body = {"login": person.login, "role": person.role, "active": person.active}
        tx.records.append(by, "changed_person", 0, body, self._clock.now())
