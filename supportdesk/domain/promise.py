"""The ledger of commitments: what was promised, to whom, by when, by whose authority, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supportdesk.domain.words import CommitmentKind


class PromiseState(StrEnum):
    """What became of a promise."""

    UNSENT = "unsent"
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Promise:
    """Something a sent reply commits us to."""

    id: int
    """Its number."""
    ticket_id: int
    """In which ticket."""
    kind: CommitmentKind
    """How it binds us."""
    quote: str
    """The words of the reply."""
    amount: str
    """How much money, where it says."""
    currency: str
    """ISO 4217 code, empty if none is named."""
    to: tuple[str, ...]
    """Whom it was promised."""
    due_at: datetime | None
    """By when, UTC; None where no day is named."""
    by: str
    """Login of who approved the words."""
    authority: str
    """By whose authority: `lea (lead)`, or who granted it."""
    at: datetime
    """When it was promised, UTC."""
    state: PromiseState = PromiseState.OPEN
    """What became of it."""
    warned_at: datetime | None = None
    """When its owner was told that it falls due, UTC."""
    settled_at: datetime | None = None
    """When it was kept or broken, UTC."""
    settled_by: str = ""
    """Who said so."""
    note: str = ""
    """What they said."""

    def overdue(self, now: datetime) -> bool:
        """Whether its day is past and nobody has said it was kept."""
        return self.state is PromiseState.OPEN and self.due_at is not None and self.due_at < now
