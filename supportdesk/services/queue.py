"""The queue: which tickets wait, in which order."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace

from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import QueueRow, Ticket
from supportdesk.domain.words import Status
from supportdesk.services.ports import Clock, Store, Transaction


class Queue:
    """What waits at the desk. Ids come from one query, rows are read in pages."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read this store."""
        self._store = store
        self._clock = clock

    def ids(self, query: QueueQuery, limit: int = 0) -> array[int]:
        """Ids of the tickets a query shows, in its order; the first `limit`, or all."""
        with self._store.read() as tx:
            ids = tx.tickets.ids(query, self._clock.now(), limit)
            if not query.first or not self._there(tx, query):
                return ids
            ids = array("q", [query.first, *(i for i in ids if i != query.first)])
            return ids[:limit] if limit else ids

    def page(self, ids: Sequence[int]) -> tuple[Ticket, ...]:
        """The tickets with these ids, in this order."""
        with self._store.read() as tx:
            return tx.tickets.page(ids)

    def rows(self, ids: Sequence[int], login: str = "", words: Sequence[str] = ()) -> tuple[QueueRow, ...]:
        """These tickets with what a queue says of them besides: unread by `login`, where `words` stand."""
        if not ids:
            return ()
        with self._store.read() as tx:
            unread = tx.tickets.unread(ids, login) if login else frozenset()
            found = tx.tickets.excerpts(ids, words) if words else {}
            return tuple(QueueRow(t, t.id in unread, found.get(t.id, "")) for t in tx.tickets.page(ids))

    def count(self, query: QueueQuery, limit: int = 0) -> int:
        """How many tickets a query shows, counting no further than `limit` where one is given."""
        with self._store.read() as tx:
            found = tx.tickets.count(query, self._clock.now(), limit)
            if query.first and self._there(tx, query):
                counted = tx.tickets.count(replace(query, id=query.first), self._clock.now())
                found = found + 1 - counted
            return min(found, limit) if limit else found

    def _there(self, tx: Transaction, query: QueueQuery) -> bool:
        """Whether there is a ticket with the number that was typed."""
        return tx.tickets.count(QueueQuery(status="any", id=query.first), self._clock.now()) > 0

    def last_id(self) -> int:
        """The highest number a ticket has; 0 without tickets."""
        with self._store.read() as tx:
            return tx.tickets.last_id()

    def get(self, ticket_id: int) -> Ticket:
        """One ticket. Raises NotFound."""
        with self._store.read() as tx:
            return tx.tickets.get(ticket_id)

    def wake(self) -> int:
        """Bring back paused tickets whose time has come; returns how many."""
        now = self._clock.now()
        with self._store.read() as tx:
            if not tx.tickets.to_wake(now):
                return 0
        with self._store.write() as tx:
            woken = tx.tickets.to_wake(now)
            for ticket_id in woken:
                tx.tickets.change(ticket_id, status=Status.OPEN.value, wake_at=None)
                tx.records.append("desk", "woke", ticket_id, {}, now)
            return len(woken)

    def changed(self) -> int:
        """A number that differs when another process has written since."""
        return self._store.changed()
