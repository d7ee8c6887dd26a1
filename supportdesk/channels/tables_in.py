"""Tickets from a table: CSV with a header, its columns known by their names or named by whoever imports it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from supportdesk.channels.helpdesks.shapes import many_addresses, moment, one_address, plain, priority_in, words_of
from supportdesk.channels.streams import Stream
from supportdesk.domain.incoming import Incoming, IncomingMessage, IncomingTicket, Unreadable
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Status
from supportdesk.errors import BadInput

FIELDS = (
    "id", "subject", "text", "email", "name", "status", "priority", "tags", "at", "queue", "channel", "author",
    "private",
)  # fmt: skip
"""What a column may be."""

_NAMES = {
    "id": ("id", "ticket id", "ticket", "ticket number", "number", "case number", "conversation id", "ref"),
    "subject": ("subject", "title", "summary", "topic"),
    "text": ("text", "description", "body", "message", "content", "comment", "question", "first message"),
    "email": ("email", "requester email", "customer email", "from", "sender", "e-mail", "contact email", "mail"),
    "name": (
        "name",
        "requester",
        "requester name",
        "customer",
        "customer name",
        "full name",
        "contact name",
        "contact",
    ),
    "status": ("status", "ticket status", "state"),
    "priority": ("priority", "urgency"),
    "tags": ("tags", "labels"),
    "at": ("at", "created at", "created time", "created", "date", "time", "timestamp", "created date", "created_at"),
    "queue": ("queue", "group", "team", "department", "mailbox"),
    "channel": ("channel", "source", "via"),
    "author": ("author", "author type", "sender type", "from type", "direction"),
    "private": ("private", "internal", "is private", "internal note"),
}
_STATUS = {
    "new": Status.NEW, "open": Status.OPEN, "in progress": Status.OPEN, "active": Status.OPEN,
    "pending": Status.PENDING, "waiting": Status.PENDING, "waiting on customer": Status.PENDING,
    "on hold": Status.PENDING, "hold": Status.PENDING, "stalled": Status.PENDING, "snoozed": Status.PENDING,
    "solved": Status.SOLVED, "resolved": Status.SOLVED, "done": Status.SOLVED, "closed": Status.CLOSED,
    "spam": Status.CLOSED,
}  # fmt: skip
_OURS = ("agent", "staff", "support", "us", "out", "outgoing", "outbound", "admin", "user")
_NOTES = ("internal", "note", "private", "private note", "internal note")
_YES = ("1", "true", "yes", "y", "private", "internal")
_LONGEST_ROW = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written."""

    delimiter: str
    """What stands between columns."""
    columns: Mapping[str, int]
    """Which field stands in which column."""
    encoding: str = "utf-8-sig"
    """How its letters are written."""


def parse_columns(said: str) -> dict[str, str]:
    """A mapping a person typed: `id=Ticket,text=Details`. Raises BadInput."""
    found = {}
    for part in said.split(","):
        field, equals, column = part.partition("=")
        if not equals or field.strip() not in FIELDS or not column.strip():
            raise BadInput(f"“{part.strip()}” names no column; write FIELD=COLUMN with one of {', '.join(FIELDS)}.")
        found[field.strip()] = column.strip()
    return found


def layout_of(head: bytes, named: Mapping[str, str] | None = None) -> Layout | None:
    """How a file's first bytes say it is written; None when it is no table of tickets. Raises BadInput."""
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = head.decode(encoding, "replace")
    line = text.partition("\n")[0].strip("\r")
    if "\x00" in line or not line:
        return None
    delimiter = max(",;\t|", key=line.count)
    names = [n.strip().casefold() for n in next(csv.reader([line], delimiter=delimiter), [])]
    columns = {}
    for field, known in _NAMES.items():
        wanted = (named[field].casefold(),) if named and field in named else () if named else known
        at = next((names.index(name) for name in wanted if name in names), None)
        if at is not None:
            columns[field] = at
        elif named and field in named:
            raise BadInput(f"The table has no column “{named[field]}”; it has {', '.join(names)}.")
    if len(names) < 2 or not {"text", "subject"} & set(columns):
        return None
    if named is None and not {"email", "name", "id"} & set(columns):
        return None
    return Layout(delimiter, columns, encoding)


def read_table(stream: Stream, name: str, layout: Layout) -> Iterator[tuple[Incoming, int]]:
    """A ticket for each row, or for all rows under one another that have its id."""
    csv.field_size_limit(_LONGEST_ROW)
    rows = csv.reader(_lines(stream, layout.encoding), delimiter=layout.delimiter)
    try:
        next(rows, None)
        numbered = enumerate((row for row in rows if any(cell.strip() for cell in row)), 2)
        for _, group in groupby(numbered, key=lambda row: _cell(row[1], layout, "id") or row[0]):
            together = list(group)
            source = f"{name} row {together[0][0]}"
            yield _ticket([row for _, row in together], layout, source), stream.consumed
    except csv.Error as trouble:
        yield Unreadable(name, b"", f"What follows row {rows.line_num} is no table: {trouble}."), stream.consumed


def _ticket(rows: Sequence[Sequence[str]], layout: Layout, source: str) -> IncomingTicket | Unreadable:
    first = rows[0]
    messages = [_message(row, layout, source) for row in rows]
    subject = next((s for s in (_cell(row, layout, "subject") for row in rows) if s), "")
    if not any(m.text or m.subject for m in messages):
        return Unreadable(source, repr(list(first)).encode(), "It has neither a subject nor a text.")
    requester = next((m.sender for m in messages if m.author is Author.CUSTOMER), messages[0].sender)
    known = _cell(first, layout, "id")
    status = _cell(first, layout, "status").casefold()
    return IncomingTicket(
        external=f"table:{known}" if known else "",
        subject=subject,
        requester=requester,
        messages=tuple(messages),
        channel=_cell(first, layout, "channel").casefold() or "mail",
        tags=words_of(_cell(first, layout, "tags").replace(";", ",")),
        status=_STATUS.get(status, Status.OPEN).value if status else "",
        priority=priority_in(_cell(first, layout, "priority")),
        queue=_cell(first, layout, "queue").casefold().replace(" ", "-"),
        source=source,
    )


def _message(row: Sequence[str], layout: Layout, source: str) -> IncomingMessage:
    said = _cell(row, layout, "author").casefold()
    private = _cell(row, layout, "private").casefold() in _YES or said in _NOTES
    text = _cell(row, layout, "text")
    subject = _cell(row, layout, "subject")
    mail = one_address(_cell(row, layout, "email")) if "@" in _cell(row, layout, "email") else Address("")
    named = one_address(_cell(row, layout, "name")) if "@" in _cell(row, layout, "name") else Address("")
    sender = Address(mail.email or named.email, named.name or _cell(row, layout, "name") or mail.name)
    if "@" in sender.name:
        sender = Address(sender.email, mail.name)
    html = text.lstrip()[:1] == "<" and text.rstrip()[-1:] == ">"
    return IncomingMessage(
        author=Author.INTERNAL if private else Author.AGENT if said in _OURS else Author.CUSTOMER,
        text=(plain(text) if html else text) or subject,
        subject=subject,
        sender=sender,
        to=many_addresses(""),
        sent_at=moment(_cell(row, layout, "at")),
        source=source,
    )


def _cell(row: Sequence[str], layout: Layout, field: str) -> str:
    at = layout.columns.get(field)
    return row[at].strip() if at is not None and at < len(row) else ""


def _lines(stream: Stream, encoding: str) -> Iterator[str]:
    """Lines of text as they stream by, line ends kept."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    newlines = io.IncrementalNewlineDecoder(None, translate=False)
    waiting = ""
    while block := stream.read():
        waiting += newlines.decode(decoder.decode(block))
        lines = waiting.splitlines(keepends=True)
        waiting = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        yield from lines
    yield from (waiting + newlines.decode(decoder.decode(b"", final=True), final=True)).splitlines(keepends=True)
