"""How pressing a ticket is: its due time, brought forward by path and priority. Smaller is more pressing.

The value does not change as time passes, so a million tickets stay sorted in an index.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from supportdesk.domain.words import Path, Priority

ANSWER_WITHIN = {
    Priority.URGENT: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=4),
    Priority.NORMAL: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
}
"""How long a requester may wait for an answer, by priority."""

_FORWARD = {Path.ESCALATION: timedelta(days=3650), Path.REVIEW: timedelta(hours=4), Path.ROUTINE: timedelta()}
_URGENT = timedelta(days=3650)


def due(waiting_since: datetime, priority: Priority, within: dict[Priority, timedelta] | None = None) -> datetime:
    """When a ticket wants its answer, given since when its requester waits."""
    return waiting_since + (within or ANSWER_WITHIN)[priority]


def press(due_at: datetime | None, priority: Priority, path: Path, updated_at: datetime) -> int:
    """The ticket's place in the queue, in milliseconds: escalations and urgent ones first, then by due time."""
    base = due_at or updated_at + timedelta(days=365)
    forward = _FORWARD[path] + (_URGENT if priority is Priority.URGENT else timedelta())
    return round((base - forward).timestamp() * 1000)
