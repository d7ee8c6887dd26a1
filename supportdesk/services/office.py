"""What a workstation asks of the back office, and sees of it. They talk through the store only."""

from __future__ import annotations

from supportdesk.domain.calls import ModelCall, OfficeState
from supportdesk.domain.preparation import Provenance
from supportdesk.services.ports import Clock, Store
from supportdesk.services.ports.work import Calls, Claims


class Office:
    """The back office as it is seen from outside."""

    def __init__(self, store: Store, clock: Clock, claims: Claims, calls: Calls) -> None:
        """Look at this store."""
        self._store = store
        self._clock = clock
        self._claims = claims
        self._calls = calls

    def state(self) -> OfficeState:
        """Its processes, what waits, and whether it is paused."""
        workers, paused = self._claims.workers(), self._claims.paused_by()
        with self._store.read() as tx:
            return OfficeState(workers, tx.tickets.count_to_prepare(), paused)

    def want(self, ticket_id: int) -> bool:
        """Somebody opened a ticket: where its thread is not prepared yet, it comes before all others."""
        with self._store.read() as tx:
            ticket = tx.tickets.get(ticket_id)
        if ticket.prepared_version == ticket.thread_version:
            return False
        self._claims.want(ticket_id)
        return True

    def pause(self, login: str) -> str:
        """Prepare nothing for now, or go on; returns what it is now, in words."""
        paused = self._claims.paused_by()
        self._claims.pause("" if paused else login)
        with self._store.write() as tx:
            tx.records.append(login, "resumed_office" if paused else "paused_office", 0, {}, self._clock.now())
        return "The back office goes on." if paused else "The back office is paused: nothing is prepared for now."

    def calls(self, made: Provenance) -> tuple[ModelCall, ...]:
        """The calls a preparation took, each with all that was sent."""
        return tuple(self._calls.get(call) for call in made.calls)
