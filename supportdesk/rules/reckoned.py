"""Days and spans that follow from others: ten days after a date the record holds, the days between two dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from supportdesk.domain.thread import EPOCH
from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.days import resolved
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.values import Value, word_set

_MOST = 24
"""Dates and spans of the sources that are combined; beyond that a coincidence proves nothing."""
_DAY = 1440
_LONGEST = 400
_ENDLESS = 10**9
"""Minutes no span is as long as."""
_FIRST, _LAST = 1900, 2200
"""Years that are reckoned with; the calendar's ends are no place to count from."""
_MONTHS = {"month": 30, "year": 365}
_ROUGH = 0.1
"""How far off, as a share of it, a time counted in months or years may be."""
_EACH = {"month": 1, "year": 12}
"""Days and months in what is counted by the calendar."""


def reckoned(value: Value, statement: Statement, draft: Draft, index: SourceIndex, *, sent: bool) -> tuple[Line, ...]:
    """The lines a date, time or length of time follows from; none where it does not.

    `sent` lets the days on which messages were written count by themselves.
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
        return _after(wanted, {**written, **known}, statement, draft, index)
    if value.kind == "duration":
        if value.unit in ("minute", "hour"):
            return _apart(value, statement, index)
        return _between(value, statement, {**written, **known}, index, loose=sent)
    return _hours_later(value, statement, draft, index, loose=sent) if value.kind == "time" else ()


def _hours_later(
    value: Value, statement: Statement, draft: Draft, index: SourceIndex, *, loose: bool
) -> tuple[Line, ...]:
    """The hour some hours or minutes after another the sources name; the hour a message was written.

    The span is said beside it; where no source says otherwise (`loose`), in the draft or by a source.
    """
    spans = [v for v in statement.values if v.kind == "duration"]
    if loose:
        spans += [v for s in draft.statements for v in s.values if v.kind == "duration"]
        spans += [v for _, v in index.by_kind.get("duration", ())[:_MOST]]
    minutes = {n[i] for span in spans for n in span.norms if isinstance(n, tuple) for i in (0, 1)}
    minutes = {m for m in minutes if 0 < m < _DAY}
    wanted = {n for n in value.norms if isinstance(n, int)}
    for line, other in index.by_kind.get("time", ())[:_MOST]:
        for n in other.norms:
            if isinstance(n, int) and any((n + m) % _DAY in wanted or (n - m) % _DAY in wanted for m in minutes):
                return (line,)
    lines = [line for line in index.lines if line.source is SourceKind.MESSAGE and not line.quoted]
    clocks = {m.position: m.sent_at.hour * 60 + m.sent_at.minute for m in index.sources.thread.messages}
    return tuple(line for line in lines if clocks.get(int(line.ref)) in value.norms)[:1]


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
    wanted: set[date | None], known: dict[date, Line], statement: Statement, draft: Draft, index: SourceIndex
) -> tuple[Line, ...]:
    """The day a span after or before another: the span said here, or one the sources give for the same matter."""
    about = statement.topic
    several: list[tuple[Value, Line | None]] = [
        (v, None) for s in draft.statements for v in s.values if v.kind == "duration"
    ]
    for line, value in index.by_kind.get("duration", ())[:_MOST]:
        if line.author is not Author.CUSTOMER and about & (line.topic | line.setting):
            several.append((value, line))
    told = {d: None for s in draft.statements for v in s.values if v.kind == "date" for d in resolved(v, index.today)}
    days = [*list(known.items())[:_MOST]]
    for line in list(known.values())[:1]:
        days += [(d, line) for d in told if d is not None and d not in known and d not in wanted]
    for day, line in days:
        for value, other in several:
            for result in _moved(day, value):
                if result in wanted:
                    return (line,) if other is None else (line, other)
    return ()


def _moved(day: date, value: Value) -> Iterator[date]:
    """The days a span before and after a day, counted in working days where it says so."""
    if not _FIRST <= day.year <= _LAST:
        return
    for norm in value.norms:
        assert isinstance(norm, tuple)
        for minutes in {norm[0], norm[1]}:
            count = minutes // _DAY
            if value.unit in _MONTHS:
                yield from _months_on(day, round(minutes / (_DAY * _MONTHS[value.unit])) * _EACH[value.unit])
            if not 0 < count <= _LONGEST:
                continue
            yield day + timedelta(days=count)
            yield day - timedelta(days=count)
            if norm[2] and count <= 60:
                yield _working(day, count)


def _months_on(day: date, months: int) -> Iterator[date]:
    """The day so many months after and before another, and the day before each: a term's last."""
    for sign in (1, -1):
        year, month = divmod(day.year * 12 + day.month - 1 + sign * months, 12)
        if not 1 <= year <= 9999 or not 0 < months <= _LONGEST:
            continue
        result = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        yield result
        yield result - timedelta(days=1)


def _working(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _between(
    value: Value, statement: Statement, known: dict[date, Line], index: SourceIndex, *, loose: bool
) -> tuple[Line, ...]:
    """The days a length of time lies between: one of them said here or today, where the words count from a day.

    Where no source says otherwise (`loose`), months and years need no such word.
    """
    here = {d for v in statement.values for d in resolved(v, index.today) if v.kind in ("date", "relative") and d}
    words = word_set("dates.toml", "small", "counted")
    counted = any(t.text in words for t in statement.tokens[max(0, value.first - 4) : value.last + 4])
    lasting = word_set("dates.toml", "small", "lasting")
    held = value.first and statement.tokens[value.first - 1].text in lasting
    counted = counted or (loose and (value.unit in _MONTHS or bool(held)))
    if not here and not counted and not loose:
        return ()
    spans = {(n[0], n[1]) for n in value.norms if isinstance(n, tuple) and _DAY <= n[1] < _ENDLESS}
    starts = here | ({index.today} if counted and index.today else set())
    days = list(known.items())[:_MOST]
    slack = _DAY if value.unit in ("day", "business_day") else _DAY * 2
    for first in starts:
        for second, line in days:
            apart = abs((first - second).days) * _DAY
            rough = apart * _ROUGH if value.unit in _MONTHS and counted else 0
            if any(low - max(slack, rough) < apart < high + max(slack, rough) for low, high in spans):
                return (line,)
    if loose and spans and min(low for low, _ in spans) >= 7 * _DAY:
        for at, (first, line) in enumerate(days):
            if any(
                low <= abs((first - second).days) * _DAY <= high for second, _ in days[at + 1 :] for low, high in spans
            ):
                return (line,)
    return ()


def _apart(value: Value, statement: Statement, index: SourceIndex) -> tuple[Line, ...]:
    """The hours a length of some minutes or hours lies between, one named by the sources, one by them or beside it."""
    spans = {(norm[0], norm[1]) for norm in value.norms if isinstance(norm, tuple)}
    clocks = [(n, line) for line, v in index.by_kind.get("time", ())[:_MOST] for n in v.norms if isinstance(n, int)]
    here = [n for v in statement.values if v.kind == "time" for n in v.norms if isinstance(n, int)]
    for at, (first, line) in enumerate(clocks):
        for second in [*here, *(n for n, _ in clocks[at + 1 :])]:
            if any(low <= abs(first - second) <= high for low, high in spans):
                return (line,)
    return ()
