"""What a queue shows and in which order, and how a person types it.

queue:billing trigger:refund is:unread assignee:me older:2d "charged twice"
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, fields
from enum import StrEnum

from supportdesk.errors import BadInput


class Sort(StrEnum):
    """The order of a queue."""

    PRESSING = "pressing"
    NEWEST = "newest"
    OLDEST = "oldest"
    REQUESTER = "requester"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """A filter over tickets; empty fields do not filter."""

    status: str = "open"
    """A status, a group (open, waiting, resolved) or `any`."""
    queue: str = ""
    """Only this queue."""
    category: str = ""
    """Only this category."""
    trigger: str = ""
    """Only with this flag up."""
    priority: str = ""
    """Only this priority."""
    path: str = ""
    """Only this path."""
    channel: str = ""
    """Only from this channel."""
    language: str = ""
    """Only in this language (ISO 639-1)."""
    requester: str = ""
    """Only from this mail address."""
    assignee: str = ""
    """Only this person's; `none` for nobody's."""
    tag: str = ""
    """Only with this tag."""
    older_than: int = 0
    """Only with no message for this many seconds."""
    newer_than: int = 0
    """Only with a message within this many seconds."""
    unread_by: str = ""
    """Only with a message this login has not seen."""
    taken: str = ""
    """`yes` or `no`: only taken or free ones."""
    words: tuple[str, ...] = field(default=())
    """Words or phrases that must stand in subject, people, messages or notes."""
    sort: Sort = Sort.PRESSING
    """The order."""


_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_PLAIN = {f.name for f in fields(QueueQuery)} - {"words", "sort", "older_than", "newer_than", "unread_by", "taken"}


def parse_query(typed: str, login: str = "") -> QueueQuery:
    """Read a typed filter; `me` means `login`.

    Raises BadInput with what is wrong and what could be written instead.
    """
    try:
        parts = shlex.split(typed)
    except ValueError:
        parts = typed.replace('"', " ").split()
    values: dict[str, object] = {}
    words: list[str] = []
    for part in parts:
        key, colon, value = part.partition(":")
        if not colon or not re.fullmatch(r"[a-z]+", key):
            words.append(part)
        elif key in _PLAIN:
            values[key] = login if value == "me" else value
        elif key in ("older", "newer"):
            values[f"{key}_than"] = _seconds(part, value)
        elif key == "is":
            values |= _state(value, login)
        elif key == "sort":
            values["sort"] = _sort(value)
        else:
            raise BadInput(f"Unknown filter {key}: — try queue, trigger, status, assignee, is, older or plain words.")
    return QueueQuery(**values, words=tuple(words))  # type: ignore[arg-type]


def _seconds(part: str, value: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([mhdw])", value)
    if not match:
        raise BadInput(f"{part}: write a number and m, h, d or w, such as older:2d.")
    return int(match[1]) * _UNITS[match[2]]


def _state(value: str, login: str) -> dict[str, object]:
    if value == "unread":
        return {"unread_by": login}
    if value in ("taken", "free"):
        return {"taken": "yes" if value == "taken" else "no"}
    if value in ("open", "waiting", "resolved", "any", "new", "pending", "paused", "escalated", "solved", "closed"):
        return {"status": value}
    raise BadInput(f"is:{value} — try is:unread, is:taken, is:free, is:waiting or is:resolved.")


def _sort(value: str) -> Sort:
    try:
        return Sort(value)
    except ValueError:
        raise BadInput(f"sort:{value} — try {', '.join(Sort)}.") from None
