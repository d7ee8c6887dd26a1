"""The store itself: short transactions over everything the other ports name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from supportdesk.services.ports.decisions import Decisions
from supportdesk.services.ports.exports import Exports
from supportdesk.services.ports.feeds import Positions
from supportdesk.services.ports.lead import (
    Escalated,
    Exercises,
    Figures,
    Learning,
    Promises,
    Reviewing,
    Themes,
)
from supportdesk.services.ports.reviews import Reviews
from supportdesk.services.ports.rules import Corrected
from supportdesk.services.ports.staff import Knowledge, People, Records
from supportdesk.services.ports.tickets import Tickets


class Transaction(Protocol):
    """One transaction's view of the store."""

    @property
    def tickets(self) -> Tickets:
        """Tickets and messages."""
        ...

    @property
    def reviews(self) -> Reviews:
        """Review state."""
        ...

    @property
    def decisions(self) -> Decisions:
        """Decisions and outbox."""
        ...

    @property
    def knowledge(self) -> Knowledge:
        """Articles."""
        ...

    @property
    def people(self) -> People:
        """People."""
        ...

    @property
    def records(self) -> Records:
        """Audit chain, raw content, set-aside."""
        ...

    @property
    def exports(self) -> Exports:
        """Everything as it is kept."""
        ...

    @property
    def feeds(self) -> Positions:
        """How far each channel was read."""
        ...

    @property
    def escalations(self) -> Escalated:
        """Escalations and their clocks."""
        ...

    @property
    def figures(self) -> Figures:
        """Figures and the tickets behind them."""
        ...

    @property
    def improvement(self) -> Learning:
        """What the desk can learn from."""
        ...

    @property
    def themes(self) -> Themes:
        """The register of themes."""
        ...

    @property
    def promises(self) -> Promises:
        """The ledger of commitments."""
        ...

    @property
    def habits(self) -> Reviewing:
        """How people review."""
        ...

    @property
    def exercises(self) -> Exercises:
        """Drafts with a planted fault."""
        ...

    @property
    def corrections(self) -> Corrected:
        """What people say of the checks."""
        ...


class Store(Protocol):
    """The store: short transactions, nothing held open."""

    @property
    def desk_id(self) -> str:
        """A random name made with the store; marks our own mail."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent view; nothing can be written through it."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """One write at a time; durable when the block ends, undone when it raises."""
        ...

    def changed(self) -> int:
        """A number that differs when another process has written since."""
        ...
