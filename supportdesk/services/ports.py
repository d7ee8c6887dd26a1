"""What the services need from the outside, as Protocols. The store, channels and assistants fit these shapes."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from supportdesk.domain.case import Answer, Revision, Settlement
from supportdesk.domain.decision import Decision, Look
from supportdesk.domain.escalation import Escalation, EscalationEvent
from supportdesk.domain.evidence import Article
from supportdesk.domain.findings import Commitment, Examination
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.people import Person
from supportdesk.domain.preparation import Preparation, Trigger
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.records import AuditRecord, Grant, Lease, OutboxEntry, SetAside
from supportdesk.domain.report import Figure, Period
from supportdesk.domain.theme import Sent
from supportdesk.domain.thread import Attachment, Message, Thread, Ticket
from supportdesk.domain.words import AnswerValue, OutboxState


class Clock(Protocol):
    """The time, and the machine's uptime, which nobody can set back."""

    def now(self) -> datetime:
        """Wall-clock time, UTC."""
        ...

    def boot(self) -> tuple[str, int]:
        """The boot's id and the milliseconds since."""
        ...


class Assistant(Protocol):
    """Whoever prepares a ticket."""

    def prepare(self, thread: Thread, articles: Sequence[Article], history: int = 0) -> Preparation:
        """Summary, triage, route and draft for one thread, from it and the articles alone.

        Raises AssistantTrouble when it cannot.
        """
        ...


class Delivery(Protocol):
    """A way out for approved replies."""

    def deliver(self, outgoing: Outgoing, raw: bytes, on_stage: Callable[[Stage], None]) -> Outcome:
        """Hand one mail over; `on_stage` must return (durably) before the next stage begins."""
        ...


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket about to be made."""

    subject: str
    """Subject line."""
    requester_email: str
    """Whose matter."""
    requester_name: str
    """Their name."""
    channel: str
    """How it came."""
    external: str = ""
    """Its id in the system it came from."""
    records: Mapping[str, object] | None = None
    """What our systems know of it."""
    tags: tuple[str, ...] = ()
    """Free words."""
    created_at: datetime | None = None
    """When its first message came, UTC."""


class Tickets(Protocol):
    """Tickets and their messages."""

    def get(self, ticket_id: int) -> Ticket:
        """One ticket. Raises NotFound."""
        ...

    def ids(self, query: QueueQuery, now: datetime) -> array[int]:
        """Ids of the tickets a query shows, in its order."""
        ...

    def page(self, ids: Sequence[int]) -> tuple[Ticket, ...]:
        """The tickets with these ids, in this order; missing ones are left out."""
        ...

    def count(self, query: QueueQuery, now: datetime) -> int:
        """How many tickets a query shows."""
        ...

    def thread(self, ticket_id: int) -> Thread:
        """A ticket's messages by time, positions from 0, with records and subject. Raises NotFound."""
        ...

    def add(self, new: NewTicket, at: datetime) -> int:
        """Make a ticket; returns its id."""
        ...

    def drop_empty(self, ticket_id: int) -> None:
        """Take back a ticket that never got a message."""
        ...

    def add_message(
        self, ticket_id: int, incoming: IncomingMessage, at: datetime, source_id: str = ""
    ) -> Message | None:
        """Append a message; None when the desk has it already.

        `source_id` tells messages without a Message-ID apart: their ticket's id elsewhere and their number in it.
        """
        ...

    def participants(self, ticket_id: int) -> frozenset[str]:
        """Every mail address that wrote or was written to in a ticket, in lower case."""
        ...

    def find_thread(self, incoming: IncomingMessage) -> int | None:
        """The ticket a message belongs to by its references; None for a new matter."""
        ...

    def find_external(self, external: str) -> int | None:
        """The ticket that came with this id from elsewhere."""
        ...

    def change(self, ticket_id: int, *, expect: int | None = None, **fields: object) -> None:
        """Set fields of a ticket and raise its version by one.

        `expect` is the version the caller saw. Raises Stale when it is another by now, NotFound when there is none.
        """
        ...

    def to_prepare(self, limit: int) -> tuple[int, ...]:
        """Ids of tickets whose thread changed since they were prepared, most pressing first."""
        ...

    def count_to_prepare(self) -> int:
        """How many tickets wait to be prepared."""
        ...

    def to_wake(self, now: datetime) -> tuple[int, ...]:
        """Ids of paused tickets whose time has come."""
        ...

    def same_requester(self, ticket_id: int) -> tuple[Ticket, ...]:
        """The requester's other tickets, latest first, at most 50."""
        ...

    def attachment(self, sha256: str) -> bytes:
        """A kept file's content. Raises NotFound."""
        ...

    def attachments(self, message_id: int) -> tuple[Attachment, ...]:
        """A message's files."""
        ...


class Reviews(Protocol):
    """Preparations, revisions, answers and what was seen."""

    def add_preparation(self, ticket_id: int, preparation: Preparation, at: datetime) -> int:
        """Keep a preparation; returns its id."""
        ...

    def preparation(self, ticket_id: int) -> Preparation | None:
        """The latest preparation."""
        ...

    def raise_flags(self, ticket_id: int, triggers: Iterable[Trigger], at: datetime) -> None:
        """Raise flags; those already there stay as they are."""
        ...

    def flags(self, ticket_id: int) -> tuple[Trigger, ...]:
        """Flags that are up."""
        ...

    def clear_flag(self, ticket_id: int, kind: str, by: str, reason: str, at: datetime) -> int:
        """Lower every flag of a kind; returns how many."""
        ...

    def add_revision(self, ticket_id: int, revision: Revision, examination: Examination, at: datetime) -> Revision:
        """Keep a new revision with what the checks say of it; returns it with number and id."""
        ...

    def revision(self, ticket_id: int) -> tuple[Revision, Examination] | None:
        """The latest revision and its examination."""
        ...

    def revisions(self, ticket_id: int) -> tuple[Revision, ...]:
        """All revisions, oldest first."""
        ...

    def add_answer(self, ticket_id: int, answer: Answer, at: datetime) -> None:
        """Record an answer; the latest counts."""
        ...

    def answers(self, ticket_id: int) -> tuple[Answer, ...]:
        """Every reviewer's latest answer per item."""
        ...

    def add_settlement(self, ticket_id: int, revision_id: int, settlement: Settlement, at: datetime) -> None:
        """Record how a finding was settled."""
        ...

    def settlements(self, ticket_id: int) -> tuple[Settlement, ...]:
        """All settlements of a ticket."""
        ...

    def see(self, ticket_id: int, login: str, message_ids: Iterable[int], at: datetime) -> int:
        """Record messages as seen; returns how many were new."""
        ...

    def seen(self, ticket_id: int, login: str) -> frozenset[int]:
        """Row ids of the messages a person has seen."""
        ...

    def rejected(self, revision_id: int) -> bool:
        """Whether a revision was rejected."""
        ...

    def ask_grant(
        self, ticket_id: int, revision_id: int, commitment: Commitment, by: str, why: str, at: datetime
    ) -> int:
        """Ask for a commitment beyond one's authority; returns the request's id."""
        ...

    def grant(self, grant_id: int) -> Grant:
        """A request. Raises NotFound."""
        ...

    def grants_waiting(self, ticket_id: int | None = None) -> tuple[Grant, ...]:
        """Requests for words that are still a ticket's latest and nobody decided, oldest first."""
        ...

    def decide_grant(self, grant_id: int, by: str, *, granted: bool, reason: str, at: datetime) -> None:
        """Grant or refuse. The database refuses one's own and those beyond one's authority."""
        ...

    def use_grants(self, revision_id: int, approval_id: int) -> int:
        """Use up a revision's grants for its approval; returns how many."""
        ...

    def grants(self, ticket_id: int, revision_id: int) -> frozenset[str]:
        """Fingerprints of commitments granted for a revision and not used yet."""
        ...

    def lease(self, ticket_id: int) -> Lease | None:
        """Who has a ticket now, by the boot clock."""
        ...

    def set_lease(self, ticket_id: int, login: str, milliseconds: int) -> None:
        """Give a ticket to somebody for so long; 0 frees it."""
        ...


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

    def claim_due(self, by: str, now: datetime, *, untried: bool = False) -> OutboxEntry | None:
        """Claim the oldest reply whose time has come, or (`untried`) that was not tried yet; None without one."""
        ...

    def move(self, entry_id: int, state: OutboxState, at: datetime, **fields: object) -> None:
        """Move an outbox entry along its state machine. The database refuses any other way."""
        ...

    def last_decisions(self, ticket_id: int) -> tuple[Mapping[str, object], ...]:
        """A ticket's decisions, oldest first, as plain values."""
        ...


class Knowledge(Protocol):
    """The articles."""

    def put(self, article: Article, by: str, at: datetime) -> bool:
        """Publish an article; a changed one becomes a new version. Returns whether anything changed."""
        ...

    def get(self, slug: str) -> Article:
        """The published version. Raises NotFound."""
        ...

    def all(self) -> tuple[Article, ...]:
        """Every published article."""
        ...

    def search(self, words: str, limit: int = 5) -> tuple[Article, ...]:
        """The articles that match best (BM25), best first."""
        ...


class People(Protocol):
    """Who works here."""

    def get(self, login: str) -> Person | None:
        """A person by login."""
        ...

    def all(self) -> tuple[Person, ...]:
        """Everybody, by login."""
        ...

    def put(self, person: Person, by: str) -> None:
        """Add or change a person; only for an active lead."""
        ...


class Records(Protocol):
    """The append-only chain of records, and what could not be read."""

    def append(self, actor: str, action: str, ticket_id: int, body: Mapping[str, object], at: datetime) -> None:
        """Add a link to the chain."""
        ...

    def history(self, ticket_id: int) -> tuple[AuditRecord, ...]:
        """A ticket's links, oldest first."""
        ...

    def keep_raw(self, content: bytes) -> str:
        """Keep content as it came, once; returns its SHA-256."""
        ...

    def set_aside(self, source: str, raw: bytes, reason: str, at: datetime) -> bool:
        """Keep something unreadable whole; False when it is there already."""
        ...

    def list_aside(self) -> tuple[SetAside, ...]:
        """What was set aside."""
        ...


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


__all__ = ["AnswerValue", "Assistant", "Clock", "Delivery", "NewTicket", "Store", "Transaction"]
