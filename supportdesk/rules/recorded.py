"""What the values of a record mean, where its key or its neighbours say more than the value: unit, currency, hours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from supportdesk.rules.readings import readings
from supportdesk.rules.tokens import Token, tokens
from supportdesk.rules.values import Value, flat, word_set

_HOURS = re.compile(
    r"(?<![\d\-/.])([01]?\d|2[0-4])(?:[:.](\d\d))?\s?[-–]\s?([01]?\d|2[0-4])(?:[:.](\d\d))?(?![\d\-/.])"
)
"""A stretch of the day without a word that says so: "14-18"."""
_BARE = re.compile(
    r"\b(?:before|by|until|till|after|from|bis|vor|ab|nach|avant|apr[eè]s|antes de las|hasta las|voor|tot|vanaf"
    r"|prima delle|entro le)"
    r"\s+([01]?\d|2[0-4])(?![\d\-/.:]|\s?%|\s\w)",
    re.I,
)
"""An hour a record tells by its number alone: "next day before 12"."""
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "month": 43_200, "year": 525_600}


def recorded(
    values: tuple[Value, ...], path: tuple[Token, ...], siblings: Mapping[str, str], leaf: str
) -> Iterator[Value]:
    """Values of a record, with what only its key or its neighbours say: the currency, the unit of time."""
    units = flat("numbers.toml", "units")
    names = {t.text for t in path}
    unit = next((units[t.text] for t in path if t.text in units and len(t.text) > 2), "")
    currency = next((v.upper() for k, v in siblings.items() if "currency" in k and len(v) == 3), "")
    share = bool(names & word_set("numbers.toml", "percent", "keys"))
    for value in values:
        if value.kind == "number" and share:
            yield value._replace(kind="percent")
            continue
        yield value
        if value.kind == "number" and unit:
            each = _MINUTES.get(unit, 1440)
            spans = tuple((int(n * each), int(n * each), False) for n in value.norms)  # type: ignore[operator]
            yield value._replace(kind="duration", norms=spans, unit=unit)
        elif value.kind == "number" and "version" in names:
            yield value._replace(kind="version", norms=(leaf,))
        elif value.kind == "number" and currency:
            yield value._replace(kind="amount", unit=currency)
    dated = any(v.kind in ("date", "weekday") for v in values)
    if dated or names & word_set("dates.toml", "small", "hour_keys"):
        yield from _hours(leaf)
    if any(v.kind == "number" for v in values):
        yield from _bare_hours(leaf)


def _hours(leaf: str) -> Iterator[Value]:
    """Both ends of a stretch of the day: "2026-01-23 08-13"."""
    for ends in _HOURS.finditer(leaf):
        first, second = int(ends[1]) * 60 + int(ends[2] or 0), int(ends[3]) * 60 + int(ends[4] or 0)
        if first < second <= 1440:
            yield Value("time", ends.start(1), ends.end(2) if ends[2] else ends.end(1), (first,))
            yield Value("time", ends.start(3), ends.end(), (second,))


def _bare_hours(leaf: str) -> Iterator[Value]:
    """Hours that stand behind a word for a limit."""
    for one in _BARE.finditer(leaf):
        yield Value("time", one.start(1), one.end(1), (int(one[1]) * 60,))


def keyed(key: str) -> tuple[Value, ...]:
    """Days and hours a record is filed under: `slots.2026-03-24`, `trips.11:00`."""
    parts = [part for part in key.split(".") if not part.isdecimal()]  # Places in a list are no days.
    if not any(c.isdecimal() for part in parts for c in part):
        return ()
    return tuple(v for v in readings(tokens(" ".join(parts))) if v.kind in ("date", "time"))


def identities(leaf: str) -> tuple[Value, ...]:
    """Names like `gift_card_7245904`, whole."""
    return tuple(v for v in readings(tokens(leaf), "en") if v.kind == "reference")
