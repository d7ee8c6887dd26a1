"""A thread as rows to paint, at a width: pure, so that long ones can be laid out beside the event loop."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.thread import Attachment, Message, Thread
from supportdesk.domain.words import Author, MessageKind, SourceKind
from supportdesk.rules.files import warning
from supportdesk.rules.quoting import PartKind, parts
from supportdesk.text import clean, fold, hidden
from widgets.paint import Line, cells, fit, lines_of, one_line, wrap
from widgets.wording import clock_time, count_words, day, size_words

LONG = 600
"""Lines of one message that are shown before the rest is folded."""

HEAVY_TEXT = 200_000
HEAVY_MESSAGES = 80

GUTTER = 2
"""Cells left of a message's words."""


class RowKind(StrEnum):
    """What a row is."""

    DAY = "day"
    NEW = "new"
    HEAD = "head"
    OWN = "own"
    QUOTED = "quoted"
    FOLD = "fold"
    FILE = "file"
    REMARK = "remark"
    GAP = "gap"


class Row(NamedTuple):
    """One painted line of a thread."""

    kind: RowKind
    """What it is."""
    message: int
    """Position of its message."""
    text: str
    """What is painted, cleaned; a head's left part."""
    line: Line | None = None
    """The line of the message it is a piece of."""
    first: int = 0
    """Where the piece begins in the painted line."""
    right: str = ""
    """A head's right part."""


@dataclass(frozen=True, slots=True)
class View:
    """How a thread is to be laid out."""

    width: int
    """Cells a row can take."""
    now: datetime
    """The time, UTC."""
    unfolded: frozenset[int] = frozenset()
    """Positions of messages whose quotes, signatures and tails are shown."""
    spelled: bool = False
    """Whether hidden characters are named."""
    news: frozenset[int] = frozenset()
    """Positions of messages that came since the reviewer last looked."""


class Layout:
    """A thread's rows, and where each message's begin and end."""

    def __init__(self, rows: list[Row], spans: dict[int, tuple[int, int]]) -> None:
        """Keep them."""
        self.rows = rows
        self.spans = spans
        """First row and the one after the last, by message position."""

    def message_at(self, row: int) -> int:
        """Position of the message a row belongs to; -1 where there are no rows."""
        return self.rows[min(max(row, 0), len(self.rows) - 1)].message if self.rows else -1

    def row_of(self, position: int, start: int) -> int | None:
        """The row on which a message's raw offset stands; None when it is folded away."""
        first, end = self.spans.get(position, (0, 0))
        found = None
        for index in range(first, end):
            row = self.rows[index]
            if row.line is None or row.line.start > start:
                continue
            if start <= row.line.start + len(row.line.raw) and row.first <= row.line.column(start - row.line.start):
                found = index
        return found


def is_heavy(thread: Thread) -> bool:
    """Whether laying it out takes long enough to be felt."""
    return len(thread.messages) > HEAVY_MESSAGES or sum(len(m.text) for m in thread.messages) > HEAVY_TEXT


def lay_out(thread: Thread, view: View) -> Layout:
    """Every row of a thread."""
    rows: list[Row] = []
    spans: dict[int, tuple[int, int]] = {}
    before = ""
    first_new = min(view.news, default=-1)
    for message in thread.messages:
        first = len(rows)
        today = day(message.sent_at, view.now)
        if message.position == first_new:
            words = "new since you last looked"
            line = f"━━ {words} " + "━" * max(view.width - len(words) - 4, 0)
            rows.append(Row(RowKind.NEW, message.position, fit(line, view.width)))
        if today != before:
            before = today
            rows.append(Row(RowKind.DAY, message.position, f"── {today} " + "─" * max(view.width - len(today) - 4, 0)))
        rows += _message_rows(message, len(thread.messages), view)
        rows.append(Row(RowKind.GAP, message.position, ""))
        spans[message.position] = (first, len(rows))
    if rows:
        rows.pop()
        last = thread.messages[-1].position
        spans[last] = (spans[last][0], len(rows))
    return Layout(rows, spans)


def _message_rows(message: Message, total: int, view: View) -> Iterator[Row]:
    at = message.position
    yield _head(message, total, view)
    yield from _body(message, view)
    for file in message.attachments:
        yield Row(RowKind.FILE, at, fit(_file_words(file), view.width - GUTTER).rstrip())
        if careful := warning(file.name, file.media_type):
            words = f"! careful: {one_line(careful)}"
            yield from (Row(RowKind.REMARK, at, words[a:b]) for a, b in wrap(words, view.width - GUTTER))
    for remark in message.remarks:
        text = one_line(remark)
        yield from (Row(RowKind.REMARK, at, text[a:b]) for a, b in wrap(text, view.width - GUTTER))
    yield from (Row(RowKind.REMARK, at, text) for text in _hidden_words(message, view))


def _head(message: Message, total: int, view: View) -> Row:
    who = one_line(str(message.sender.name or message.sender.email))
    role = {Author.CUSTOMER: "requester", Author.AGENT: "agent", Author.INTERNAL: "internal note"}[message.author]
    left = f"{who} · {role}" if who else role
    if message.position in view.news:
        left = f"● {left}"
    if message.kind is not MessageKind.ORDINARY:
        left += f" · {message.kind.value.replace('_', ' ')}"
    channel = f" {one_line(message.channel)}" if view.width >= 48 else ""
    right = f"{clock_time(message.sent_at)}{channel} [{message.position + 1}]".strip()
    room = max(view.width - GUTTER - cells(right) - 1, 6)
    return Row(RowKind.HEAD, message.position, fit(left, room), right=right)


def _body(message: Message, view: View) -> Iterator[Row]:
    unfolded = message.position in view.unfolded
    text = message.text
    shown = 0
    for part in parts(text):
        own = part.kind is PartKind.OWN
        if not own and not unfolded:
            yield Row(RowKind.FOLD, message.position, _fold_words(part.kind, text[part.start : part.end]))
            continue
        kind = RowKind.OWN if own else RowKind.QUOTED
        end = part.end
        # The empty lines around a part say nothing.
        while end > part.start and text[end - 1] in " \t\r\n":
            end -= 1
        start = part.start
        while start < end and text[start] in "\r\n":
            start += 1
        for line in lines_of(text, start, end):
            shown += 1
            if shown > LONG and not unfolded:
                left = text.count("\n", line.start)
                yield Row(RowKind.FOLD, message.position, f"▸ {count_words(left + 1, 'more line')}")
                return
            for first, stop in wrap(line.shown, view.width - GUTTER):
                yield Row(kind, message.position, line.shown[first:stop], line, first)


_FOLDED = {
    PartKind.QUOTE: "quoted line",
    PartKind.FORWARD: "forwarded line",
    PartKind.SIGNATURE: "line of signature",
    PartKind.FOOTER: "line of small print",
    PartKind.OWN: "line",
}


def _fold_words(kind: PartKind, text: str) -> str:
    number = sum(1 for line in text.splitlines() if line.strip())
    one = _FOLDED[kind]
    return f"▸ {count_words(number, one, one.replace('line', 'lines', 1))}"


def _file_words(file: Attachment) -> str:
    return f"⎘ {one_line(file.name) or '(no name)'}  {one_line(file.media_type)}, {size_words(file.size)}"


def _hidden_words(message: Message, view: View) -> Iterator[str]:
    found = hidden(message.text) + hidden(message.sender.name) + hidden(message.sender.email)
    for file in message.attachments:
        found += hidden(file.name)
    if not found:
        return
    room = view.width - GUTTER
    yield fit(f"! {count_words(len(found), 'hidden character')} left out; h names them", room).rstrip()
    if view.spelled:
        for name, number in Counter(h.name for h in found).most_common(12):
            yield fit(f"  {number} × {_name(name)}", room).rstrip()


def _name(name: str) -> str:
    return {"U+001B": "escape (U+001B)", "U+0000": "null (U+0000)", "U+0007": "bell (U+0007)"}.get(name, name.lower())


def locate(evidence: Evidence, thread: Thread) -> tuple[int, int, int] | None:
    """Where a message's evidence stands: position, start and end in its raw text; None when it is not there."""
    if evidence.source is not SourceKind.MESSAGE or not evidence.ref.isdigit():
        return None
    position = int(evidence.ref)
    message = next((m for m in thread.messages if m.position == position), None)
    if message is None:
        return None
    span = find_quote(message.text, evidence.quote, evidence.start, evidence.end)
    return (position, *span) if span else (position, 0, 0)


def find_quote(text: str, quote: str, start: int = 0, end: int = 0) -> tuple[int, int] | None:
    """Where a quote stands in a text, white space folded; the given place first."""
    if end > start and fold(text[start:end]) == fold(quote):
        return start, end
    at = text.find(quote) if quote else -1
    if at >= 0:
        return at, at + len(quote)
    words = clean(quote).split()[:80] or quote.split()[:80]
    if not words:
        return (start, end) if end > start else None
    match = re.search(r"\s+".join(re.escape(word) for word in words), text)
    return match.span() if match else ((start, end) if end > start else None)
