"""Escalations, figures and what can be learned, as the services need them from the store."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from supportdesk.domain.escalation import Escalation, EscalationEvent
from supportdesk.domain.report import Figure, Period
from supportdesk.domain.theme import Sent


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


class Learning(Protocol):
    """What the desk can learn from."""

    def letters(self, period: Period) -> tuple[tuple[int, str], ...]:
        """The first letter of each ticket of a period, as (ticket, subject and words)."""
        ...

    def sent(self, period: Period) -> tuple[Sent, ...]:
        """What was sent in a period where the assistant had drafted something, oldest first."""
        ...
