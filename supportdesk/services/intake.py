"""Messages become tickets: by their references, once each, and what cannot be read is set aside whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from supportdesk.domain.incoming import Incoming, IncomingMessage, IncomingTicket, Unreadable
from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import Author, MessageKind, OutboxState, Priority, Status
from supportdesk.services.ports import Clock, NewTicket, Store, Transaction

BATCH = 200
"""Messages written in one transaction: few enough that a reviewer at the screen never waits long."""


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What an import did."""

    tickets: int = 0
    """Tickets made."""
    messages: int = 0
    """Messages added, to new and known tickets."""
    duplicates: int = 0
    """Messages the desk had already."""
    set_aside: int = 0
    """Things that could not be read and were kept whole."""

    def __add__(self, other: IntakeReport) -> IntakeReport:
        """Both together."""
        return IntakeReport(
            self.tickets + other.tickets,
            self.messages + other.messages,
            self.duplicates + other.duplicates,
            self.set_aside + other.set_aside,
        )


class Intake:
    """Takes messages in."""

    def __init__(self, store: Store, clock: Clock, own_addresses: Iterable[str] = ()) -> None:
        """Work on this store; mail from these addresses is ours."""
        self._store = store
        self._clock = clock
        self.own_addresses = frozenset(address.casefold() for address in own_addresses)

    def take(self, source: Iterable[Incoming], progress: Callable[[IntakeReport], None] | None = None) -> IntakeReport:
        """Take in everything a source yields, batch by batch; each batch is whole or not there at all."""
        total = IntakeReport()
        items = iter(source)
        while batch := list(islice(items, BATCH)):
            with self._store.write() as tx:
                now = self._clock.now()
                for item in batch:
                    total += self._take_one(tx, item, now)
            if progress is not None:
                progress(total)
        return total

    def _take_one(self, tx: Transaction, item: Incoming, now: datetime) -> IntakeReport:
        if isinstance(item, Unreadable):
            fresh = tx.records.set_aside(item.source, item.raw, item.reason, now)
            return IntakeReport(set_aside=int(fresh), duplicates=int(not fresh))
        if isinstance(item, IncomingTicket):
            return self._take_ticket(tx, item, now)
        return self._take_message(tx, item, now)

    def _take_message(self, tx: Transaction, incoming: IncomingMessage, now: datetime) -> IntakeReport:
        if incoming.sender.email.casefold() in self.own_addresses and incoming.author is Author.CUSTOMER:
            incoming = replace(incoming, author=Author.AGENT)
        ticket_id = tx.tickets.find_thread(incoming)
        if ticket_id is None:
            new = _ticket_for(incoming)
            ticket_id = tx.tickets.add(new, now)
            if tx.tickets.add_message(ticket_id, incoming, now) is None:
                return self._forget(tx, ticket_id)
            self._arrived(tx, ticket_id, incoming, now, first=True)
            return IntakeReport(tickets=1, messages=1)
        incoming = _strangers_marked(tx, ticket_id, incoming)
        if tx.tickets.add_message(ticket_id, incoming, now) is None:
            return IntakeReport(duplicates=1)
        self._arrived(tx, ticket_id, incoming, now)
        return IntakeReport(messages=1)

    def _forget(self, tx: Transaction, ticket_id: int) -> IntakeReport:
        """Take back a ticket made for a message that proved to be known."""
        tx.tickets.drop_empty(ticket_id)
        return IntakeReport(duplicates=1)

    def _take_ticket(self, tx: Transaction, incoming: IncomingTicket, now: datetime) -> IntakeReport:
        ticket_id = tx.tickets.find_external(incoming.external) if incoming.external else None
        made = ticket_id is None
        if ticket_id is None:
            ticket_id = tx.tickets.add(_ticket_of(incoming), now)
        added = duplicates = 0
        for number, message in enumerate(incoming.messages):
            source_id = f"{incoming.external}#{number}" if incoming.external else ""
            if tx.tickets.add_message(ticket_id, message, now, source_id) is None:
                duplicates += 1
            else:
                added += 1
                self._arrived(tx, ticket_id, message, now)
        if made and not added:
            return self._forget(tx, ticket_id) + IntakeReport(duplicates=max(duplicates - 1, 0))
        if made:
            self._set_state(tx, ticket_id, incoming)
        return IntakeReport(tickets=int(made), messages=added, duplicates=duplicates)

    def _set_state(self, tx: Transaction, ticket_id: int, incoming: IncomingTicket) -> None:
        fields: dict[str, Any] = {}
        if incoming.status in list(Status):
            fields["status"] = incoming.status
        if incoming.priority in list(Priority):
            fields["priority"] = incoming.priority
        if incoming.queue:
            fields["queue"] = incoming.queue
        if fields:
            tx.tickets.change(ticket_id, **fields)

    def _arrived(
        self, tx: Transaction, ticket_id: int, incoming: IncomingMessage, now: datetime, *, first: bool = False
    ) -> None:
        tx.records.append("desk", "message", ticket_id, {"from": incoming.author}, now)
        if first or incoming.author is not Author.CUSTOMER or incoming.kind is not MessageKind.ORDINARY:
            return
        fields = _after_customer_message(tx.tickets.get(ticket_id))
        if fields:
            tx.tickets.change(ticket_id, **fields)
        for entry in tx.decisions.outbox([OutboxState.QUEUED], ticket_id):
            # The approval spoke of a thread that has moved on; sending would refuse it, so say so at once.
            tx.decisions.move(entry.id, OutboxState.CANCELLED, now, result={"why": "a new message arrived"})
            tx.records.append("desk", "approval_void", ticket_id, {"outbox": entry.id}, now)


def _after_customer_message(ticket: Ticket) -> dict[str, Any]:
    """What a customer's word changes: waiting tickets open again, solved ones are reopened and counted."""
    if ticket.status.group == "resolved":
        return {"status": Status.OPEN.value, "reopened": ticket.reopened + 1}
    if ticket.status is Status.PENDING:
        return {"status": Status.OPEN.value}
    if ticket.status is Status.PAUSED and ticket.wake_at is None:
        return {"status": Status.OPEN.value, "wake_on_message": 0}
    return {}


def _ticket_for(incoming: IncomingMessage) -> NewTicket:
    requester = incoming.sender
    if incoming.author is Author.AGENT and incoming.to:
        requester = incoming.to[0]
    return NewTicket(
        subject=incoming.subject,
        requester_email=requester.email,
        requester_name=requester.name,
        channel=incoming.channel,
        created_at=incoming.sent_at,
    )


def _ticket_of(incoming: IncomingTicket) -> NewTicket:
    return NewTicket(
        subject=incoming.subject,
        requester_email=incoming.requester.email,
        requester_name=incoming.requester.name,
        channel=incoming.channel,
        external=incoming.external,
        records=incoming.records,
        tags=incoming.tags,
        created_at=next((m.sent_at for m in incoming.messages if m.sent_at), None),
    )


def _strangers_marked(tx: Transaction, ticket_id: int, incoming: IncomingMessage) -> IncomingMessage:
    """Say so when somebody joins a conversation they were not part of: a reply might show them another's data."""
    if incoming.author is not Author.CUSTOMER or not incoming.sender.email:
        return incoming
    if incoming.sender.email.casefold() in tx.tickets.participants(ticket_id):
        return incoming
    return replace(incoming, remarks=(*incoming.remarks, "from somebody who was not in this conversation"))
