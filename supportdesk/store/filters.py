"""A typed queue filter as SQL conditions and an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, select, text

from supportdesk.domain.query import QueueQuery, Sort
from supportdesk.domain.words import Status
from supportdesk.services.ports import Clock
from supportdesk.store import search
from supportdesk.store.mapping import milliseconds
from supportdesk.store.tables import LeaseRow, MessageRow, SeenRow, TicketRow, table

_TICKET = table(TicketRow)
_LEASE = table(LeaseRow)
_MESSAGE = table(MessageRow)
_SEEN = table(SeenRow)
_EQUAL = ("queue", "category", "priority", "path", "channel", "language")


def conditions(
    query: QueueQuery, now: datetime, clock: Clock, found: Sequence[int] | None = None
) -> list[ColumnElement[bool]]:
    """The WHERE parts of a filter; `found` are the messages with its words where they are few, and so the beginning."""
    parts: list[Any] = []
    if found is not None:
        # A unary plus keeps SQLite from walking the whole queue for a handful of tickets.
        parts.append(
            text("1")
            if query.status == "any"
            else text("+ticket.grouping = :group").bindparams(group=_group(query.status))
        )
        if query.status not in ("open", "waiting", "resolved", "any"):
            parts.append(_TICKET.c.status == query.status)
    elif query.status in ("open", "waiting", "resolved"):
        # `status:open` means the group: what a queue holds. Tickets that are merely `open` are part of it.
        parts.append(_TICKET.c.grouping == query.status)
    elif query.status != "any":
        parts += [_TICKET.c.grouping == _group(query.status), _TICKET.c.status == query.status]
    if query.id:
        parts.append(_TICKET.c.id == query.id)
    parts += [_TICKET.c[name] == value for name in _EQUAL if (value := getattr(query, name))]
    if query.requester:
        parts.append(_TICKET.c.requester_email == query.requester)
    if query.assignee:
        parts.append(_TICKET.c.assignee == ("" if query.assignee == "none" else query.assignee))
    if query.trigger:
        parts.append(func.instr(" " + _TICKET.c.triggers + " ", f" {query.trigger} ") > 0)
    if query.tag:
        parts.append(_TICKET.c.tags.contains(f'"{query.tag}"', autoescape=True))
    if query.older_than:
        parts.append(_TICKET.c.updated_at <= milliseconds(now) - query.older_than * 1000)
    if query.newer_than:
        parts.append(_TICKET.c.updated_at >= milliseconds(now) - query.newer_than * 1000)
    if query.late:
        parts.append(_TICKET.c.due_at < milliseconds(now))
    if query.unread_by:
        parts.append(_unread(query.unread_by))
    if query.taken:
        parts.append(_taken(clock) if query.taken == "yes" else not_(_taken(clock)))
    if found is not None:
        parts.append(_TICKET.c.id.in_(search.tickets_of(found)))
    elif search.says_something(query.words):
        parts.append(_TICKET.c.id.in_(search.tickets_matching(query.words)))
    return parts


def _group(status: str) -> str:
    if status in ("open", "waiting", "resolved"):
        return status
    return Status(status).group if status in list(Status) else "open"


def _unread(login: str) -> ColumnElement[bool]:
    """All but the tickets of which this person has seen every message: few are read, however many there are."""
    messages = select(func.count()).select_from(_MESSAGE).where(_MESSAGE.c.ticket_id == _SEEN.c.ticket_id)
    read = (
        select(_SEEN.c.ticket_id)
        .where(_SEEN.c.login == login)
        .group_by(_SEEN.c.ticket_id)
        .having(func.count() >= messages.scalar_subquery())
    )
    return _TICKET.c.id.not_in(read)


def _taken(clock: Clock) -> ColumnElement[bool]:
    boot, uptime = clock.boot()
    return exists().where(and_(_LEASE.c.ticket_id == _TICKET.c.id, _LEASE.c.boot == boot, _LEASE.c.until > uptime))


def order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    """The ORDER BY parts of a sort; the id makes every order total."""
    ways: dict[Sort, tuple[ColumnElement[Any], ...]] = {
        Sort.PRESSING: (_TICKET.c.press, _TICKET.c.id),
        Sort.NEWEST: (_TICKET.c.updated_at.desc(), _TICKET.c.id.desc()),
        Sort.OLDEST: (_TICKET.c.updated_at, _TICKET.c.id),
        Sort.REQUESTER: (_TICKET.c.requester_email, _TICKET.c.press, _TICKET.c.id),
        Sort.QUEUE: (_TICKET.c.queue, _TICKET.c.press, _TICKET.c.id),
    }
    return ways[sort]
