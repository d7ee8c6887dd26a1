"""The queue's columns: which are shown at a width, and what a ticket puts into each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import Status
from widgets.lines import Painted
from widgets.paint import fit, one_line
from widgets.wording import PATH_LOOKS, PRIORITY_LOOKS, due_words, span, trigger_look, trigger_word


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
    cell: Callable[[Ticket, Scene, int], tuple[Painted, ...]]
    """What a ticket puts into it, exactly as wide as it is told."""
    right: bool = False
    """Whether it stands at the right edge of its column."""


def _due(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    words, look = due_words(ticket.due_at, scene.now)
    return ((fit(words, width, right=True), look),)


def _priority(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(ticket.priority.value, width), PRIORITY_LOOKS[ticket.priority]),)


def _path(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    if ticket.status in (Status.ESCALATED, Status.PENDING, Status.PAUSED, Status.SOLVED, Status.CLOSED):
        return ((fit(ticket.status.value, width), "accent"),)
    return ((fit(ticket.path.value, width), PATH_LOOKS[ticket.path]),)


def _ref(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(ticket.ref, width, right=True), "muted"),)


def _subject(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    subject = one_line(ticket.subject)
    return ((fit(subject or "(no subject)", width), "" if subject else "muted"),)


def _requester(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(one_line(ticket.requester.name or ticket.requester.email), width), ""),)


def _triggers(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
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


def _queue(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(one_line(ticket.queue), width), "muted"),)


def _taken(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    who = one_line(ticket.taken_by)
    if who and who == scene.login:
        return ((fit("you", width), "accent"),)
    return ((fit(who, width), "warn"),)


def _age(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(span(max(scene.now - ticket.updated_at, scene.now - scene.now)), width, right=True), "muted"),)


def _language(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(one_line(ticket.language if ticket.language != "und" else ""), width), "muted"),)


def _channel(ticket: Ticket, scene: Scene, width: int) -> tuple[Painted, ...]:
    return ((fit(one_line(ticket.channel), width), "muted"),)


def columns_for(width: int, ref_width: int) -> tuple[tuple[Column, int], ...]:
    """The columns of a table so wide, each with its cells; the subject takes what is left."""
    wide = 20 if width < 100 else 22 if width < 150 else 30
    every = (
        Column("due", 8, 0, _due, right=True),
        Column("priority", 8, 0, _priority),
        Column("path", 10, 0, _path),
        Column("#", ref_width, 0, _ref, right=True),
        Column("subject", 0, 0, _subject),
        Column("flags", wide, 70, _triggers),
        Column("requester", 18, 104, _requester),
        Column("queue", 12, 124, _queue),
        Column("via", 8, 170, _channel),
        Column("in", 2, 150, _language),
        Column("age", 5, 138, _age, right=True),
        Column("taken", 6, 96, _taken),
    )
    shown = [c for c in every if width >= c.since]
    left = width - sum(c.width + 1 for c in shown if c.width) - 1
    return tuple((c, c.width or max(left, 10)) for c in shown)
