"""The same for many tickets at once: assign, tag, reroute, pause. Never approve: an answer is read one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.decision import Decision
from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import DecisionKind
from supportdesk.errors import BadInput, DeskError, NotFound
from supportdesk.services.ports import Clock, Store
from supportdesk.services.review import Review

ALLOWED = (DecisionKind.REROUTE, DecisionKind.PAUSE)
"""The decisions that may be made for many tickets at once."""


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What came of it."""

    done: tuple[int, ...]
    """Numbers of the tickets it was done to."""
    refused: tuple[tuple[int, str], ...] = ()
    """Those it was not done to, each with the reason."""

    @property
    def words(self) -> str:
        """In one sentence; the first reason stands for the others."""
        count = len(self.done)
        said = f"Done for {count} ticket{'' if count == 1 else 's'}."
        if self.refused:
            number, why = self.refused[0]
            others = f" (and {len(self.refused) - 1} more)" if len(self.refused) > 1 else ""
            said += f" Not for #{number}{others}: {why}"
        return said


class Bulk:
    """Changes to several tickets; each is a transaction of its own and a link in the records."""

    def __init__(self, store: Store, clock: Clock, review: Review) -> None:
        """Work on this store, deciding by way of the review's gate."""
        self._store = store
        self._clock = clock
        self._review = review

    def assign(self, ids: Sequence[int], login: str, to: str) -> BulkReport:
        """Make somebody responsible; empty for nobody. Raises NotFound for a person the desk does not know."""
        if to:
            with self._store.read() as tx:
                person = tx.people.get(to)
            if person is None or not person.active:
                raise NotFound(f"{to} does not work at this desk; a lead adds people with `supportdesk people add`.")
        return self._each(ids, login, lambda _: ("assignee", to), "assigned", {"to": to})

    def tag(self, ids: Sequence[int], login: str, words: str) -> BulkReport:
        """Add tags, or take those away that begin with a minus. Raises BadInput for none."""
        tags = list(dict.fromkeys(words.replace(",", " ").split()))
        if not any(t.strip("-") for t in tags):
            raise BadInput("Say at least one tag, such as vip; -vip takes one away.")

        def change(ticket: Ticket) -> tuple[str, object]:
            kept = [t for t in ticket.tags if f"-{t}" not in tags]
            return "tags", tuple(dict.fromkeys([*kept, *(t for t in tags if not t.startswith("-"))]))

        return self._each(ids, login, change, "tagged", {"tags": " ".join(tags)})

    def decide(self, ids: Sequence[int], login: str, make: Callable[[datetime], Decision]) -> BulkReport:
        """Reroute or pause each; open checklist items are recorded as not judged. Raises BadInput for others."""
        decision = make(self._clock.now())
        if decision.kind not in ALLOWED:
            raise BadInput(f"{decision.kind.value} is decided ticket by ticket.")

        def one(ticket_id: int) -> None:
            holder = self._review.holder(ticket_id)
            self._review.take(ticket_id, login)
            try:
                self._review.decide(ticket_id, login, decision, rest_not_judged=True)
            finally:
                if holder is None:
                    self._review.release(ticket_id, login)

        return _report(ids, one)

    def _each(
        self,
        ids: Sequence[int],
        login: str,
        change: Callable[[Ticket], tuple[str, object]],
        action: str,
        body: dict[str, object],
    ) -> BulkReport:
        with self._store.read() as tx:
            person = tx.people.get(login)
        if person is None or not person.active:
            raise BadInput("You read only at this desk: a lead adds people with `supportdesk people add`.")

        def one(ticket_id: int) -> None:
            with self._store.write() as tx:
                name, value = change(tx.tickets.get(ticket_id))
                tx.tickets.change(ticket_id, expect=None, **{name: value})
                tx.records.append(login, action, ticket_id, body, self._clock.now())

        return _report(ids, one)


def _report(ids: Iterable[int], one: Callable[[int], None]) -> BulkReport:
    done: list[int] = []
    refused: list[tuple[int, str]] = []
    for ticket_id in ids:
        try:
            one(ticket_id)
        except DeskError as error:
            refused.append((ticket_id, str(error)))
        else:
            done.append(ticket_id)
    return BulkReport(tuple(done), tuple(refused))
