"""The calendar days that dates, weekdays and days counted from today may mean."""

from __future__ import annotations

from datetime import date, timedelta

from supportdesk.rules.values import Value


def resolved(value: Value, today: date | None) -> tuple[date | None, ...]:
    """The calendar days a date, weekday or relative day may mean, seen from `today`; empty where it cannot be said."""
    if value.kind == "date":
        return tuple(_day(norm, today) for norm in value.norms)
    if today is None:
        return ()
    if value.kind == "weekday":
        ahead = (int(str(value.norms[0])) - today.weekday()) % 7
        return (today + timedelta(days=ahead or 7), today + timedelta(days=ahead - 7 if ahead else 0))
    if value.kind == "relative":
        return (today + timedelta(days=int(str(value.norms[0]))),)
    return ()


def _day(norm: object, today: date | None) -> date | None:
    """The calendar day of a (year, month, day) norm; a missing year is the one nearest to `today`."""
    assert isinstance(norm, tuple)
    year, month, day = norm
    if day is None or (year is None and today is None):
        return None
    if month is None:
        return None if today is None else _nearest(day, today)
    try:
        if year is not None:
            return date(year, month, day)
        assert today is not None
        choices = [date(today.year + shift, month, day) for shift in (-1, 0, 1)]
    except ValueError:
        return None
    return min(choices, key=lambda d: abs((d - today).days))


def _nearest(day: int, today: date) -> date | None:
    """The day of a month nearest to `today`, a little sooner ahead than behind."""
    first = today.replace(day=1)
    months = [(first - timedelta(days=1)).replace(day=1), first, (first + timedelta(days=31)).replace(day=1)]
    days = []
    for month in months:
        try:
            days.append(month.replace(day=day))
        except ValueError:
            continue
    return min(days, key=lambda d: abs((d - today).days - 1), default=None)
