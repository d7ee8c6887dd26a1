"""What the assistant makes for one thread version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.words import DraftKind, FlagSource, Path, Priority, Sentiment, TriggerKind


@dataclass(frozen=True, slots=True)
class Trigger:
    """A reason why a ticket may not take the routine path, with the words that say so."""

    kind: TriggerKind
    """What was noticed."""
    message: int
    """Position of the message it stands in; -1 when it comes from history rather than words."""
    quote: str
    """The customer's words, verbatim; empty when it comes from history."""
    source: FlagSource = FlagSource.RULE
    """Rules or model."""
    start: int = 0
    """Offset of the quote in the message's text."""
    end: int = 0
    """Offset just after it."""
    why: str = ""
    """One sentence for the reviewer."""
    rule: str = ""
    """Name of the rule that fired, for counting its errors."""


@dataclass(frozen=True, slots=True)
class SummaryPoint:
    """One thing the thread says."""

    text: str
    """In the assistant's words."""
    evidence: Evidence | None
    """Where it stands; None shows as 'no source'."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the customer's that nobody has answered yet."""

    text: str
    """The question, verbatim."""
    message: int
    """Position of the message that asks it."""
    start: int = 0
    """Offset in the message's text."""
    end: int = 0
    """Offset just after it."""


@dataclass(frozen=True, slots=True)
class MissingDetail:
    """Something we need to know and were not told."""

    name: str
    """The intake field's name, such as `order_number`."""
    label: str
    """How to ask for it: 'the order number'."""


@dataclass(frozen=True, slots=True)
class Triage:
    """What sort of matter a thread is and which way it should go."""

    category: str
    """What it is about."""
    priority: Priority
    """How soon it wants an answer."""
    language: str
    """ISO 639-1 code, or `und` when the rules cannot tell."""
    sentiment: Sentiment
    """How the customer sounds."""
    triggers: tuple[Trigger, ...]
    """Flags raised, rules and model together."""
    path: Path
    """Which way it may go."""
    queue: str
    """Where it should wait."""
    queue_reason: str
    """Why there, in words: "billing_dispute → Billing: 'charged twice'"."""
    missing: tuple[MissingDetail, ...] = ()
    """What we were not told."""
    unresolved: tuple[Question, ...] = ()
    """What nobody has answered."""
    summary: tuple[SummaryPoint, ...] = ()
    """What the thread says, each point with its line."""
    confidence: float = 1.0
    """0 to 1; how sure the assistant is of category and path."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Words proposed for a reply; not a promise of any kind."""

    text: str
    """The reply's body, plain text."""
    kind: DraftKind = DraftKind.REPLY
    """A reply, or a request for details."""
    citations: tuple[str, ...] = ()
    """Slugs of the articles it rests on."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a preparation came about."""

    assistant: str
    """'offline rules' or the model's name."""
    prompts: tuple[str, ...] = ()
    """name@version#hash of each prompt used."""
    tokens: int = 0
    """Tokens in and out together."""
    cost: float = 0.0
    """US dollars, as the provider's price list has it."""
    seconds: float = 0.0
    """Wall-clock time it took."""
    note: str = ""
    """Why it was made this way: 'prepared offline: model answered no valid JSON twice'."""
    calls: tuple[int, ...] = ()
    """Numbers of the calls that were made for it; each is kept with all that was sent."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """Everything the assistant made for one thread version."""

    triage: Triage
    """Sort, flags, route, summary."""
    draft: Draft | None
    """Proposed reply; None where none should be written (auto-replies, bulk mail, bounces)."""
    provenance: Provenance
    """How it was made."""
    thread_version: int = 0
    """Which state of the thread it saw."""
    at: datetime | None = None
    """When it was made, UTC."""
    id: int = 0
    """Row number in the store."""
