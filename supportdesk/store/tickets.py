"""Tickets and their messages."""

from __future__ import annotations

import itertools
import json
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, select, update

from supportdesk.domain.matches import excerpt
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import Attachment, Thread, Ticket
from supportdesk.domain.words import Status
from supportdesk.errors import NotFound, Stale
from supportdesk.services.ports import Clock
from supportdesk.store import mapping, search
from supportdesk.store.arrivals import SqlArrivals
from supportdesk.store.compiled import Compiled
from supportdesk.store.filters import conditions, order
from supportdesk.store.raw import load
from supportdesk.store.tables import (
    AttachmentRow,
    LeaseRow,
    MessageRow,
    ReferenceRow,
    SeenRow,
    TicketRow,
    table,
)

_TICKET = table(TicketRow)
_MESSAGE = table(MessageRow)
_ATTACHMENT = table(AttachmentRow)
_REFERENCE = table(ReferenceRow)
_LEASE = table(LeaseRow)
_HEADING = Compiled(
    select(_TICKET.c.subject, _TICKET.c.channel, _TICKET.c.records).where(_TICKET.c.id == bindparam("ticket"))
)
_THREAD = Compiled(
    select(_MESSAGE).where(_MESSAGE.c.ticket_id == bindparam("ticket")).order_by(_MESSAGE.c.sent_at, _MESSAGE.c.id)
)
_FILES = Compiled(
    select(_ATTACHMENT)
    .select_from(_MESSAGE.join(_ATTACHMENT, _ATTACHMENT.c.message_id == _MESSAGE.c.id))
    .where(_MESSAGE.c.ticket_id == bindparam("ticket"))
    .order_by(_ATTACHMENT.c.id)
)
_FILES_OF = Compiled(
    select(_ATTACHMENT).where(_ATTACHMENT.c.message_id == bindparam("message")).order_by(_ATTACHMENT.c.id)
)
# Made once: every write asks for its ticket, and making the statement costs more than running it.
_HELD = (_LEASE.c.ticket_id == _TICKET.c.id) & (_LEASE.c.boot == bindparam("boot"))
_TICKETS = select(_TICKET, _LEASE.c.login.label("taken_by")).select_from(
    _TICKET.outerjoin(_LEASE, _HELD & (_LEASE.c.until > bindparam("uptime")))
)
_PAGE = _TICKETS.where(_TICKET.c.id.in_(bindparam("ids", expanding=True)))
_ONE = Compiled(_TICKETS.where(_TICKET.c.id == bindparam("ticket")))
_THIS = _TICKET.alias("this")
_OTHERS = (
    select(_TICKET.c.id)
    .select_from(_THIS.join(_TICKET, _TICKET.c.requester_email == _THIS.c.requester_email))
    .where(_THIS.c.id == bindparam("ticket"), _THIS.c.requester_email != "", _TICKET.c.id != _THIS.c.id)
    .order_by(_TICKET.c.updated_at.desc())
    .limit(50)
)
_SEEN = table(SeenRow)

_SURPLUS = 2
"""How many times as many tickets are walked as would meet enough matches, were they spread evenly."""
_READ = 20_000
"""Characters of a message in which a match is looked for to be shown."""
_TEXTS = select(
    _MESSAGE.c.ticket_id,
    _MESSAGE.c.sender_name,
    _MESSAGE.c.sender_email,
    func.substr(_MESSAGE.c.text, 1, _READ).label("text"),
).order_by(_MESSAGE.c.id.desc())


class SqlTickets(SqlArrivals):
    """The `Tickets` port on a database connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Work inside this connection's transaction."""
        super().__init__(connection)
        self._clock = clock

    def get(self, ticket_id: int) -> Ticket:
        """One ticket. Raises NotFound."""
        boot, uptime = self._clock.boot()
        row = _ONE.first(self._connection, ticket=ticket_id, boot=boot, uptime=uptime)
        if row is None:
            raise NotFound(f"There is no ticket #{ticket_id} at this desk.")
        return mapping.ticket_from(row)

    def ids(self, query: QueueQuery, now: datetime, limit: int = 0) -> array[int]:
        """Ids of the tickets a query shows, in its order; the first `limit`, or all."""
        if limit and search.says_something(query.words):
            return self._first_found(query, now, limit)
        return self._ids(conditions(query, now, self._clock), query, limit)

    def _ids(self, where: Sequence[ColumnElement[bool]], query: QueueQuery, limit: int) -> array[int]:
        statement = select(_TICKET.c.id).where(*where).order_by(*order(query.sort))
        result = self._connection.execute(statement.limit(limit) if limit else statement)
        # The bare cursor: wrapping a million rows takes longer than reading them.
        return array("q", itertools.chain.from_iterable(result.cursor))  # type: ignore[arg-type]

    def _first_found(self, query: QueueQuery, now: datetime, limit: int) -> array[int]:
        """The first tickets with words many have: walk the queue and look who is among the found."""
        found = search.messages_matching(self._connection, query.words)
        if not found:
            return found
        where = conditions(replace(query, words=()), now, self._clock)
        # The rarer the words, the longer the walk until enough are met; past some point gathering them is shorter.
        last = int(self._connection.execute(select(func.max(_MESSAGE.c.id))).scalar() or 0)
        walked = round(_SURPLUS * limit * last / len(found)) + limit
        if walked > len(found):
            return self._ids(conditions(query, now, self._clock, found), query, limit)
        first = self._ids(where, query, walked)
        hits = self._with_message_in(first, found)
        shown = array("q", itertools.islice((i for i in first if i in hits), limit))
        if len(shown) == limit or len(first) < walked:
            return shown
        return self._ids(conditions(query, now, self._clock), query, limit)

    def _with_message_in(self, ids: Sequence[int], message_ids: array[int]) -> set[int]:
        statement = select(_MESSAGE.c.ticket_id, _MESSAGE.c.id).where(
            _MESSAGE.c.ticket_id.in_(bindparam("ids", expanding=True))
        )
        hits: set[int] = set()
        last = len(message_ids)
        for ticket_id, row_id in self._connection.execute(statement, {"ids": list(ids)}).tuples():
            place = bisect_left(message_ids, row_id)
            if place < last and message_ids[place] == row_id:
                hits.add(ticket_id)
        return hits

    def count(self, query: QueueQuery, now: datetime, limit: int = 0) -> int:
        """How many tickets a query shows, counting no further than `limit`."""
        where = conditions(query, now, self._clock)
        rows = select(_TICKET.c.id).where(*where)
        statement = select(func.count()).select_from((rows.limit(limit) if limit else rows).subquery())
        return int(self._connection.execute(statement).scalar_one())

    def last_id(self) -> int:
        """The highest number a ticket has; 0 without tickets."""
        return int(self._connection.execute(select(func.max(_TICKET.c.id))).scalar() or 0)

    def unread(self, ids: Sequence[int], login: str) -> frozenset[int]:
        """Which of these tickets have a message this person has not seen."""
        seen = exists().where(_SEEN.c.message_id == _MESSAGE.c.id, _SEEN.c.login == login)
        among = _MESSAGE.c.ticket_id.in_(bindparam("ids", expanding=True))
        statement = select(_MESSAGE.c.ticket_id).where(among, ~seen).distinct()
        return frozenset(self._connection.execute(statement, {"ids": list(ids)}).scalars())

    def excerpts(self, ids: Sequence[int], words: Sequence[str]) -> dict[int, str]:
        """Where the words stand in these tickets' latest messages: see `domain.matches`."""
        statement = _TEXTS.where(_MESSAGE.c.ticket_id.in_(bindparam("ids", expanding=True)))
        found: dict[int, str] = {}
        for row in self._connection.execute(statement, {"ids": list(ids)}):
            if row.ticket_id not in found:
                words_there = excerpt(row.text, words) or excerpt(f"{row.sender_name} {row.sender_email}", words)
                if words_there:
                    found[row.ticket_id] = words_there
        return found

    def page(self, ids: Sequence[int]) -> tuple[Ticket, ...]:
        """The tickets with these ids, in this order; missing ones are left out."""
        if not ids:
            return ()
        boot, uptime = self._clock.boot()
        rows = {
            row["id"]: row
            for row in self._connection.execute(_PAGE, {"ids": list(ids), "boot": boot, "uptime": uptime}).mappings()
        }
        return tuple(mapping.ticket_from(dict(rows[i])) for i in ids if i in rows)

    def thread(self, ticket_id: int) -> Thread:
        """A ticket's messages by time, with records and subject. Raises NotFound."""
        ticket = _HEADING.first(self._connection, ticket=ticket_id)
        if ticket is None:
            raise NotFound(f"There is no ticket #{ticket_id} at this desk.")
        files: dict[int, list[Attachment]] = defaultdict(list)
        for row in _FILES.rows(self._connection, ticket=ticket_id):
            files[row["message_id"]].append(mapping.attachment_from(row))
        rows = _THREAD.rows(self._connection, ticket=ticket_id)
        messages = tuple(mapping.message_from(row, at, tuple(files[row["id"]])) for at, row in enumerate(rows))
        return Thread(messages, ticket["subject"], ticket["channel"], json.loads(ticket["records"]))

    def change(self, ticket_id: int, *, expect: int | None = None, **fields: object) -> None:
        """Set fields of a ticket and raise its version by one. Raises Stale and NotFound."""
        values = {name: mapping.plain(value) for name, value in fields.items()}
        if "status" in fields:
            values["grouping"] = Status(str(values["status"])).group
        given = {"which": ticket_id, **values} | ({} if expect is None else {"expected": expect})
        done = _changing(tuple(values), expect is not None).run(self._connection, **given)
        if done.rowcount == 0:
            ticket = self.get(ticket_id)
            raise Stale(f"Ticket {ticket.ref} was changed meanwhile; look at it again before you decide.")

    def to_prepare(self, limit: int) -> tuple[int, ...]:
        """Ids of tickets whose thread changed since they were prepared, most pressing first."""
        statement = select(_TICKET.c.id).where(_TICKET.c.stale == 1).order_by(_TICKET.c.press).limit(limit)
        return tuple(self._connection.execute(statement).scalars())

    def count_to_prepare(self) -> int:
        """How many tickets wait to be prepared."""
        statement = select(func.count()).select_from(_TICKET).where(_TICKET.c.stale == 1)
        return int(self._connection.execute(statement).scalar_one())

    def to_wake(self, now: datetime) -> tuple[int, ...]:
        """Ids of paused tickets whose time has come."""
        due = (_TICKET.c.status == "paused") & (_TICKET.c.wake_at <= mapping.milliseconds(now))
        return tuple(self._connection.execute(select(_TICKET.c.id).where(due)).scalars())

    def same_requester(self, ticket_id: int) -> tuple[Ticket, ...]:
        """The requester's other tickets, latest first, at most 50."""
        return self.page(list(self._connection.execute(_OTHERS, {"ticket": ticket_id}).scalars()))

    def attachment(self, sha256: str) -> bytes:
        """A kept file's content. Raises NotFound."""
        return load(self._connection, sha256)

    def attachments(self, message_id: int) -> tuple[Attachment, ...]:
        """A message's files."""
        return tuple(mapping.attachment_from(row) for row in _FILES_OF.rows(self._connection, message=message_id))


@cache
def _changing(fields: tuple[str, ...], expecting: bool) -> Compiled:
    """An UPDATE of these fields, made once."""
    statement = update(_TICKET).where(_TICKET.c.id == bindparam("which"))
    if expecting:
        statement = statement.where(_TICKET.c.version == bindparam("expected"))
    return Compiled(statement.values(version=_TICKET.c.version + 1, **{name: bindparam(name) for name in fields}))
