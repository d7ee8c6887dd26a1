"""An escalation: who decides, by when, and what happens when nobody does."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from supportdesk.domain.hours import BusinessHours
from supportdesk.domain.people import Person
from supportdesk.domain.routing import Routing

LEAD = "lead"
"""Role that everything without an owner falls to."""

DEFAULT_CLOCK = "default"
"""Name of the clock for triggers that have none of their own."""


class EscalationState(StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"


class Outcome(StrEnum):
    """What its owner makes of an escalation."""

    GRANT = "grant"
    REFUSE = "refuse"
    ANSWER = "answer"
    HAND_BACK = "hand_back"
    REDIRECT = "redirect"


class Step(StrEnum):
    """Something that happened to an escalation by itself or by a person; each is recorded."""

    STARTED = "started"
    ACKNOWLEDGE_WARNED = "acknowledge_warned"
    ACKNOWLEDGE_BREACHED = "acknowledge_breached"
    HANDED_TO_BACKUP = "handed_to_backup"
    HANDED_TO_LEAD = "handed_to_lead"
    RESOLVE_WARNED = "resolve_warned"
    RESOLVE_BREACHED = "resolve_breached"
    ACKNOWLEDGED = "acknowledged"
    REDIRECTED = "redirected"
    DECIDED = "decided"
    NOTIFY_FAILED = "notify_failed"


BREACHES = frozenset({Step.ACKNOWLEDGE_BREACHED, Step.RESOLVE_BREACHED})
"""Steps that say a time was missed."""


@dataclass(frozen=True, slots=True)
class EscalationEvent:
    """One recorded step."""

    step: Step
    """What happened."""
    at: datetime
    """When it was recorded, UTC."""
    turn: int = 0
    """Under which owner: 0 for the first, one more with each redirection."""
    due_at: datetime | None = None
    """When it should have been, for what a clock does; UTC."""
    who: str = ""
    """Who did it, or whom it went to."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A ticket in somebody else's hands for a decision."""

    id: int
    """Its number."""
    ticket_id: int
    """Which ticket."""
    trigger: str
    """Why, as the reviewer named it; may be empty."""
    owner: str
    """Login or role of who decides."""
    backup: str
    """Login or role of who decides when the owner does not."""
    expected: str
    """The decision that is asked for."""
    opened_by: str
    """Login of who escalated it."""
    opened_at: datetime
    """When, UTC."""
    state: EscalationState = EscalationState.OPEN
    """Where it stands."""
    reason: str = ""
    """Reason code."""
    note: str = ""
    """The reviewer's words."""
    context: tuple[int, ...] = ()
    """Positions of the messages that matter."""
    acknowledge_by: datetime | None = None
    """When somebody should have said they have it, UTC; None before its clocks are set."""
    resolve_by: datetime | None = None
    """When it should be decided, UTC."""
    acknowledged_at: datetime | None = None
    """When somebody took it on, UTC."""
    acknowledged_by: str = ""
    """Who."""
    resolved_at: datetime | None = None
    """When it was decided, UTC."""
    resolved_by: str = ""
    """Who."""
    outcome: str = ""
    """What was decided."""
    instruction: str = ""
    """What the reviewer is told to do."""
    step: int = 0
    """Whose it is: 0 the owner's, 1 the backup's, 2 the lead's."""
    boot: str = ""
    """The boot in which it was opened."""
    uptime: int = 0
    """Milliseconds since that boot."""
    events: tuple[EscalationEvent, ...] = ()
    """What happened so far, oldest first."""

    @property
    def holder(self) -> str:
        """Login or role of whose it is now."""
        return (self.owner, self.backup, LEAD)[min(self.step, 2)]

    @property
    def turn(self) -> int:
        """How often it was redirected."""
        return sum(e.step is Step.REDIRECTED for e in self.events)

    @property
    def breached(self) -> bool:
        """Whether a time was missed under its present owner, or the time to decide at all."""
        return any(e.step is Step.RESOLVE_BREACHED or (e.step in BREACHES and e.turn == self.turn) for e in self.events)

    @property
    def started_at(self) -> datetime:
        """When its present owner got it, UTC."""
        turns = [e.at for e in self.events if e.step is Step.REDIRECTED]
        return turns[-1] if turns else self.opened_at


@dataclass(frozen=True, slots=True)
class ClockRule:
    """How long one sort of escalation may take."""

    acknowledge: timedelta
    """Until somebody says they have it."""
    resolve: timedelta
    """Until it is decided."""
    around_the_clock: bool = False
    """Whether nights, weekends and holidays count too."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """All a desk says about how long escalations may take."""

    rules: Mapping[str, ClockRule]
    """By trigger; `default` is always there."""
    hours: BusinessHours
    """When somebody is there."""
    warn_at: float = 0.75
    """Share of the time after which a warning comes."""

    def rule(self, triggers: Iterable[str]) -> ClockRule:
        """The strictest rule of all the triggers in play: around the clock first, then the shortest."""
        found = [self.rules[t] for t in triggers if t in self.rules] or [self.rules[DEFAULT_CLOCK]]
        return min(found, key=lambda r: (not r.around_the_clock, r.acknowledge, r.resolve))

    def after(self, rule: ClockRule, start: datetime, span: timedelta) -> datetime:
        """The instant at which so much of a rule's time has passed."""
        return start + span if rule.around_the_clock else self.hours.add(start, span)


def real_now(escalation: Escalation, now: datetime, boot: tuple[str, int]) -> datetime:
    """The time for this escalation's clocks: a wall clock that was set back gains nobody time.

    Within the boot in which it was opened the uptime tells how long it really was; after another boot,
    time is at least as late as the last thing recorded.
    """
    latest = max([now, escalation.opened_at, *(e.at for e in escalation.events)])
    if escalation.boot and boot[0] == escalation.boot:
        latest = max(latest, escalation.opened_at + timedelta(milliseconds=boot[1] - escalation.uptime))
    return latest


def due_steps(escalation: Escalation, clocks: Clocks, rule: ClockRule, now: datetime) -> tuple[EscalationEvent, ...]:
    """What the clocks say must be recorded now and was not yet, in the order it fell due."""
    if escalation.state is EscalationState.DECIDED:
        return ()
    turn, start = escalation.turn, escalation.started_at
    plan: list[tuple[Step, datetime, int, str]] = []
    if escalation.state is EscalationState.OPEN:
        missed = clocks.after(rule, start, rule.acknowledge)
        last = clocks.after(rule, missed, rule.acknowledge)
        plan += [
            (Step.ACKNOWLEDGE_WARNED, clocks.after(rule, start, rule.acknowledge * clocks.warn_at), turn, ""),
            (Step.ACKNOWLEDGE_BREACHED, missed, turn, escalation.owner),
            (Step.HANDED_TO_BACKUP, missed, turn, escalation.backup),
            (Step.HANDED_TO_LEAD, last, turn, LEAD),
        ]
    opened = escalation.opened_at
    plan += [
        (Step.RESOLVE_WARNED, clocks.after(rule, opened, rule.resolve * clocks.warn_at), 0, ""),
        (Step.RESOLVE_BREACHED, clocks.after(rule, opened, rule.resolve), 0, escalation.holder),
    ]
    done = {(e.step, e.turn) for e in escalation.events}
    due = [p for p in plan if p[1] <= now and (p[0], p[2]) not in done]
    due.sort(key=lambda p: p[1])
    return tuple(EscalationEvent(step, now, of_turn, at, who) for step, at, of_turn, who in due)


def is_for(person: Person, name: str) -> bool:
    """Whether a login or role that was named means this person."""
    return bool(name) and person.active and name in (person.login, person.role)


def may_decide(person: Person, escalation: Escalation) -> bool:
    """Whether a person may acknowledge and decide: its owner, its backup, or a lead."""
    return any(is_for(person, name) for name in (escalation.owner, escalation.backup, LEAD))


def not_theirs(person: Person, escalation: Escalation) -> str:
    """Why a person may not acknowledge or decide, in a sentence; empty when they may."""
    if not may_decide(person, escalation):
        return f"This is for {escalation.owner}, {escalation.backup} or a lead to decide."
    if escalation.state is EscalationState.DECIDED:
        return f"{escalation.resolved_by} has decided it already: {escalation.outcome.replace('_', ' ')}."
    return ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What its owner decides about an escalation."""

    outcome: Outcome
    """Grant, refuse, answer, hand back or redirect."""
    instruction: str = ""
    """Words for the reviewer; needed to refuse and to hand back."""
    owner: str = ""
    """Login or role it goes to, for redirect."""
    backup: str = ""
    """Who stands in there, for redirect; the present backup where empty."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Who decides for a trigger, and whether they work here."""

    trigger: str
    """Which trigger."""
    owner: str
    """Login or role; empty where nobody is named."""
    backup: str
    """Login or role."""
    owner_works_here: bool
    """Whether an active person answers to the owner's name."""
    backup_works_here: bool
    """Whether an active person, other than the owner alone, answers to the backup's name."""


def works_here(name: str, people: Iterable[Person]) -> bool:
    """Whether an active person answers to a login or role."""
    return any(is_for(person, name) for person in people)


def unfit(owner: str, backup: str, people: Iterable[Person], named: Container[str] = ()) -> str:
    """Why an escalation may not go to these two, in a sentence; empty when it may.

    `named` are the names the settings use: they may mean somebody who is away; readiness tells, the lead stands in.
    """
    people = tuple(people)
    for name in (owner, backup):
        if name and name not in named and not works_here(name, people):
            return f"Nobody active here answers to “{name}”: name a login or a role."
    if owner and owner == backup:
        return "Whoever decides if they do not must be somebody else."
    return ""


def owners_for(trigger: str, routing: Routing, people: Iterable[Person]) -> Owners:
    """Who decides for a trigger: the first rule that names somebody for it, else the owner of its queue."""
    people = tuple(people)
    rules = [r for r in routing.rules if r.trigger == trigger and len(r.conditions) == 1]
    place = next((r.queue for r in rules if r.queue), routing.category(routing.fallback).queue)
    queue = routing.queue(place)
    owner = next((r.owner for r in rules if r.owner), "") or (queue.owner if queue else "")
    backup = next((r.backup for r in rules if r.backup), "") or (queue.backup if queue else "")
    others = [p for p in people if p.login != owner]
    return Owners(trigger, owner, backup, works_here(owner, people), works_here(backup, others))
