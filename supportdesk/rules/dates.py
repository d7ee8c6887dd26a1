"""Dates, weekdays, times of day and days counted from today in a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from supportdesk.rules.day_names import months, named, weekday_at
from supportdesk.rules.hours import times
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, flat, word_set

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})([./\-])(\d{1,2})\2(\d{4}|\d{2})")
_SHORT = re.compile(r"(\d{1,2})[./](\d{1,2})")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|º|ª|°)")
_MONTH = re.compile(r"(20\d{2})[\-/](\d{1,2})|(\d{1,2})[\-/.](20\d{2})")
_DAYS = re.compile(r"(\d{1,2})[\-–](\d{1,2})")
_TO = frozenset(
    ["to", "till", "until", "and", "-", "–", "bis", "und", "au", "et", "al", "a", "y", "e", "ao", "ate", "tot", "en"]
)
_NO_DAY = frozenset(["%", "€", "$", "£", "/", ":", "'", "h", "uhr"])


def dates(tokens: Sequence[Token], language: str = "") -> list[Value]:
    """All dates and times, in order; `language` says whether "morgen" or "mañana" can mean tomorrow."""
    found: list[Value] = []
    at = 0
    while at < len(tokens):
        values = _at(tokens, at, language)
        found += values
        at = values[-1].last + 1 if values else at + 1
    return sorted(found + named(tokens, language, found), key=lambda v: v.start)


def _at(tokens: Sequence[Token], at: int, language: str) -> list[Value]:
    """The date or time that begins at a token; two where it holds both ends of opening hours."""
    token = tokens[at]
    day = None
    if token.kind == "n" and (day := _numeric(tokens, at)) is None:
        if hours := times(tokens, at, language):
            return hours
        day = _day_first(tokens, at, token.text) or _day_range(tokens, at) or _bare_day(tokens, at, token.text)
    elif token.kind == "c" and (ordinal := _ORDINAL.fullmatch(token.text.casefold())):
        day = (
            _day_first(tokens, at, ordinal[1])
            or _day_range(tokens, at)
            or _bare_day(tokens, at, ordinal[1], ordinal=True)
        )
    elif token.kind == "w" and token.text in months():
        day = _month_first(tokens, at)
    elif token.kind in "wc":
        return times(tokens, at, language)
    return [day] if day is not None else []


def _numeric(tokens: Sequence[Token], at: int) -> Value | None:
    """2025-03-05, 5.3.2025, 3/5/25."""
    token = tokens[at]
    text = token.text.replace("–", "-")
    norms: list[tuple[int | None, int, int]] = []
    if month := _MONTH.fullmatch(text):
        year, number = (month[1], month[2]) if month[1] else (month[4], month[3])
        if 1 <= int(number) <= 12:
            return Value("date", token.start, token.end, ((int(year), int(number), None),), at, at)
    if iso := _ISO.fullmatch(text[:10].replace("/", "-")):
        norms.append((int(iso[1]), int(iso[2]), int(iso[3])))
    elif slashed := _SLASHED.fullmatch(text):
        year = int(slashed[4]) + (2000 if len(slashed[4]) == 2 else 0)
        norms += [(year, int(slashed[3]), int(slashed[1])), (year, int(slashed[1]), int(slashed[3]))]
    elif (short := _SHORT.fullmatch(text)) and (
        _follows_dot(tokens, at) or ("/" in text and _dated_before(tokens, at) and int(short[2]) > 0)
    ):
        norms += [(None, int(short[2]), int(short[1])), (None, int(short[1]), int(short[2]))]
    norms = [n for n in dict.fromkeys(norms) if 1 <= n[1] <= 12 and 1 <= n[2] <= 31]
    return Value("date", token.start, token.end, tuple(norms), at, at) if norms else None


def _follows_dot(tokens: Sequence[Token], at: int) -> bool:
    """Whether "5.3" is written "5.3.", as German dates are."""
    return (
        "." in tokens[at].text
        and at + 1 < len(tokens)
        and tokens[at + 1].text == "."
        and tokens[at + 1].start == tokens[at].end
        and at + 2 < len(tokens)
        and _dated_before(tokens, at)
    )


def _dated_before(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word before a number is one that leads to a date."""
    before = tokens[at - 1].text if at else ""
    return (
        before in word_set("dates.toml", "small", "leads") or before in flat("dates.toml", "weekdays") or before == ","
    )


def _day_first(tokens: Sequence[Token], at: int, day: str) -> Value | None:
    """5 March 2025, 5. März, le 5 mars, 5 de marzo de 2025."""
    if not day.isdecimal() or not 1 <= int(day) <= 31:
        return None
    where = at + 1
    while (
        where < len(tokens)
        and where <= at + 2
        and (tokens[where].text in word_set("dates.toml", "small", "inside") or tokens[where].text == ".")
    ):
        where += 1
    if where >= len(tokens) or tokens[where].text not in months():
        return None
    month = int(months()[tokens[where].text])
    year, last = _year(tokens, where)
    return Value("date", tokens[at].start, tokens[last].end, ((year, month, int(day)),), at, last)


def _day_range(tokens: Sequence[Token], at: int) -> Value | None:
    """14 to 17 June, vom 3. bis 5. Mai, 14-17 June: the first day takes its month from the last."""
    token = tokens[at]
    if both := _DAYS.fullmatch(token.text):
        last = _day_first(tokens, at, both[2])
        if last is None or not 1 <= int(both[1]) < int(both[2]):
            return None
        year, month, day = _parts(last)
        return last._replace(norms=((year, month, int(both[1])), (year, month, day)))
    first = _ORDINAL.fullmatch(token.text.casefold())
    number = first[1] if first else token.text
    where = at + 1
    while where < len(tokens) and tokens[where].text == ".":
        where += 1
    if not number.isdecimal() or where + 1 >= len(tokens) or tokens[where].text not in _TO:
        return None
    where += 1
    if tokens[where].text in word_set("dates.toml", "small", "days"):
        where += 1
    if where >= len(tokens) or not 1 <= int(number) <= 31:
        return None
    second = _ORDINAL.fullmatch(tokens[where].text.casefold())
    last = _day_first(tokens, where, second[1] if second else tokens[where].text)
    if last is None:
        return None
    year, month, _ = _parts(last)
    return Value("date", token.start, token.end, ((year, month, int(number)),), at, at)


def _parts(value: Value) -> tuple[int | None, int | None, int | None]:
    """Year, month and day of a date."""
    norm = value.norms[0]
    assert isinstance(norm, tuple)
    year, month, day = norm
    return year, month, day


def _bare_day(tokens: Sequence[Token], at: int, day: str, *, ordinal: bool = False) -> Value | None:
    """The 9th, vom 14., le 16, no dia 12: a day of whichever month is meant."""
    if not day.isdecimal() or len(day) > 2 or not 1 <= int(day) <= 31 or not at:
        return None
    before = tokens[at - 1].text
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if weekday_at(tokens, at - 1) is not None and before not in ("so", "do", "di", "mar", "ma", "sa"):
        free = after is None or after.kind == "s" or after.text in word_set("dates.toml", "small", "after_day")
        return Value("date", tokens[at].start, tokens[at].end, ((None, None, int(day)),), at, at) if free else None
    plain = after is None or after.kind != "w" or after.text in word_set("dates.toml", "small", "after_day")
    if ordinal:
        led = before in word_set("dates.toml", "small", "before_day")
    elif after is not None and after.text == "." and after.start == tokens[at].end and at + 2 < len(tokens):
        led = plain = before in ("am", "vom", "zum", "den", "dem", "der", "le", "dia")
    else:
        led = before in word_set("dates.toml", "small", "days")
    if not led or not plain or (after is not None and (after.kind in "nc" or after.text in _NO_DAY)):
        return None
    return Value("date", tokens[at].start, tokens[at].end, ((None, None, int(day)),), at, at)


def _month_first(tokens: Sequence[Token], at: int) -> Value | None:
    """March 5th, 2025; or a month by itself."""
    month = int(months()[tokens[at].text])
    where = at + 1
    if where < len(tokens) and tokens[where].text == "." and len(tokens[at].text) <= 4:
        where += 1
    if where < len(tokens) and tokens[where].text == "the":
        where += 1
    if where < len(tokens):
        text = tokens[where].text.casefold()
        ordinal = _ORDINAL.fullmatch(text)
        if (both := _DAYS.fullmatch(text)) and 1 <= int(both[1]) < int(both[2]) <= 31:
            year, last = _year(tokens, where)
            ends = ((year, month, int(both[1])), (year, month, int(both[2])))
            return Value("date", tokens[at].start, tokens[last].end, ends, at, last)
        day = ordinal[1] if ordinal else text
        if day.isdecimal() and 1 <= int(day) <= 31 and len(day) <= 2:
            year, last = _year(tokens, where)
            return Value("date", tokens[at].start, tokens[last].end, ((year, month, int(day)),), at, last)
    year, last = _year(tokens, at)
    if year is not None or tokens[at].text in word_set("dates.toml", "months_alone"):
        return Value("date", tokens[at].start, tokens[last].end, ((year, month, None),), at, last)
    return None


def _year(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    """(year or None, index of the last token used) behind a day or month."""
    where = at + 1
    while where < len(tokens) and where <= at + 2 and tokens[where].text in (",", ".", "de", "del", "of"):
        where += 1
    if where < len(tokens) and re.fullmatch(r"(?:19|20)\d{2}", tokens[where].text):
        return int(tokens[where].text), where
    return None, at
