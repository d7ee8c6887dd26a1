"""Escalations, figures and what can be learned, as the services need them from the store."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from supportdesk.domain.escalation import Escalation, EscalationEvent
from supportdesk.domain.exercise import Exercise
from supportdesk.domain.habits import Approved
from supportdesk.domain.promise import Promise, PromiseState
from supportdesk.domain.report import Figure, Period
from supportdesk.domain.theme import KnownTheme, Rerouted, Sent, ThemeFacts, ThemeState


class Escalated(Protocol):
    """Escalations, their clocks and what happened to them."""

    def get(self, escalation_id: int) -> Escalation:
        """One escalation with its events. Raises NotFound."""
        ...

    def all(self, *, undecided: bool = True, ticket_id: int | None = None) -> tuple[Escalation, ...]:
        """Escalations with their events, oldest first."""
        ...

    def add_event(self, escalation_id: int, event: EscalationEvent) -> None:
        """Record something that happened."""
        ...

    def change(self, escalation_id: int, **fields: object) -> None:
        """Set fields of an escalation."""
        ...


class Figures(Protocol):
    """Figures over a period, and the tickets behind them."""

    def take(self, name: str, period: Period, now: datetime, due: Mapping[str, float]) -> Figure:
        """One figure; `due` is the hours in which each priority wants its first reply. Raises BadInput."""
        ...

    def behind(self, name: str, key: str | None, period: Period, now: datetime, due: Mapping[str, float]) -> array[int]:
        """Ids of the tickets behind a figure, or behind one line of it. Raises BadInput."""
        ...

    def sound(self) -> bool:
        """Whether the tallies know of every decision and ticket."""
        ...

    def rebuild(self) -> None:
        """Make the tallies anew from what is kept."""
        ...


class Learning(Protocol):
    """What the desk can learn from."""

    def letters(self, period: Period) -> tuple[tuple[int, str], ...]:
        """The first letter of each ticket of a period, as (ticket, subject and words)."""
        ...

    def sent(self, period: Period) -> tuple[Sent, ...]:
        """What was sent in a period where the assistant had drafted something, oldest first."""
        ...

    def rerouted(self, period: Period) -> tuple[Rerouted, ...]:
        """Tickets that people sent on to another queue, oldest first."""
        ...

    def stayed(self, queue: str, period: Period, most: int = 2000) -> tuple[tuple[str, str], ...]:
        """Tickets answered in a queue, as (category, subject and words), the latest first."""
        ...

    def asked(self, period: Period) -> tuple[tuple[int, str], ...]:
        """Details that were asked for, as (ticket, `category: field`), oldest first."""
        ...

    def letters_of(self, tickets: Sequence[int]) -> dict[int, str]:
        """The first letter of each of some tickets, by ticket."""
        ...

    def replies(self, tickets: Sequence[int]) -> tuple[tuple[int, str], ...]:
        """What people approved in some tickets, as (ticket, words)."""
        ...


class Themes(Protocol):
    """The register of themes."""

    def add(self, theme: KnownTheme, by: str) -> int:
        """Keep a proposal with its tickets; returns its number."""
        ...

    def get(self, theme_id: int) -> KnownTheme:
        """One theme with its tickets. Raises NotFound."""
        ...

    def all(self, states: Sequence[ThemeState] = ()) -> tuple[KnownTheme, ...]:
        """The register, the most tickets first; without their tickets."""
        ...

    def change(self, theme_id: int, **fields: object) -> None:
        """Set fields of a theme."""
        ...

    def look(self, theme_id: int, login: str, ticket_id: int, at: datetime) -> bool:
        """Note that somebody looked at an example; False when they had before."""
        ...

    def facts(self, tickets: Sequence[int]) -> ThemeFacts:
        """What became of these tickets."""
        ...


class Promises(Protocol):
    """The ledger of commitments."""

    def add(self, promise: Promise, approval_id: int, fingerprint: str, queue: str) -> int:
        """Keep what an approval promises; it counts once the reply is sent."""
        ...

    def granted_by(self, revision_id: int, fingerprint: str) -> str:
        """Who granted a commitment of a revision; empty when nobody needed to."""
        ...

    def get(self, promise_id: int) -> Promise:
        """One promise. Raises NotFound."""
        ...

    def all(
        self, states: Sequence[PromiseState], *, due_before: datetime | None = None, ticket_id: int | None = None
    ) -> tuple[Promise, ...]:
        """Promises in these states, the soonest due first, those without a day last."""
        ...

    def change(self, promise_id: int, **fields: object) -> None:
        """Set fields of a promise."""
        ...


class Reviewing(Protocol):
    """What people's ways of reviewing are read from."""

    def approved(self, period: Period) -> Iterator[Approved]:
        """Every approval of a period, in order."""
        ...

    def pace(self, since: datetime, most: int = 5000) -> tuple[int, ...]:
        """Seconds each of the latest decisions took, those that were timed."""
        ...

    def arrived(self, since: datetime) -> int:
        """How many tickets came since."""
        ...

    def waiting_triggers(self, most: int = 20_000) -> tuple[str, ...]:
        """The triggers of open tickets, one string each as they are kept, the most pressing first."""
        ...


class Exercises(Protocol):
    """Drafts with a planted fault."""

    def add(self, exercise: Exercise) -> int:
        """Keep an exercise that is shown; returns its number."""
        ...

    def get(self, exercise_id: int) -> Exercise:
        """One exercise. Raises NotFound."""
        ...

    def all(self, login: str = "") -> tuple[Exercise, ...]:
        """A person's exercises, or everybody's, oldest first."""
        ...

    def answer(self, exercise_id: int, answer: str, *, caught: bool, at: datetime) -> None:
        """Keep the answer."""
        ...
