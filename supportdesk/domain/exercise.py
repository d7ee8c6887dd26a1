"""A known-bad draft: an invented ticket, a draft with one planted fault. Nothing can send it, no figure counts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise and what came of it."""

    id: int
    """Its number; exercises are numbered for themselves and are no tickets."""
    login: str
    """Whose."""
    name: str
    """Which invented ticket."""
    thread: tuple[tuple[str, str], ...]
    """Its messages as (author, words)."""
    source: str
    """The article line the draft should rest on."""
    draft: str
    """The draft with the fault."""
    fault: str
    """What kind of fault was planted: fact, money, deadline, privacy, tone."""
    quote: str
    """The faulty words."""
    why: str
    """Why they are wrong, for afterwards."""
    shown_at: datetime
    """When it was shown, UTC."""
    answered_at: datetime | None = None
    """When it was answered, UTC."""
    answer: str = ""
    """The words the reviewer pointed at; empty for "I would approve it"."""
    caught: bool | None = None
    """Whether the fault was found; None before the answer."""

    @property
    def words(self) -> str:
        """What the reviewer is told at once."""
        if self.caught is None:
            return "An exercise on an invented ticket: something in this draft is wrong."
        if self.caught:
            return f"Well seen: “{self.quote}” is wrong. {self.why}"
        return f"This one got past you, as it would past many: “{self.quote}” is wrong. {self.why} Nothing was sent."
