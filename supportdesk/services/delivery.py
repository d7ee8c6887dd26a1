"""Approved replies leave: verified again at the moment of sending; each outcome a fact or a person's question."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from supportdesk.domain.decision import approval_payload, digest
from supportdesk.domain.incoming import IncomingFile, IncomingMessage
from supportdesk.domain.outgoing import Outcome, Outgoing, OutgoingFile, Stage
from supportdesk.domain.people import Person
from supportdesk.domain.records import OutboxEntry
from supportdesk.domain.thread import Address, Thread
from supportdesk.domain.words import Author, Item, MessageKind, OutboxState, Priority
from supportdesk.errors import BadInput, ChannelTrouble, DeskError, Refused, Stale
from supportdesk.services.cases import GateRules, load_case
from supportdesk.services.ports import Clock, Delivery, Store, Transaction
from supportdesk.services.reopening import open_again

BACKOFF = (60, 300, 1800, 7200, 21600)
"""Seconds before a reply the server put off is tried again, by number of tries."""

CLAIM_ENDS = timedelta(minutes=10)
"""After this a claim whose process died is looked at again."""


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """Whom our mail comes from."""

    name: str
    """Display name."""
    address: str
    """Mail address."""
    signature: str = ""
    """Put under every reply."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one outbox entry."""

    entry: OutboxEntry
    """The entry, as it was claimed."""
    state: OutboxState
    """Where it stands now."""
    words: str
    """What happened, in one sentence."""


class Sending:
    """The outbox and its way out."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        delivery: Callable[[], Delivery],
        compose: Callable[[Outgoing], bytes],
        identity: MailIdentity,
        identities: Mapping[str, MailIdentity] | None = None,
        keep_copy: Callable[[bytes, str], object] | None = None,
        sla_hours: Mapping[Priority, float] | None = None,
    ) -> None:
        """Work on this store; `delivery` is made when the first reply leaves.

        `identities` are those of queues that have one of their own; `keep_copy` gets what was sent and its Message-ID;
        `sla_hours` says when a ticket whose reply did not leave is due again.
        """
        self._store = store
        self._clock = clock
        self._delivery = delivery
        self._compose = compose
        self._identity = identity
        self._identities = dict(identities or {})
        self._keep_copy = keep_copy
        self._sla_hours = sla_hours
        self._me = f"{socket.gethostname()}:{os.getpid()}"

    def entries(self, states: Sequence[OutboxState] = (), ticket_id: int | None = None) -> tuple[OutboxEntry, ...]:
        """Outbox entries, oldest first."""
        with self._store.read() as tx:
            return tx.decisions.outbox(states, ticket_id)

    def send_due(self, *, now_too: bool = False, progress: Callable[[Sent], None] | None = None) -> tuple[Sent, ...]:
        """Send every reply whose time has come; `now_too` does not wait for the recall window to end."""
        self._settle_abandoned()
        done: list[Sent] = []
        delivery: Delivery | None = None
        while True:
            with self._store.write() as tx:
                now = self._clock.now()
                entry = tx.decisions.claim_due(self._me, now, untried=now_too)
            if entry is None:
                return tuple(done)
            delivery = delivery or self._delivery()
            sent, desk_wide = self._send_one(entry, delivery)
            done.append(sent)
            if progress is not None:
                progress(sent)
            if desk_wide:
                # The server is away or refuses us all: the next reply would only meet the same.
                return tuple(done)

    def mail_of(self, entry: OutboxEntry) -> tuple[Outgoing, bytes]:
        """A reply as it left: the mail that its approval, the desk's identity and the time of sending make."""
        with self._store.read() as tx:
            outgoing = replace(self._outgoing(tx, entry), at=entry.not_before, only=())
            kept = next(
                (m for m in tx.tickets.thread(entry.ticket_id).messages if m.message_id == entry.message_id), None
            )
        if kept is not None:
            # The thread may have gone on since: what it answered then stands with the message itself.
            answered = kept.references[-1] if kept.references else ""
            outgoing = replace(outgoing, in_reply_to=answered, references=kept.references)
        return outgoing, self._compose(outgoing)

    def recall(self, entry_id: int, login: str) -> str:
        """Call a reply back before it leaves; the ticket is open again. Raises Refused when it is too late."""
        with self._store.write() as tx:
            entry = tx.decisions.entry(entry_id)
            if entry.state not in (OutboxState.QUEUED, OutboxState.FAILED) or entry.result.get("only"):
                raise Refused(f"Too late to recall: the reply is {entry.state}.")
            now = self._clock.now()
            tx.decisions.move(entry_id, OutboxState.CANCELLED, now, settled_by=login, settled_reason="recalled")
            open_again(tx, entry.ticket_id, self._sla_hours)
            tx.records.append(login, "recalled", entry.ticket_id, {"outbox": entry_id}, now)
            return f"Recalled: the reply to #{entry.ticket_id} did not leave."

    def settle(self, entry_id: int, login: str, *, was_sent: bool, reason: str) -> str:
        """A person says what became of an uncertain reply. Raises BadInput without a reason."""
        if not reason.strip():
            raise BadInput("Say how you know: give a reason.")
        with self._store.write() as tx:
            entry = tx.decisions.entry(entry_id)
            if entry.state is not OutboxState.UNCERTAIN:
                raise Refused(f"Only an uncertain reply needs settling; this one is {entry.state}.")
            now = self._clock.now()
            state = OutboxState.SENT if was_sent else OutboxState.CANCELLED
            tx.decisions.move(entry_id, state, now, settled_by=login, settled_reason=reason)
            if was_sent:
                self._keep_as_message(tx, entry, now)
            else:
                open_again(tx, entry.ticket_id, self._sla_hours)
            body = {"outbox": entry_id, "was_sent": was_sent, "reason": reason}
            tx.records.append(login, "settled_uncertain", entry.ticket_id, body, now)
            return f"Settled: {'sent' if was_sent else 'not sent'}."

    def _send_one(self, entry: OutboxEntry, delivery: Delivery) -> tuple[Sent, bool]:
        with self._store.write() as tx:
            why = self._void(tx, entry)
            outgoing = None if why else self._outgoing(tx, entry)
        if outgoing is None:
            return self._cancel(entry, why), False
        try:
            raw = self._compose(outgoing)
        except ChannelTrouble as trouble:
            # Nothing has left: an address that is none, or a mail that would not say what was approved.
            return self._finish(entry, Outcome(OutboxState.FAILED, str(trouble))), False
        try:
            outcome = delivery.deliver(outgoing, raw, lambda stage: self._reached(entry, stage))
        except Stale as late:
            return self._cancel(entry, str(late)), False
        sent = self._finish(entry, outcome)
        if sent.state is OutboxState.SENT and self._keep_copy is not None:
            sent = self._copied(sent, raw, self._keep_copy)
        return sent, outcome.desk_wide

    def _copied(self, sent: Sent, raw: bytes, keep_copy: Callable[[bytes, str], object]) -> Sent:
        """Keep a copy where sent mail is kept; that it could not be kept is told, and changes nothing else."""
        try:
            keep_copy(raw, sent.entry.message_id)
        except DeskError as trouble:
            with self._store.write() as tx:
                body = {"outbox": sent.entry.id, "why": str(trouble)}
                tx.records.append("desk", "copy_not_kept", sent.entry.ticket_id, body, self._clock.now())
            return replace(sent, words=f"{sent.words} Its copy could not be kept: {trouble}")
        return sent

    def _cancel(self, entry: OutboxEntry, why: str) -> Sent:
        """Void an approval before anything was handed over; the ticket is open again."""
        with self._store.write() as tx:
            now = self._clock.now()
            tx.decisions.move(entry.id, OutboxState.CANCELLED, now, result={"why": why})
            open_again(tx, entry.ticket_id, self._sla_hours)
            tx.records.append("desk", "approval_void", entry.ticket_id, {"outbox": entry.id, "why": why}, now)
        return Sent(entry, OutboxState.CANCELLED, f"Not sent: {why}. Decide again.")

    def _void(self, tx: Transaction, entry: OutboxEntry) -> str:
        """Why an approval does not hold any more; empty when it does."""
        payload = entry.payload
        if digest(payload) != entry.digest:
            return "the approval's record does not match its digest"
        ticket = tx.tickets.get(entry.ticket_id)
        if ticket.thread_version != payload["thread_version"]:
            return "a new message arrived after it was approved"
        latest = tx.reviews.revision(entry.ticket_id)
        if latest is None or latest[0].id != payload["revision"] or latest[0].text != payload["text"]:
            return "the words changed after it was approved"
        revision = latest[0]
        if [list(revision.to), list(revision.cc), list(revision.bcc)] != [payload["to"], payload["cc"], payload["bcc"]]:
            return "the recipients changed after it was approved"
        approver = tx.people.get(str(payload["approver"]))
        if approver is None or not approver.active:
            return "its approver is not active at this desk any more"
        if _bound_now(tx, entry, approver) != payload:
            return "its answers or findings changed after it was approved"
        return ""

    def _outgoing(self, tx: Transaction, entry: OutboxEntry) -> Outgoing:
        payload = entry.payload
        thread = tx.tickets.thread(entry.ticket_id)
        answered, references = _place_in_thread(thread)
        identity = self._who(tx, entry)
        return Outgoing(
            message_id=entry.message_id,
            sender=Address(identity.address or f"desk@{self._store.desk_id}.supportdesk.invalid", identity.name),
            to=_strings(payload["to"]),
            cc=_strings(payload["cc"]),
            bcc=_strings(payload["bcc"]),
            subject=str(payload["subject"]),
            text=str(payload["text"]),
            in_reply_to=answered,
            references=references,
            attachments=tuple(
                OutgoingFile(*tx.tickets.file_name(entry.ticket_id, sha), tx.tickets.attachment(sha))
                for sha in _strings(payload["attachments"])
            ),
            at=entry.not_before,
            signature=identity.signature,
            desk=self._store.desk_id,
            only=_strings(entry.result.get("only")),
        )

    def _who(self, tx: Transaction, entry: OutboxEntry) -> MailIdentity:
        """Whom a reply comes from: the ticket's queue where it has a name of its own, else the desk."""
        own = self._identities.get(tx.tickets.get(entry.ticket_id).queue)
        desk = self._identity
        if own is None:
            return desk
        return MailIdentity(own.name or desk.name, own.address or desk.address, own.signature or desk.signature)

    def _reached(self, entry: OutboxEntry, stage: Stage) -> None:
        with self._store.write() as tx:
            # The last moment: what changed since the claim still voids it.
            if stage is Stage.DATA and (why := self._void(tx, entry)):
                raise Stale(why)
            tx.decisions.move(entry.id, OutboxState.CLAIMED, self._clock.now(), stage=stage.value)

    def _finish(self, entry: OutboxEntry, outcome: Outcome) -> Sent:
        with self._store.write() as tx:
            now = self._clock.now()
            result = _result(entry, outcome)
            tries = entry.attempts + 1
            state = outcome.state
            if state is not OutboxState.UNCERTAIN and outcome.retry_to and tries <= len(BACKOFF):
                later = now + timedelta(seconds=BACKOFF[tries - 1])
                fields = {"attempts": tries, "not_before": later, "stage": "", "claimed_by": "", "result": result}
                tx.decisions.move(entry.id, OutboxState.QUEUED, now, **fields)
                words = f"Put off until {later:%H:%M} UTC: {outcome.response}"
                state = OutboxState.QUEUED
            else:
                tx.decisions.move(entry.id, state, now, attempts=tries, result=result)
                words = _WORDS[state].format(response=outcome.response)
                if state is OutboxState.SENT:
                    self._keep_as_message(tx, entry, now)
                elif state is OutboxState.FAILED:
                    open_again(tx, entry.ticket_id, self._sla_hours)
            body = {"outbox": entry.id, "state": state, "digest": entry.digest}
            tx.records.append("desk", f"delivery_{state}", entry.ticket_id, body, now)
        return Sent(entry, state, words)

    def _keep_as_message(self, tx: Transaction, entry: OutboxEntry, now: datetime) -> None:
        """The reply becomes a message of its ticket; its approver has seen it."""
        payload = entry.payload
        thread = tx.tickets.thread(entry.ticket_id)
        answered, references = _place_in_thread(thread)
        who = self._who(tx, entry)
        files = tuple(
            IncomingFile(*tx.tickets.file_name(entry.ticket_id, sha), len(tx.tickets.attachment(sha)), sha256=sha)
            for sha in _strings(payload["attachments"])
        )
        incoming = IncomingMessage(
            author=Author.AGENT,
            text=str(payload["text"]),
            subject=str(payload["subject"]),
            sender=Address(who.address, who.name),
            to=tuple(Address(a) for a in _strings(payload["to"])),
            cc=tuple(Address(a) for a in _strings(payload["cc"])),
            sent_at=now,
            channel=thread.channel,
            kind=MessageKind.ORDINARY,
            message_id=entry.message_id,
            in_reply_to=answered,
            references=references,
            attachments=files,
        )
        message = tx.tickets.add_message(entry.ticket_id, incoming, now)
        if message is not None:
            tx.reviews.see(entry.ticket_id, str(payload["approver"]), [message.id], now)

    def _settle_abandoned(self) -> None:
        """Claims whose process died: before DATA nothing left, so they wait again; after it, a person must say."""
        with self._store.read() as tx:
            if not tx.decisions.outbox([OutboxState.CLAIMED]):
                return
        with self._store.write() as tx:
            now = self._clock.now()
            for entry in tx.decisions.outbox([OutboxState.CLAIMED]):
                if not self._abandoned(entry, now):
                    continue
                if entry.stage == Stage.DATA:
                    result = {"why": "the sender stopped while the mail was being handed over"}
                    tx.decisions.move(entry.id, OutboxState.UNCERTAIN, now, result=result)
                    tx.records.append("desk", "delivery_uncertain", entry.ticket_id, {"outbox": entry.id}, now)
                else:
                    tx.decisions.move(entry.id, OutboxState.QUEUED, now, stage="", claimed_by="")

    def _abandoned(self, entry: OutboxEntry, now: datetime) -> bool:
        host, _, process = entry.claimed_by.rpartition(":")
        if host == socket.gethostname() and process.isdigit():
            return int(process) != os.getpid() and not _alive(int(process))
        return entry.changed_at is not None and now - entry.changed_at > CLAIM_ENDS


_WORDS = {
    OutboxState.SENT: "Sent: {response}",
    OutboxState.FAILED: "Not sent: {response}",
    OutboxState.UNCERTAIN: "Uncertain whether it was sent: {response}. Settle it with `supportdesk outbox settle`.",
}


def _bound_now(tx: Transaction, entry: OutboxEntry, approver: Person) -> dict[str, object]:
    """What an approval given now would bind, on the checklist of the one that was given."""
    answers = entry.payload["answers"]
    asked = [str(a["item"]) for a in answers] if isinstance(answers, list) else []
    own = tuple(item for item in asked if item not in list(Item))
    return approval_payload(load_case(tx, entry.ticket_id, approver, GateRules(team_items=own)))


def _result(entry: OutboxEntry, outcome: Outcome) -> dict[str, object]:
    """What is kept of a try; `only` names those still to be served once some have it."""
    before = entry.result.get("recipients")
    recipients = {**(before if isinstance(before, dict) else {}), **outcome.per_recipient}
    kept: dict[str, object] = {"response": outcome.response, "recipients": recipients}
    only = list(outcome.retry_to) if outcome.retry_to and outcome.accepted else entry.result.get("only")
    return {**kept, "only": only} if only else kept


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _place_in_thread(thread: Thread) -> tuple[str, tuple[str, ...]]:
    """The Message-ID a reply answers, and the thread's ids, oldest first."""
    last = next((m for m in reversed(thread.visible) if m.author is Author.CUSTOMER and m.message_id), None)
    if last is None:
        return "", ()
    return last.message_id, tuple(dict.fromkeys((*last.references, last.message_id)))


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, (list, tuple)) else ()
