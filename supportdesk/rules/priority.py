"""How soon a ticket wants an answer, before the desk's own rules raise it."""

from __future__ import annotations

from collections.abc import Sequence

from supportdesk.domain.words import Priority, Sentiment, TriggerKind
from supportdesk.rules.clauses import Reading

_LOW_CATEGORIES = frozenset({"feedback"})
_SEVERE = frozenset({"outage", "hospital", "locked_in", "unknown_access"})


def priority(
    category: str, kinds: frozenset[TriggerKind], sentiment: Sentiment, readings: Sequence[Reading]
) -> Priority:
    """Low for thanks and ideas, normal for most, high where people are stopped or upset, urgent where harm is near."""
    said = {concept for reading in readings for concept in reading.stated}
    if TriggerKind.SAFETY in kinds:
        return Priority.URGENT
    if sentiment in (Sentiment.ANGRY, Sentiment.DISTRESSED) or (kinds and said & _SEVERE):
        return Priority.HIGH
    if not kinds and (category in _LOW_CATEGORIES or sentiment is Sentiment.POSITIVE):
        return Priority.LOW
    return Priority.NORMAL
