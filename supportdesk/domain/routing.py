"""Where a matter goes: categories, queues, and the rules a desk writes about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from supportdesk.domain.words import ALWAYS_ESCALATE, Path, Priority, TriggerKind


@dataclass(frozen=True, slots=True)
class Queue:
    """A place where tickets wait for the people who know about them."""

    name: str
    """Short name used in settings and JSON."""
    title: str
    """How screens show it."""
    owner: str = ""
    """Login or name of who decides an escalation from here; empty when nobody is named."""
    backup: str = ""
    """Who decides when the owner does not."""


@dataclass(frozen=True, slots=True)
class IntakeField:
    """A detail a matter needs before anyone can act on it."""

    name: str
    """Short name, such as `order_number`."""
    labels: Mapping[str, str]
    """How to ask for it, by language code; `en` is always there."""
    patterns: tuple[str, ...] = ()
    """Regular expressions; one match in the thread's own words means it was given."""
    records: tuple[str, ...] = ()
    """Names of records that hold it: a key equal to one of them means we know it."""
    when: tuple[str, ...] = ()
    """Trigger kinds or topics that make it needed; empty for always."""

    def label(self, language: str) -> str:
        """How to ask for it in a language, in English where nobody wrote another."""
        return self.labels.get(language) or self.labels.get("en") or self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Category:
    """What a matter can be about."""

    name: str
    """Short name used in settings and JSON."""
    title: str
    """How screens show it."""
    queue: str
    """Name of the queue it waits in."""
    intake: tuple[IntakeField, ...] = ()
    """Details it may need."""


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One line of a desk's own routing: every condition that is given must hold."""

    name: str = ""
    """How the reason names it; made from the conditions when empty."""
    category: str = ""
    """The ticket's category."""
    trigger: str = ""
    """A trigger kind that is up."""
    requester: str = ""
    """The requester's address, or a part of it such as `@example.org`; case is ignored."""
    channel: str = ""
    """How the ticket came in."""
    keyword: str = ""
    """Words that stand in the subject or the customer's own words; case is ignored."""
    queue: str = ""
    """Where it goes; empty leaves the queue as it is."""
    priority: Priority | None = None
    """How soon it wants an answer at least; None leaves it."""
    path: Path | None = None
    """Which way it must go at least; None leaves it. A rule never makes a path less guarded."""
    owner: str = ""
    """Who decides, instead of the queue's owner."""
    backup: str = ""
    """Who decides when the owner does not, instead of the queue's."""

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """The conditions that are given, as (name, value)."""
        every = (
            ("category", self.category),
            ("trigger", self.trigger),
            ("requester", self.requester),
            ("channel", self.channel),
            ("keyword", self.keyword),
        )
        return tuple((name, value) for name, value in every if value)

    @property
    def label(self) -> str:
        """The rule's name, or its conditions in words."""
        return self.name or " and ".join(value for _, value in self.conditions)


@dataclass(frozen=True, slots=True)
class Routing:
    """All a desk says about where tickets go and how soon."""

    categories: Mapping[str, Category]
    """By name."""
    queues: Mapping[str, Queue]
    """By name."""
    rules: tuple[RouteRule, ...] = ()
    """In order; for the queue the first that applies counts, for path and priority the most guarded."""
    paths: Mapping[TriggerKind, Path] = field(default_factory=dict)
    """Which way a trigger sends a ticket; `review` for those not named."""
    priorities: Mapping[TriggerKind, Priority] = field(default_factory=dict)
    """How soon a ticket with a trigger wants an answer at least."""
    sla_hours: Mapping[Priority, float] = field(default_factory=dict)
    """Hours until an answer is due, by priority."""
    fallback: str = "general"
    """Name of the category, and of its queue, for what fits no other."""

    @property
    def owners(self) -> frozenset[str]:
        """Every login or role that the settings name as somebody who decides escalations."""
        queues = ((q.owner, q.backup) for q in self.queues.values())
        rules = ((r.owner, r.backup) for r in self.rules)
        return frozenset(name for pair in (*queues, *rules) for name in pair if name)

    def path_of(self, kind: TriggerKind) -> Path:
        """Which way a trigger sends a ticket; safety, legal, privacy and vulnerable always escalate."""
        return Path.ESCALATION if kind in ALWAYS_ESCALATE else self.paths.get(kind, Path.REVIEW)

    def category(self, name: str) -> Category:
        """The category of that name, or the fallback."""
        return self.categories.get(name) or self.categories[self.fallback]

    def queue(self, name: str) -> Queue | None:
        """The queue of that name; None when there is none."""
        return self.queues.get(name)
