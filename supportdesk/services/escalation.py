"""Escalations: their clocks, whose they are, and the decision with which the ticket goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from supportdesk.domain.escalation import (
    LEAD,
    ClockRule,
    Clocks,
    Escalation,
    EscalationEvent,
    EscalationState,
    Outcome,
    Owners,
    Ruling,
    Step,
    due_steps,
    is_for,
    not_theirs,
    owners_for,
    real_now,
    unfit,
    works_here,
)
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.people import Person
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Address, Message, Ticket
from supportdesk.domain.words import Author, Status, TriggerKind
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.services.ports import Clock, Store, Transaction

Notify = Callable[[Mapping[str, object]], str]
"""Tells somebody; returns what went wrong, empty when nothing did."""

DESK = "desk"
"""Who does what the clocks do."""

_TOLD = frozenset(Step) - {Step.NOTIFY_FAILED, Step.ACKNOWLEDGED, Step.DECIDED}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a clock did, or a new escalation, that its holder should hear of."""

    escalation: Escalation
    """Which, as it stands now."""
    event: EscalationEvent
    """What happened."""
    to: str
    """Login or role it is for."""
    trouble: str = ""
    """Why telling them failed, where it did."""


@dataclass(frozen=True, slots=True)
class Views:
    """What an owner wants to see, oldest first; a missed one stands in `breached` and where it belongs."""

    mine: tuple[Escalation, ...]
    """Waiting for this person."""
    stand_in: tuple[Escalation, ...]
    """This person is the backup; still the owner's."""
    unowned: tuple[Escalation, ...]
    """Nobody who works here answers to the owner's name, nor to the backup's."""
    breached: tuple[Escalation, ...]
    """A time was missed."""
    all: tuple[Escalation, ...]
    """Every undecided one."""


@dataclass(frozen=True, slots=True)
class Opened:
    """All an owner has in front of them."""

    escalation: Escalation
    """The matter."""
    ticket: Ticket
    """Its ticket."""
    context: tuple[Message, ...]
    """What the reviewer attached; else the messages its trigger stands in, else the customer's latest."""


class Escalations:
    """What waits for somebody else's decision. Every method is one short transaction."""

    def __init__(
        self, store: Store, clock: Clock, clocks: Clocks, routing: Routing, notify: Notify | None = None
    ) -> None:
        """Work on this store; `notify` tells owners."""
        self._store = store
        self._clock = clock
        self._clocks = clocks
        self._routing = routing
        self._notify = notify

    def watch(self) -> tuple[Notice, ...]:
        """Let the clocks do what is due: set, warn, mark missed times, hand on. Each is recorded once.

        Owners are told after the records are durable; what went wrong in telling them is recorded too.
        """
        notices: list[Notice] = []
        with self._store.write() as tx:
            people = tx.people.all()
            for escalation in tx.escalations.all():
                notices += self._tick(tx, escalation, people)
        return tuple(self._tell(notice) for notice in notices)

    def all(self, *, undecided: bool = True, ticket_id: int | None = None) -> tuple[Escalation, ...]:
        """Escalations, oldest first."""
        with self._store.read() as tx:
            return tx.escalations.all(undecided=undecided, ticket_id=ticket_id)

    def views(self, person: Person) -> Views:
        """The undecided escalations as one person wants to see them."""
        with self._store.read() as tx:
            every = tx.escalations.all()
            people = tx.people.all()
        mine = [e for e in every if is_for(person, e.holder)]
        return Views(
            mine=tuple(mine),
            stand_in=tuple(e for e in every if e.step == 0 and is_for(person, e.backup) and e not in mine),
            unowned=tuple(e for e in every if not works_here(e.owner, people) and not works_here(e.backup, people)),
            breached=tuple(e for e in every if e.breached),
            all=every,
        )

    def open(self, escalation_id: int) -> Opened:
        """An escalation with its ticket and the messages that matter. Raises NotFound."""
        with self._store.read() as tx:
            escalation = tx.escalations.get(escalation_id)
            ticket = tx.tickets.get(escalation.ticket_id)
            thread = tx.tickets.thread(escalation.ticket_id)
            flags = tx.reviews.flags(escalation.ticket_id)
        named = set(escalation.context) or {f.message for f in flags if f.kind.value == escalation.trigger}
        chosen = tuple(m for m in thread.messages if m.position in named)
        return Opened(escalation, ticket, chosen or thread.customer_messages[-1:])

    def latest(self, ticket_id: int) -> Escalation | None:
        """A ticket's latest escalation, for the reviewer it comes back to."""
        found = self.all(undecided=False, ticket_id=ticket_id)
        return found[-1] if found else None

    def acknowledge(self, escalation_id: int, login: str) -> Escalation:
        """Say "I have it". Raises Refused for anybody but its owner, backup or a lead."""
        with self._store.write() as tx:
            escalation, _ = self._mine(tx, escalation_id, login)
            if escalation.state is EscalationState.ACKNOWLEDGED:
                raise Refused(f"{escalation.acknowledged_by} has it already.")
            now = self._now(escalation)
            self._note(tx, escalation, EscalationEvent(Step.ACKNOWLEDGED, now, escalation.turn, None, login), login)
            self._acknowledge(tx, escalation, login, now)
            return tx.escalations.get(escalation_id)

    def decide(self, escalation_id: int, login: str, ruling: Ruling) -> Escalation:
        """Decide it: the ticket is open again, with the decision as a note in its thread.

        To answer oneself makes the ticket one's own; to redirect makes the escalation somebody else's.
        Raises Refused for anybody but its owner, backup or a lead, for who asked to be granted something,
        and BadInput when words or a new owner are missing.
        """
        with self._store.write() as tx:
            escalation, person = self._mine(tx, escalation_id, login)
            if ruling.outcome in (Outcome.REFUSE, Outcome.HAND_BACK) and not ruling.instruction.strip():
                raise BadInput("Say what the reviewer should do instead: give an instruction.")
            if ruling.outcome is Outcome.GRANT and login == escalation.opened_by:
                raise Refused("Nobody grants what they asked for themselves.")
            now = self._now(escalation)
            if ruling.outcome is Outcome.REDIRECT:
                self._redirect(tx, escalation, login, ruling, now)
            else:
                self._rule(tx, escalation, person, ruling, now)
            return tx.escalations.get(escalation_id)

    def owners(self) -> tuple[Owners, ...]:
        """Who decides for each trigger that escalates here, by the desk's routing."""
        with self._store.read() as tx:
            people = tx.people.all()
        return tuple(owners_for(kind.value, self._routing, people) for kind in TriggerKind)

    def _tick(self, tx: Transaction, escalation: Escalation, people: Iterable[Person]) -> list[Notice]:
        people = tuple(people)
        ticket = tx.tickets.get(escalation.ticket_id)
        rule = self._clocks.rule(dict.fromkeys([escalation.trigger, *ticket.triggers]))
        now = self._now(escalation)
        due: list[EscalationEvent] = []
        if escalation.acknowledge_by is None:
            due.append(EscalationEvent(Step.STARTED, now, 0, escalation.opened_at, escalation.owner))
            self._set_clocks(tx, escalation, rule)
        due += due_steps(escalation, self._clocks, rule, now)
        due += _skips(escalation, people, due, now)
        for event in due:
            self._note(tx, escalation, event, DESK)
            if event.step in (Step.HANDED_TO_BACKUP, Step.HANDED_TO_LEAD):
                tx.escalations.change(escalation.id, step=1 if event.step is Step.HANDED_TO_BACKUP else 2)
        after = tx.escalations.get(escalation.id) if due else escalation
        return [Notice(after, event, event.who or after.holder) for event in due if event.step in _TOLD]

    def _set_clocks(self, tx: Transaction, escalation: Escalation, rule: ClockRule) -> None:
        after = self._clocks.after
        tx.escalations.change(
            escalation.id,
            acknowledge_by=after(rule, escalation.started_at, rule.acknowledge),
            resolve_by=after(rule, escalation.opened_at, rule.resolve),
        )

    def _redirect(self, tx: Transaction, escalation: Escalation, login: str, ruling: Ruling, now: datetime) -> None:
        people = tx.people.all()
        if not works_here(ruling.owner, people):
            raise BadInput(f"Nobody active here answers to “{ruling.owner}”: name a login or a role.")
        if words := unfit(ruling.owner, ruling.backup, people, self._routing.owners):
            raise BadInput(words)
        backup = ruling.backup or (escalation.backup if escalation.backup != ruling.owner else LEAD)
        event = EscalationEvent(Step.REDIRECTED, now, escalation.turn, None, ruling.owner)
        self._note(tx, escalation, event, login)
        moved = replace(tx.escalations.get(escalation.id), owner=ruling.owner, backup=backup)
        ticket = tx.tickets.get(escalation.ticket_id)
        rule = self._clocks.rule(dict.fromkeys([escalation.trigger, *ticket.triggers]))
        tx.escalations.change(
            escalation.id,
            owner=ruling.owner,
            backup=backup,
            instruction=ruling.instruction,
            state=EscalationState.OPEN.value,
            step=0,
            acknowledged_at=None,
            acknowledged_by="",
        )
        self._set_clocks(tx, moved, rule)
        tx.tickets.change(escalation.ticket_id, assignee=ruling.owner)

    def _rule(self, tx: Transaction, escalation: Escalation, person: Person, ruling: Ruling, now: datetime) -> None:
        login = person.login
        if escalation.state is EscalationState.OPEN:
            self._acknowledge(tx, escalation, login, now)
        event = EscalationEvent(Step.DECIDED, now, escalation.turn, None, login)
        tx.escalations.add_event(escalation.id, event)
        tx.escalations.change(
            escalation.id,
            state=EscalationState.DECIDED.value,
            resolved_at=now,
            resolved_by=login,
            outcome=ruling.outcome.value,
            instruction=ruling.instruction,
        )
        wall = self._clock.now()
        note = IncomingMessage(
            author=Author.INTERNAL,
            text=decision_words(escalation, ruling),
            sender=Address("", str(person)),
            sent_at=wall,
        )
        tx.tickets.add_message(escalation.ticket_id, note, wall, f"escalation:{escalation.id}")
        back_to = login if ruling.outcome is Outcome.ANSWER else escalation.opened_by
        tx.tickets.change(escalation.ticket_id, status=Status.OPEN.value, assignee=back_to)
        body = {"escalation": escalation.id, "outcome": ruling.outcome, "instruction": ruling.instruction}
        tx.records.append(login, "escalation_decided", escalation.ticket_id, body, wall)

    def _acknowledge(self, tx: Transaction, escalation: Escalation, login: str, now: datetime) -> None:
        fields = {"state": EscalationState.ACKNOWLEDGED.value, "acknowledged_by": login}
        tx.escalations.change(escalation.id, acknowledged_at=now, **fields)

    def _mine(self, tx: Transaction, escalation_id: int, login: str) -> tuple[Escalation, Person]:
        escalation = tx.escalations.get(escalation_id)
        person = tx.people.get(login)
        if person is None:
            raise NotFound(f"{login} is not known at this desk; a lead can add them with `supportdesk people add`.")
        if words := not_theirs(person, escalation):
            raise Refused(words)
        return escalation, person

    def _note(self, tx: Transaction, escalation: Escalation, event: EscalationEvent, by: str) -> None:
        tx.escalations.add_event(escalation.id, event)
        body = {"escalation": escalation.id, "to": event.who, "due": event.due_at}
        tx.records.append(by, f"escalation_{event.step}", escalation.ticket_id, body, self._clock.now())

    def _now(self, escalation: Escalation) -> datetime:
        return real_now(escalation, self._clock.now(), self._clock.boot())

    def _tell(self, notice: Notice) -> Notice:
        if self._notify is None:
            return notice
        escalation = notice.escalation
        trouble = self._notify(
            {
                "to": notice.to,
                "what": notice.event.step,
                "escalation": escalation.id,
                "ticket": escalation.ticket_id,
                "trigger": escalation.trigger,
                "expected": escalation.expected,
                "acknowledge_by": escalation.acknowledge_by,
                "resolve_by": escalation.resolve_by,
            }
        )
        if trouble:
            with self._store.write() as tx:
                failed = EscalationEvent(Step.NOTIFY_FAILED, self._now(escalation), notice.event.turn, None, notice.to)
                tx.escalations.add_event(escalation.id, failed)
                body = {"escalation": escalation.id, "to": notice.to, "trouble": trouble}
                tx.records.append(DESK, "escalation_notify_failed", escalation.ticket_id, body, self._clock.now())
        return replace(notice, trouble=trouble)


def _skips(
    escalation: Escalation, people: tuple[Person, ...], due: Iterable[EscalationEvent], now: datetime
) -> list[EscalationEvent]:
    """Hand on at once what nobody who works here would ever see."""
    handed = {e.step for e in (*escalation.events, *due) if e.turn == escalation.turn}
    if escalation.state is not EscalationState.OPEN or works_here(escalation.owner, people):
        return []
    if works_here(escalation.backup, people):
        step, who = Step.HANDED_TO_BACKUP, escalation.backup
    else:
        step, who = Step.HANDED_TO_LEAD, LEAD
    if step in handed or Step.HANDED_TO_LEAD in handed:
        return []
    return [EscalationEvent(step, now, escalation.turn, escalation.started_at, who)]


def decision_words(escalation: Escalation, ruling: Ruling) -> str:
    """The decision as a note for the reviewer."""
    said = {
        Outcome.GRANT: "Granted",
        Outcome.REFUSE: "Refused",
        Outcome.ANSWER: "Will be answered by the owner",
        Outcome.HAND_BACK: "Handed back",
    }[ruling.outcome]
    asked = f" (asked: {escalation.expected})" if escalation.expected else ""
    return f"Escalation {escalation.id}: {said}{asked}." + (f"\n{ruling.instruction}" if ruling.instruction else "")
