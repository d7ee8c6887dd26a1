"""What a queue shows and in which order, and how a person types it.

queue:billing trigger:refund is:unread assignee:me older:2d "charged twice"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum

from supportdesk.domain.words import Path, Priority, Status
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
    late: bool = False
    """Only those whose answer is overdue."""
    id: int = 0
    """Only the ticket with this number, however it stands; 0 for any."""
    first: int = 0
    """The number of a ticket that comes first, whatever else is found: a number typed by itself; 0 for none."""
    words: tuple[str, ...] = field(default=())
    """Words or phrases that must stand in subject, people, messages or notes."""
    sort: Sort = Sort.PRESSING
    """The order."""


_DIGITS = 15
"""How many digits the number of a ticket has at most."""
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_PLAIN = {f.name for f in fields(QueueQuery)} - {
    "words",
    "sort",
    "older_than",
    "newer_than",
    "unread_by",
    "taken",
    "late",
    "id",
    "first",
}
STATES = ("unread", "late", "taken", "free", "mine", "open", "waiting", "resolved", "any", *(s.value for s in Status))
"""What may stand after `is:`."""
_CLOSED = {
    "priority": tuple(p.value for p in Priority),
    "path": tuple(p.value for p in Path),
    "status": ("open", "waiting", "resolved", "any", *(s.value for s in Status)),
}
KEYS = (*sorted(_PLAIN), "id", "older", "newer", "is", "sort")
"""What may stand before a colon."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One word of a typed filter and where it stands."""

    text: str
    """The word, without quotes."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last."""
    quoted: bool
    """Whether it began with a quote: then it is words to search for, whatever they are."""


def split(typed: str) -> list[Typed]:
    """The words of a line; quotes hold a phrase together, one that is still open holds nothing."""
    closed = typed.count('"') % 2 == 0
    line = typed if closed else typed.replace('"', " ")
    found = []
    for match in re.finditer(r'(?:[^\s"]|"[^"]*")+', line):
        word = match.group()
        found.append(Typed(word.replace('"', ""), match.start(), match.end(), word.startswith('"')))
    return found


def parse_query(typed: str, login: str = "") -> QueueQuery:
    """Read a typed filter; `me` means `login`.

    Raises BadInput with what is wrong and what could be written instead.
    """
    values: dict[str, object] = {}
    words: list[str] = []
    for part in split(typed):
        key, colon, value = part.text.partition(":")
        if not part.quoted and re.fullmatch(r"#[0-9]{1,15}", part.text):
            key, colon, value = "id", ":", part.text
        if part.quoted or not colon or not re.fullmatch(r"[a-z]+", key):
            words.append(part.text)
        elif key not in KEYS:
            raise BadInput(f"Unknown filter {key}: — try queue, trigger, status, assignee, is, older or plain words.")
        elif value:  # nothing yet behind the colon: somebody is still typing
            values |= _meant(key, value, part.text, login)
    if values.get("id"):
        values.setdefault("status", "any")
    elif typed.strip().isdecimal() and typed.strip().isascii() and len(typed.strip()) <= _DIGITS:
        values["first"] = int(typed)
    return QueueQuery(**values, words=tuple(w for w in words if w))  # type: ignore[arg-type]


def _meant(key: str, value: str, part: str, login: str) -> dict[str, object]:
    if key in ("older", "newer"):
        return {f"{key}_than": _seconds(part, value)}
    if key == "is":
        return _state(value, login)
    if key == "sort":
        return {"sort": _sort(value)}
    if key == "id":
        return {"id": _number(part, value)}
    if key in _CLOSED and value not in _CLOSED[key]:
        raise BadInput(f"{part} — try {', '.join(_CLOSED[key])}.")
    return {key: login if value == "me" and key == "assignee" else value}


def _number(part: str, value: str) -> int:
    digits = value.removeprefix("#")
    if not re.fullmatch(r"[0-9]{1,15}", digits):
        raise BadInput(f"{part}: write a ticket's number, such as id:2 or #2.")
    return int(digits)


def _seconds(part: str, value: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([mhdw])", value)
    if not match:
        raise BadInput(f"{part}: write a number and m, h, d or w, such as older:2d.")
    return int(match[1]) * _UNITS[match[2]]


def _state(value: str, login: str) -> dict[str, object]:
    if value == "unread":
        return {"unread_by": login}
    if value == "late":
        return {"late": True}
    if value == "mine":
        return {"assignee": login}
    if value in ("taken", "free"):
        return {"taken": "yes" if value == "taken" else "no"}
    if value in STATES:
        return {"status": value}
    raise BadInput(f"is:{value} — try is:unread, is:late, is:taken, is:free, is:waiting or is:resolved.")


def _sort(value: str) -> Sort:
    try:
        return Sort(value)
    except ValueError:
        raise BadInput(f"sort:{value} — try {', '.join(Sort)}.") from None
