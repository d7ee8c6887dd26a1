"""A ticket whose reply did not leave is open again, and due when it was."""

from __future__ import annotations

from collections.abc import Mapping

from supportdesk.domain.pressing import due_time, press
from supportdesk.domain.words import Priority, Status
from supportdesk.services.ports import Transaction


def open_again(tx: Transaction, ticket_id: int, sla_hours: Mapping[Priority, float] | None) -> None:
    """Open a ticket again; it wants its answer since its requester waits, in its old place."""
    ticket = tx.tickets.get(ticket_id)
    due_at = due_time(tx.tickets.thread(ticket_id), ticket.priority, sla_hours)
    place = press(due_at, ticket.priority, ticket.path, ticket.updated_at)
    tx.tickets.change(ticket_id, status=Status.OPEN.value, due_at=due_at, press=place)
