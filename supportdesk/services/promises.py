"""The ledger of commitments: written with the approval, counting once sent, surfacing before it breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from supportdesk.domain.case import Case
from supportdesk.domain.hours import BusinessHours
from supportdesk.domain.people import Person
from supportdesk.domain.promise import Promise, PromiseState
from supportdesk.errors import BadInput, Refused
from supportdesk.services.ports import Clock, Store, Transaction

Notify = Callable[[Mapping[str, object]], str]
"""Tells somebody; returns what went wrong, empty when nothing did."""
DESK = "desk"
AHEAD = timedelta(days=1)
"""A promise surfaces so much open time before its day ends, at least."""


@dataclass(frozen=True, slots=True)
class Falling:
    """A promise that falls due, or whose day is past."""

    promise: Promise
    """Which."""
    trouble: str = ""
    """Why telling failed, where it did."""


class Promises:
    """What the desk has promised. Every method is one short transaction."""

    def __init__(self, store: Store, clock: Clock, hours: BusinessHours, notify: Notify | None = None) -> None:
        """Work on this store; days end in these hours' time zone; `notify` tells who promised."""
        self._store = store
        self._clock = clock
        self._hours = hours
        self._notify = notify

    def open(self) -> tuple[Promise, ...]:
        """Promises nobody has settled yet, the soonest due first, those without a day last."""
        with self._store.read() as tx:
            return tx.promises.all([PromiseState.OPEN])

    def all(self, *states: PromiseState, ticket_id: int | None = None) -> tuple[Promise, ...]:
        """Promises in these states; all that were sent, where none is named."""
        with self._store.read() as tx:
            sent = (PromiseState.OPEN, PromiseState.KEPT, PromiseState.BROKEN)
            return tx.promises.all(states or sent, ticket_id=ticket_id)

    def get(self, promise_id: int) -> Promise:
        """One promise. Raises NotFound."""
        with self._store.read() as tx:
            return tx.promises.get(promise_id)

    def due(self) -> tuple[Promise, ...]:
        """Open promises whose day ends before the desk has been open for another day, and those overdue."""
        with self._store.read() as tx:
            return tx.promises.all([PromiseState.OPEN], due_before=self._soon())

    def settle(self, promise_id: int, login: str, *, kept: bool, note: str = "") -> Promise:
        """Record that it was kept or broken. Raises Refused when it is settled, BadInput for a breach without words."""
        if not kept and not note.strip():
            raise BadInput("Say how it was broken and what the customer was told.")
        with self._store.write() as tx:
            person = tx.people.get(login)
            if person is None or not person.active:
                raise Refused(f"{login} is not active at this desk; a lead can change that.")
            promise = tx.promises.get(promise_id)
            if promise.state is not PromiseState.OPEN:
                raise Refused(f"Promise {promise_id} is {promise.state}: only an open one can be settled.")
            now = self._clock.now()
            state = PromiseState.KEPT if kept else PromiseState.BROKEN
            tx.promises.change(promise_id, state=state.value, settled_at=now, settled_by=login, note=note)
            tx.records.append(login, f"promise_{state}", promise.ticket_id, {"promise": promise_id, "note": note}, now)
            return tx.promises.get(promise_id)

    def watch(self) -> tuple[Falling, ...]:
        """Tell once of each promise that falls due; recorded before anybody is told."""
        with self._store.read() as tx:
            if not any(p.warned_at is None for p in tx.promises.all([PromiseState.OPEN], due_before=self._soon())):
                return ()
        found: list[Promise] = []
        with self._store.write() as tx:
            now = self._clock.now()
            for promise in tx.promises.all([PromiseState.OPEN], due_before=self._soon()):
                if promise.warned_at is None:
                    tx.promises.change(promise.id, warned_at=now)
                    body = {"promise": promise.id, "due": promise.due_at}
                    tx.records.append(DESK, "promise_falls_due", promise.ticket_id, body, now)
                    found.append(replace(promise, warned_at=now))
        return tuple(Falling(promise, self._tell(promise)) for promise in found)

    def _soon(self) -> datetime:
        now = self._clock.now()
        return max(self._hours.add(now, timedelta(hours=8)), now + AHEAD)

    def _tell(self, promise: Promise) -> str:
        if self._notify is None:
            return ""
        return self._notify(
            {
                "to": promise.by,
                "what": "promise_falls_due",
                "promise": promise.id,
                "ticket": promise.ticket_id,
                "words": promise.quote,
                "due": promise.due_at,
            }
        )


def end_of(day: date, zone: tzinfo) -> datetime:
    """The end of a local day, UTC: a promise for Friday is kept until Friday is over."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def write_down(tx: Transaction, case: Case, approval_id: int, now: datetime, zone: tzinfo) -> int:
    """Put what an approved draft promises into the ledger, in the approval's own transaction; returns how many."""
    revision = case.revision
    if revision is None:
        return 0
    for commitment in {c.fingerprint: c for c in case.examination.commitments}.values():
        granted = tx.promises.granted_by(revision.id, commitment.fingerprint)
        promise = Promise(
            id=0,
            ticket_id=case.ticket.id,
            kind=commitment.kind,
            quote=commitment.quote,
            amount="" if commitment.amount is None else str(commitment.amount),
            currency=commitment.currency,
            to=revision.to,
            due_at=None if commitment.due is None else end_of(commitment.due, zone),
            by=case.reviewer.login,
            authority=f"{granted} (granted)" if granted else _title(case.reviewer),
            at=now,
        )
        tx.promises.add(promise, approval_id, commitment.fingerprint, case.ticket.queue)
    return len(case.examination.commitments)


def _title(person: Person) -> str:
    return f"{person.login} ({person.role})"
