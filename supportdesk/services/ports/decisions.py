"""Decisions, approvals and the outbox, as the services need them from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from supportdesk.domain.decision import Decision, Look
from supportdesk.domain.records import OutboxEntry
from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import OutboxState


class Decisions(Protocol):
    """Decisions, approvals and the outbox."""

    def add_decision(
        self, ticket: Ticket, decision: Decision, by: str, revision_id: int | None, look: Look, at: datetime
    ) -> int:
        """Keep a decision; returns its id."""
        ...

    def know_rules(self, rules: Iterable[tuple[str, str, str, int | None, str, str]]) -> bool:
        """Let the database know the gate's rules: what, kind, role, up to (thousandths), currency, queue.

        Returns whether they were others before.
        """
        ...

    def add_approval(self, decision_id: int, payload: Mapping[str, object], digest: str, at: datetime) -> int:
        """Keep an approval; returns its id. The database refuses one that the gate would refuse."""
        ...

    def queue_reply(self, approval_id: int, ticket_id: int, message_id: str, not_before: datetime, at: datetime) -> int:
        """Put an approved reply into the outbox; returns its id."""
        ...

    def add_escalation(self, ticket_id: int, decision_id: int, decision: Decision, by: str, at: datetime) -> int:
        """Open an escalation; returns its id."""
        ...

    def outbox(self, states: Sequence[OutboxState] = (), ticket_id: int | None = None) -> tuple[OutboxEntry, ...]:
        """Outbox entries, oldest first."""
        ...

    def entry(self, entry_id: int) -> OutboxEntry:
        """One outbox entry. Raises NotFound."""
        ...

    def claim_due(self, by: str, now: datetime, *, untried: bool = False) -> OutboxEntry | None:
        """Claim the oldest reply whose time has come, or (`untried`) that was not tried yet; None without one."""
        ...

    def move(self, entry_id: int, state: OutboxState, at: datetime, **fields: object) -> None:
        """Move an outbox entry along its state machine. The database refuses any other way."""
        ...

    def last_decisions(self, ticket_id: int) -> tuple[Mapping[str, object], ...]:
        """A ticket's decisions, oldest first, as plain values."""
        ...
