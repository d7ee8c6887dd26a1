"""What the desk can learn: themes of its letters, and what people change in drafts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """What many letters of a period are about; proposed, until a person confirms it."""

    name: str
    """Its most telling words."""
    keys: tuple[str, ...]
    """The words it is recognised by in another period."""
    tickets: tuple[int, ...]
    """Its tickets, the most typical first."""
    before: int
    """How many there were in the period of the same length before."""
    quotes: tuple[tuple[int, str], ...]
    """The beginnings of its most typical letters, as (ticket, words)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A draft of the assistant's and what was sent instead of it."""

    ticket_id: int
    """Whose ticket."""
    category: str
    """What it was about."""
    drafted: str
    """The assistant's words."""
    sent: str
    """The words that were approved."""


@dataclass(frozen=True, slots=True)
class Change:
    """One run of words in a word diff."""

    kept: bool
    """Whether both have it."""
    drafted: str
    """The assistant's words; empty where words were added."""
    sent: str
    """The words sent; empty where words were taken out."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence the assistant keeps writing and people keep changing."""

    category: str
    """Where."""
    sentence: str
    """The assistant's sentence."""
    changed: int
    """How often it was changed or taken out."""
    written: int
    """How often it was drafted."""
    tickets: tuple[int, ...]
    """The tickets in which it was changed."""
    instead: tuple[str, ...]
    """What people wrote instead, the commonest first; empty words for taking it out."""
