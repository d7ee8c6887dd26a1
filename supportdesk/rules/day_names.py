"""Weekdays, months, "tomorrow" and "end of the week": the days a text names by a word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from supportdesk.rules.phrases import Phrases
from supportdesk.rules.tables import table
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, flat, word_set


def named(tokens: Sequence[Token], language: str, taken: Sequence[Value]) -> list[Value]:
    """Weekdays, "tomorrow" and "end of the week"."""
    used = {i for value in taken for i in range(value.first, value.last + 1)}
    found: dict[int, Value] = {}
    days, weak = flat("dates.toml", "weekdays"), word_set("dates.toml", "weekdays_weak")
    for at, token in enumerate(tokens):
        if token.kind == "w" and token.text in days and at not in used:
            feira = at + 1 < len(tokens) and tokens[at + 1].text == "feira"
            if token.text in weak and not feira:
                continue
            last = at + 1 if feira else at
            found[at] = Value("weekday", token.start, tokens[last].end, (int(days[token.text]),), at, last)
    for hit in _relative(language).find(tokens):
        kind, name = hit.name.split("=")
        norm = int(name) if kind == "relative" else name
        value = Value(kind, tokens[hit.first].start, tokens[hit.last].end, (norm,), hit.first, hit.last)
        if hit.first not in used and (hit.first not in found or found[hit.first].last < hit.last):
            found[hit.first] = value
    return _longest(found)


def _longest(found: dict[int, Value]) -> list[Value]:
    """Drop what lies inside a longer one ("tomorrow" in "day after tomorrow")."""
    values = sorted(found.values(), key=lambda v: (v.first, -v.last))
    kept: list[Value] = []
    for value in values:
        if not kept or value.first > kept[-1].last:
            kept.append(value)
    return kept


@cache
def months() -> dict[str, str]:
    """Number by the name of a month, in all languages."""
    return flat("dates.toml", "months")


@cache
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
