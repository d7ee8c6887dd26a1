"""The queue's columns: which are shown at a width, and what a ticket puts into each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.matches import BEGIN, END
from supportdesk.domain.thread import QueueRow
from supportdesk.domain.words import Status
from widgets.lines import Painted
from widgets.paint import cells, fit, one_line
from widgets.wording import PATH_LOOKS, PRIORITY_LOOKS, due_words, span, trigger_look, trigger_word

MATCH_ROOM = 16
"""Cells a match needs beside its subject."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a row needs to know besides its ticket."""

    now: datetime
    """The time, UTC."""
    login: str
    """Who looks."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    title: str
    """Its heading."""
    width: int
    """Cells it takes; 0 for what is left over."""
    since: int
    """Shown from this total width on."""
    cell: Callable[[QueueRow, Scene, int], tuple[Painted, ...]]
    """What a ticket puts into it, exactly as wide as it is told."""
    right: bool = False
    """Whether it stands at the right edge of its column."""


def _due(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    words, look = due_words(ticket.due_at, scene.now)
    return ((fit(words, width, right=True), look),)


def _priority(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(ticket.priority.value, width), PRIORITY_LOOKS[ticket.priority]),)


def _path(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    if ticket.status in (Status.ESCALATED, Status.PENDING, Status.PAUSED, Status.SOLVED, Status.CLOSED):
        return ((fit(ticket.status.value, width), "accent"),)
    return ((fit(ticket.path.value, width), PATH_LOOKS[ticket.path]),)


def _ref(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(ticket.ref, width, right=True), "muted"),)


def _subject(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    subject = one_line(row.ticket.subject)
    look = ("strong" if row.unread else "") if subject else "muted"
    subject = subject or "(no subject)"
    left = width - cells(subject) - 2
    if not row.match or left < MATCH_ROOM:
        return ((fit(subject, width), look),)
    return ((subject, look), ("  ", ""), *match_parts(row.match, left))


def match_parts(match: str, width: int) -> tuple[Painted, ...]:
    """A match's words in so many cells, the found ones marked."""
    parts: list[Painted] = []
    left = width
    for number, piece in enumerate(match.replace(END, BEGIN).split(BEGIN)):
        words = _on_line(piece)
        if left <= 0:
            break
        shown = words if cells(words) <= left else fit(words, left)
        parts.append((shown, "mark" if number % 2 else "muted"))
        left -= cells(shown)
    return (*parts, (" " * max(left, 0), ""))


def _on_line(piece: str) -> str:
    """One piece of a match, its spaces at the ends kept: they stand between it and the next."""
    words = one_line(piece).strip()
    return f"{' ' if piece[:1].isspace() else ''}{words}{' ' if words and piece[-1:].isspace() else ''}"


def _requester(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(one_line(ticket.requester.name or ticket.requester.email), width), ""),)


def _triggers(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    parts: list[Painted] = []
    left = width
    kinds = list(ticket.triggers)
    for index, kind in enumerate(kinds):
        word = one_line(trigger_word(kind))
        rest = len(kinds) - index - 1
        more = f" +{rest}" if rest else ""
        gap = " " if parts else ""
        if len(gap + word + more) > left:
            parts.append((f"{gap}+{len(kinds) - index}", "muted"))
            left -= len(parts[-1][0])
            break
        parts.append((gap + word, trigger_look(kind)))
        left -= len(gap + word)
    return (*parts, (" " * max(left, 0), ""))


def _queue(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(one_line(ticket.queue), width), "muted"),)


def _taken(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    who = one_line(ticket.taken_by)
    if who and who == scene.login:
        return ((fit("you", width), "accent"),)
    return ((fit(who, width), "warn"),)


def _assignee(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    who = one_line(row.ticket.assignee)
    return ((fit("you" if who and who == scene.login else who, width), "muted"),)


def _age(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(span(max(scene.now - ticket.updated_at, scene.now - scene.now)), width, right=True), "muted"),)


def _language(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(one_line(ticket.language if ticket.language != "und" else ""), width), "muted"),)


def _channel(row: QueueRow, scene: Scene, width: int) -> tuple[Painted, ...]:
    ticket = row.ticket
    return ((fit(one_line(ticket.channel), width), "muted"),)


def columns_for(width: int, ref_width: int) -> tuple[tuple[Column, int], ...]:
    """The columns of a table so wide, each with its cells; the subject takes what is left."""
    flags = 14 if width < 92 else 20 if width < 140 else 30
    every = (
        Column("due", 8, 0, _due, right=True),
        Column("priority", 8, 92, _priority),
        Column("path", 10, 0, _path),
        Column("#", ref_width, 0, _ref, right=True),
        Column("subject", 0, 0, _subject),
        Column("flags", flags, 70, _triggers),
        Column("requester", 18, 108, _requester),
        Column("queue", 12, 128, _queue),
        Column("via", 8, 176, _channel),
        Column("in", 2, 156, _language),
        Column("age", 5, 144, _age, right=True),
        Column("owner", 10, 160, _assignee),
        Column("taken", 6, 76, _taken),
    )
    shown = [c for c in every if width >= c.since]
    left = width - sum(c.width + 1 for c in shown if c.width) - 3
    return tuple((c, c.width or max(left, 10)) for c in shown)
