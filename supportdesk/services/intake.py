"""Messages become tickets: by their references, once each, and what cannot be read is set aside whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from supportdesk.domain.incoming import Incoming, IncomingMessage, IncomingTicket, KeptFile, Unreadable
from supportdesk.domain.records import SetAside
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, MessageKind, OutboxState, Priority, Status
from supportdesk.rules.subjects import bare_subject
from supportdesk.services.ports import Arrivals, Clock, NewTicket, Store, Transaction

BATCH = 500
"""Messages written in one transaction: few enough that a reviewer at the screen never waits long."""
BATCH_BYTES = 16 * 1024 * 1024
"""Bytes of mail written in one transaction, however few messages they are."""
WINDOW = timedelta(days=30)
"""How long a ticket is found by its subject when an answer names no message it answers."""


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

    @property
    def all(self) -> int:
        """Everything that was looked at."""
        return self.messages + self.duplicates + self.set_aside


class Intake:
    """Takes messages in."""

    def __init__(
        self, store: Store, clock: Clock, own_addresses: Iterable[str] = (), window: timedelta = WINDOW
    ) -> None:
        """Work on this store; mail from these addresses is ours; `window` as `WINDOW`."""
        self._store = store
        self._clock = clock
        self._window = window
        self.own_addresses = frozenset(address.casefold() for address in own_addresses)

    def take(self, source: Iterable[Incoming], progress: Callable[[IntakeReport], None] | None = None) -> IntakeReport:
        """Take in everything a source yields, batch by batch; each batch is whole or not there at all."""
        total = IntakeReport()
        for batch in _batches(source):
            with self._store.write() as tx:
                total += self.take_in(tx, batch)
            if progress is not None:
                progress(total)
        return total

    def retry(self, item: SetAside, source: Iterable[Incoming]) -> tuple[IntakeReport, bool]:
        """Take in something that was set aside, where it can be read now; whether it could."""
        found = list(source)
        if not found or any(isinstance(one, Unreadable) for one in found):
            return IntakeReport(), False
        with self._store.write() as tx:
            report = self.take_in(tx, found)
            tx.records.settle_aside(item.id)
            tx.records.append("desk", "read_after_all", 0, {"set_aside": item.id}, self._clock.now())
        return report, True

    def take_in(self, tx: Transaction, batch: list[Incoming]) -> IntakeReport:
        """Take in a batch within a transaction that is open."""
        now, total = self._clock.now(), IntakeReport()
        messages = [m for item in batch for m in _messages(item)]
        externals = [item.external for item in batch if isinstance(item, IncomingTicket)]
        restored: list[tuple[int, IncomingTicket]] = []
        with tx.tickets.arrivals(messages, externals, tx.records) as arrivals:
            for item in batch:
                if isinstance(item, KeptFile):
                    tx.records.keep_raw(item.content)
                elif isinstance(item, Unreadable):
                    fresh = tx.records.set_aside(item.source, item.raw, item.reason, now)
                    total += IntakeReport(set_aside=int(fresh), duplicates=int(not fresh))
                elif isinstance(item, IncomingTicket):
                    total += _Arrival(tx, arrivals, now).ticket(item, restored)
                else:
                    total += self._take_message(_Arrival(tx, arrivals, now), item)
        for ticket_id, item in restored:
            tx.exports.put_back(ticket_id, item.kept, now)
        return total

    def _take_message(self, arrival: _Arrival, incoming: IncomingMessage) -> IntakeReport:
        if incoming.author is Author.CUSTOMER and incoming.sender.email.casefold() in self.own_addresses:
            incoming = replace(incoming, author=Author.AGENT)
        return arrival.message(incoming, self._window)


class _Arrival:
    """One thing arriving."""

    def __init__(self, tx: Transaction, arrivals: Arrivals, now: datetime) -> None:
        self._tx = tx
        self._to = arrivals
        self._now = now

    def message(self, incoming: IncomingMessage, window: timedelta) -> IntakeReport:
        """A mail: at the ticket it belongs to, or at one of its own."""
        identity = self._to.identity(incoming)
        if not identity:
            return IntakeReport(duplicates=1)
        ticket_id = self._to.find_thread(incoming) or self._by_subject(incoming, window)
        if ticket_id is None:
            ticket_id = self._to.add_ticket(_ticket_for(incoming), self._now)
            self._add(ticket_id, incoming, identity, first=True)
            return IntakeReport(tickets=1, messages=1)
        stranger = incoming.author is Author.CUSTOMER and self._is_stranger(ticket_id, incoming)
        if stranger:
            # A reply might show them another's data.
            remarks = (*incoming.remarks, "from somebody who was not in this conversation")
            incoming = replace(incoming, remarks=remarks)
        self._add(ticket_id, incoming, identity)
        if not stranger:
            self._begins(ticket_id, incoming)
        return IntakeReport(messages=1)

    def ticket(self, incoming: IncomingTicket, restored: list[tuple[int, IncomingTicket]]) -> IntakeReport:
        """A whole ticket from elsewhere; of one that is known only what is new.

        One of another supportdesk's is added to `restored` when it was made.
        """
        ticket_id = self._to.find_external(incoming.external) if incoming.external else None
        made, added, duplicates = False, 0, 0
        for number, message in enumerate(incoming.messages):
            source_id = f"{incoming.external}#{message.external or number}" if incoming.external else ""
            identity = self._to.identity(message, source_id)
            if not identity:
                duplicates += 1
                continue
            if ticket_id is None:
                ticket_id, made = self._to.add_ticket(_ticket_of(incoming), self._now), True
            self._add(ticket_id, message, identity, first=made)
            added += 1
        if made and ticket_id is not None:
            self._set_state(ticket_id, incoming)
            if incoming.kept:
                body = {"decisions": incoming.kept.get("decisions"), "history": incoming.kept.get("history")}
                self._to.record("imported", ticket_id, body, self._now)
                restored.append((ticket_id, incoming))
        return IntakeReport(tickets=int(made), messages=added, duplicates=duplicates)

    def _by_subject(self, incoming: IncomingMessage, window: timedelta) -> int | None:
        """The ticket an answer belongs to that names no message: same requester, same subject, not long ago."""
        if incoming.in_reply_to or incoming.references or incoming.kind is not MessageKind.ORDINARY:
            return None
        subject, answers = bare_subject(incoming.subject)
        requester = _requester(incoming)
        # Without a reply mark it is a matter of its own: people write "Invoice" every month.
        if not answers or not subject or not requester.email:
            return None
        return self._to.find_subject(requester.email, subject, incoming.sent_at or self._now, window)

    def _is_stranger(self, ticket_id: int, incoming: IncomingMessage) -> bool:
        email = incoming.sender.email
        return bool(email) and not self._to.takes_part(ticket_id, email)

    def _begins(self, ticket_id: int, incoming: IncomingMessage) -> None:
        """The letter a ticket began with may come after its answers: then it says whose and what about it is."""
        standing = self._to.standing(ticket_id)
        sent = incoming.sent_at
        if sent is None or sent >= standing.created_at or not standing.untouched:
            return
        new = _ticket_for(incoming)
        self._to.change(
            ticket_id,
            subject=new.subject,
            requester_email=new.requester_email,
            requester_name=new.requester_name,
            created_at=sent,
            press=sent + timedelta(days=1),
        )

    def _add(self, ticket_id: int, incoming: IncomingMessage, identity: str, *, first: bool = False) -> None:
        self._to.add_message(ticket_id, incoming, identity, self._now)
        self._to.record("message", ticket_id, {"from": incoming.author.value}, self._now)
        if incoming.kind is MessageKind.BOUNCE:
            self._bounced(ticket_id, incoming)
        if first or incoming.author is not Author.CUSTOMER or incoming.kind is not MessageKind.ORDINARY:
            return
        self._wake(ticket_id)
        for entry in self._to.waiting_replies(ticket_id):
            # The approval spoke of a thread that has moved on; sending would refuse it, so say so at once.
            self._tx.decisions.move(entry, OutboxState.CANCELLED, self._now, result={"why": "a new message arrived"})
            self._to.record("approval_void", ticket_id, {"outbox": entry}, self._now)

    def _wake(self, ticket_id: int) -> None:
        """What a customer's word changes: waiting tickets open again, solved ones are reopened and counted."""
        ticket = self._to.standing(ticket_id)
        if ticket.status.group == "resolved":
            self._to.change(ticket_id, status=Status.OPEN.value, reopened=ticket.reopened + 1)
        elif ticket.status is Status.PENDING:
            self._to.change(ticket_id, status=Status.OPEN.value)
        elif ticket.status is Status.PAUSED and not ticket.timed:
            self._to.change(ticket_id, status=Status.OPEN.value, wake_on_message=0)

    def _bounced(self, ticket_id: int, incoming: IncomingMessage) -> None:
        """A reply of ours did not arrive: the requester waits without knowing, so the ticket opens again."""
        entries = [e for r in (incoming.in_reply_to, *incoming.references) if r and (e := self._to.sent_reply(r))]
        if not entries:
            return
        if self._to.standing(ticket_id).status.group != "open":
            self._to.change(ticket_id, status=Status.OPEN.value)
        self._to.record("bounced", ticket_id, {"outbox": entries[0]}, self._now)

    def _set_state(self, ticket_id: int, incoming: IncomingTicket) -> None:
        fields: dict[str, Any] = dict(incoming.fields)
        if incoming.status in list(Status):
            fields["status"] = incoming.status
            # What is done wants no preparing, until somebody writes again.
            fields |= {"stale": 0} if Status(incoming.status).group == "resolved" else {}
        if incoming.priority in list(Priority):
            fields["priority"] = incoming.priority
        if incoming.queue:
            fields["queue"] = incoming.queue
        if fields:
            self._to.change(ticket_id, **fields)


def _batches(source: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """What a source yields, so much at a time as one transaction takes."""
    batch: list[Incoming] = []
    held = 0
    for item in source:
        batch.append(item)
        if isinstance(item, KeptFile):
            held += len(item.content)
        else:
            held += len(item.raw) if isinstance(item, Unreadable) else sum(_size(m) for m in _messages(item))
        if len(batch) >= BATCH or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _messages(item: Incoming) -> tuple[IncomingMessage, ...]:
    if isinstance(item, IncomingMessage):
        return (item,)
    return item.messages if isinstance(item, IncomingTicket) else ()


def _size(message: IncomingMessage) -> int:
    return len(message.raw) + len(message.text) + sum(len(f.content) for f in message.attachments)


def _requester(incoming: IncomingMessage) -> Address:
    """Whose matter a message is: of a mail of ours, whom it went to."""
    return incoming.to[0] if incoming.author is Author.AGENT and incoming.to else incoming.sender


def _ticket_for(incoming: IncomingMessage) -> NewTicket:
    requester = _requester(incoming)
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
        number=incoming.number,
    )
