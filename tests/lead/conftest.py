"""Tickets for the lead's tests: brought in through the real services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, DecisionKind
from supportdesk.services.desk import Desk
from supportdesk.services.ports import NewTicket

Bring = Callable[..., int]


@pytest.fixture
def bring(desk: Desk) -> Bring:
    """Bring a customer's letter to the desk and prepare it; returns the ticket's number."""
    numbers = iter(range(1, 100_000))

    def bring(
        text: str, *, subject: str = "A question", sender: str = "", at: datetime | None = None, prepare: bool = True
    ) -> int:
        number = next(numbers)
        sender = sender or f"customer{number}@example.com"
        when = at or desk.clock.now()
        with desk.store.write() as tx:
            ticket = tx.tickets.add(NewTicket(subject, sender, "", "mail", created_at=when), when)
            incoming = IncomingMessage(
                author=Author.CUSTOMER, text=text, sender=Address(sender, ""), sent_at=when, subject=subject
            )
            tx.tickets.add_message(ticket, incoming, when, f"letter:{number}")
        if prepare:
            desk.preparing.one(ticket)
        return ticket

    return bring


@pytest.fixture
def escalate(desk: Desk, bring: Bring) -> Callable[..., int]:
    """Escalate a new ticket as `ana`; returns the escalation's number."""

    def escalate(text: str = "May I return it after 40 days?", **fields: object) -> int:
        ticket = bring(text)
        desk.review.take(ticket, "ana")
        chosen = {"owner": "app", "backup": "ben", "expected": "May we?", "reason": "risk", **fields}
        desk.review.decide(ticket, "ana", Decision(DecisionKind.ESCALATE, **chosen), rest_not_judged=True)  # type: ignore[arg-type]
        return desk.escalations.all(ticket_id=ticket)[-1].id

    return escalate
