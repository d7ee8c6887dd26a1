"""Days and spans that follow from others: ten days after a date the record holds, the days between two dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from supportdesk.domain.thread import EPOCH
from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.days import resolved
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.values import Value

_MOST = 24
"""Dates and spans of the sources that are combined; beyond that a coincidence proves nothing."""
_DAY = 1440
_SPANS = (1, 7, 30, 31, 365)
_LONGEST = 400


def reckoned(value: Value, spans: tuple[Value, ...], index: SourceIndex, *, sent: bool) -> tuple[Line, ...]:
    """The lines a date or length of time follows from; none where it does not.

    `spans` are the draft's own; `sent` lets the days on which messages were written count by themselves.
    """
    said = index.remembered("days", _days)
    written = index.remembered("days written", _written)
    assert isinstance(said, dict)
    assert isinstance(written, dict)
    known = {**written, **said} if sent else said
    if value.kind == "date":
        wanted = set(resolved(value, index.today)) - {None}
        for day in wanted:
            if day in known:
                return (known[day],)
        return _after(wanted, known, spans, index)
    if value.kind == "duration":
        return _between(value, known)
    return ()


def _days(index: SourceIndex) -> dict[date, Line]:
    """Every day the sources speak of, seen from the day they were written."""
    found: dict[date, Line] = {}
    sent = {m.position: m.sent_at.date() for m in index.sources.thread.messages if m.sent_at != EPOCH}
    for line in index.lines:
        today = sent.get(int(line.ref), index.today) if line.source is SourceKind.MESSAGE else index.today
        for value in line.values:
            if value.kind in ("date", "weekday", "relative"):
                for day in resolved(value, today):
                    if day is not None:
                        found.setdefault(day, line)
    return found


def _written(index: SourceIndex) -> dict[date, Line]:
    """The days on which messages were written."""
    sent = {m.position: m.sent_at.date() for m in index.sources.thread.messages if m.sent_at != EPOCH}
    lines = [line for line in index.lines if line.source is SourceKind.MESSAGE and not line.quoted]
    return {sent[int(line.ref)]: line for line in reversed(lines) if int(line.ref) in sent}


def _after(
    wanted: set[date | None], known: dict[date, Line], spans: tuple[Value, ...], index: SourceIndex
) -> tuple[Line, ...]:
    lines = [(v, line) for line, v in index.by_kind.get("duration", ()) if line.author is not Author.CUSTOMER]
    several: list[tuple[Value, Line | None]] = [*lines[:_MOST], *((v, None) for v in spans)]
    for day, line in list(known.items())[:_MOST]:
        for value, other in several:
            for result in _moved(day, value):
                if result in wanted:
                    return (line,) if other is None else (line, other)
    return ()


def _moved(day: date, value: Value) -> Iterator[date]:
    """The days a span before and after a day, counted in working days where it says so."""
    for norm in value.norms:
        assert isinstance(norm, tuple)
        for minutes in {norm[0], norm[1]}:
            count = minutes // _DAY
            if not 0 < count <= _LONGEST:
                continue
            yield day + timedelta(days=count)
            yield day - timedelta(days=count)
            if norm[2] and count <= 60:
                yield _working(day, count)


def _working(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _between(value: Value, known: dict[date, Line]) -> tuple[Line, ...]:
    days = list(known.items())[:_MOST]
    spans = {norm[1] for norm in value.norms if isinstance(norm, tuple)}
    for at, (first, line) in enumerate(days):
        for second, other in days[at + 1 :]:
            apart = abs((first - second).days)
            if any(abs(apart * _DAY - span) < _DAY for span in spans if span >= _DAY):
                return line, other
    return ()
