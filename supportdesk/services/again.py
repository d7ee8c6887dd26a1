"""Whether the same words went to the same person a moment ago: two colleagues, or one key pressed twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from supportdesk.domain.case import Case
from supportdesk.domain.words import OutboxState
from supportdesk.services.ports import Transaction

LATELY = timedelta(minutes=10)
"""How long the same words to the same person are worth a warning."""

_ON_ITS_WAY = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENT, OutboxState.UNCERTAIN)


def same_words_lately(tx: Transaction, case: Case, now: datetime) -> datetime | None:
    """When these very words were last approved for one of these recipients, on any of the requester's tickets."""
    revision = case.revision
    if revision is None:
        return None
    found: list[datetime] = []
    for ticket in (case.ticket, *tx.tickets.same_requester(case.ticket.id)):
        for entry in tx.decisions.outbox((), ticket.id):
            to, at = entry.payload.get("to"), entry.changed_at
            same = entry.payload.get("text") == revision.text and entry.state in _ON_ITS_WAY
            if same and isinstance(to, list) and set(to) & set(revision.to) and at is not None and at >= now - LATELY:
                found.append(at)
    return max(found, default=None)
