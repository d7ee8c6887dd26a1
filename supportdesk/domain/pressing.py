"""How pressing a ticket is: its due time, brought forward by path and priority. Smaller is more pressing.

The value does not change as time passes, so a million tickets stay sorted in an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author, Path, Priority

ANSWER_WITHIN = {Priority.URGENT: 1.0, Priority.HIGH: 4.0, Priority.NORMAL: 24.0, Priority.LOW: 72.0}
"""Hours a requester may wait for an answer, by priority, where the desk's settings say nothing."""

_FORWARD = {Path.ESCALATION: timedelta(days=3650), Path.REVIEW: timedelta(hours=4), Path.ROUTINE: timedelta()}
_URGENT = timedelta(days=3650)


def due(waiting_since: datetime, priority: Priority, hours: Mapping[Priority, float] | None = None) -> datetime:
    """When a ticket wants its answer, given since when its requester waits and the hours allowed by priority."""
    allowed = (hours or {}).get(priority, ANSWER_WITHIN[priority])
    return waiting_since + timedelta(hours=allowed)


def due_time(thread: Thread, priority: Priority, hours: Mapping[Priority, float] | None = None) -> datetime | None:
    """When the thread wants its answer: from the oldest customer message nobody answered; None when all are."""
    waiting: Message | None = None
    for message in thread.messages:
        if message.author is Author.CUSTOMER:
            waiting = waiting or message
        elif message.author is Author.AGENT:
            waiting = None
    return None if waiting is None else due(waiting.sent_at, priority, hours)


def press(due_at: datetime | None, priority: Priority, path: Path, updated_at: datetime) -> int:
    """The ticket's place in the queue, in milliseconds: escalations and urgent ones first, then by due time."""
    base = due_at or updated_at + timedelta(days=365)
    forward = _FORWARD[path] + (_URGENT if priority is Priority.URGENT else timedelta())
    return round((base - forward).timestamp() * 1000)
