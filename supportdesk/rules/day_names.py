"""Weekdays, months, "tomorrow" and "end of the week": the days a text names by a word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from supportdesk.rules.phrases import Phrases
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, flat, word_set

_OPENS = re.compile(r"\d{1,2}(?:[:.h]\d{2})?[\-–]\d{1,2}(?:[:.h]\d{2})?|\d{1,2}:\d{2}")
"""Hours as they stand behind the short name of a day: 9-13, 9:00."""
_TO = frozenset(["-", "–", "to", "through", "till", "until", "bis", "tot", "en", "met", "al", "au", "ate"])
"""Words between the first and the last day of a range."""


def named(tokens: Sequence[Token], language: str, taken: Sequence[Value]) -> list[Value]:
    """Weekdays, "tomorrow" and "end of the week"."""
    used = {i for value in taken for i in range(value.first, value.last + 1)}
    found: dict[int, Value] = {}
    for at, token in enumerate(tokens):
        if token.kind != "w" or at in used or at in found:
            continue
        day = weekday_at(tokens, at)
        if day is None:
            continue
        feira = at + 1 < len(tokens) and tokens[at + 1].text == "feira"
        last = at + 1 if feira else at
        norms: tuple[int, ...] = (day,)
        if (end := _ranged(tokens, last)) is not None:
            until, last = end
            norms = tuple((day + i) % 7 for i in range((until - day) % 7 + 1))
        found[at] = Value("weekday", token.start, tokens[last].end, norms, at, last)
    for hit in _relative(language).find(tokens):
        kind, name = hit.name.split("=")
        norm = int(name) if kind == "relative" else name
        value = Value(kind, tokens[hit.first].start, tokens[hit.last].end, (norm,), hit.first, hit.last)
        if hit.first not in used and (hit.first not in found or found[hit.first].last < hit.last):
            found[hit.first] = value
    return _longest(found)


def weekday_at(tokens: Sequence[Token], at: int) -> int | None:
    """The weekday a token names, 0 for Monday; a short name counts beside another or before an hour."""
    if at < 0 or tokens[at].kind != "w":
        return None
    text = tokens[at].text
    days, weak = flat("dates.toml", "weekdays"), word_set("dates.toml", "weekdays_weak")
    if text in days and text not in weak:
        return int(days[text])
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if text in days and after is not None and after.text == "feira":
        return int(days[text])
    short = _short()
    if text not in short or after is None:
        return None
    before = tokens[at - 1] if at else None
    if after.kind == "n" and _OPENS.fullmatch(after.text):
        return int(short[text])
    joined = after.kind == "w" and after.start == tokens[at].end + 1 and _hyphened(tokens, at)
    if (joined or after.text in ("-", "–")) and _name_after(tokens, at, short, days):
        return int(short[text])
    led = before is not None and (before.text in ("-", "–") or _hyphened(tokens, at - 1))
    if led and before is not None:
        other = tokens[at - 2].text if before.text in ("-", "–") and at >= 2 else before.text
        return int(short[text]) if other in short or other in days else None
    return None


@once
def _short() -> dict[str, str]:
    """Names that are weekdays only beside others of their kind, or before an hour."""
    days = flat("dates.toml", "weekdays")
    return flat("dates.toml", "weekdays_short") | {w: days[w] for w in word_set("dates.toml", "weekdays_weak")}


def _hyphened(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word is joined to the next by a hyphen that vanished: both are short names of days."""
    both = tokens[at : at + 2]
    names = flat("dates.toml", "weekdays_short")
    near = len(both) == 2 and both[1].start == both[0].end + 1 and all(t.text in names for t in both)
    # A space leaves the same gap; only opening hours follow at once.
    return near and at + 2 < len(tokens) and tokens[at + 2].kind in "nc"


def _name_after(tokens: Sequence[Token], at: int, short: Mapping[str, str], days: Mapping[str, str]) -> bool:
    where = at + 2 if tokens[at + 1].text in ("-", "–") else at + 1
    return where < len(tokens) and (tokens[where].text in short or tokens[where].text in days)


def _ranged(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """(last weekday, index of its token) where "Monday" goes on "to Friday"."""
    where = at + 1
    while where < len(tokens) and where <= at + 3 and tokens[where].text in _TO:
        where += 1
    hyphen = where == at + 1 and where < len(tokens) and _hyphened(tokens, at)
    if where >= len(tokens) or (where == at + 1 and not hyphen) or tokens[where - 1].text == "en":
        return None
    day = weekday_at(tokens, where)
    return None if day is None else (day, where)


def _longest(found: dict[int, Value]) -> list[Value]:
    """Drop what lies inside a longer one ("tomorrow" in "day after tomorrow")."""
    values = sorted(found.values(), key=lambda v: (v.first, -v.last))
    kept: list[Value] = []
    for value in values:
        if not kept or value.first > kept[-1].last:
            kept.append(value)
    return kept


@once
def months() -> dict[str, str]:
    """Number by the name of a month, in all languages."""
    return flat("dates.toml", "months")


@once
def _relative(language: str) -> Phrases:
    """Days counted from today in one language (in all but the ambiguous ones where it is unknown), and periods."""
    data = table("dates.toml")
    languages = [language] if language in data["relative"] else ["en", "fr", "it", "pt"]
    phrases: dict[str, list[str]] = {f"period={name}": words for name, words in data["periods"].items()}
    for code in languages:
        for entry in data["relative"][code]:
            words, days = entry.rsplit("=", 1)
            phrases.setdefault(f"relative={days}", []).append(words)
    return Phrases(phrases)
