"""What a figure is reckoned by: a night, a stay, a person; calendar days beside working days."""

from __future__ import annotations

from collections.abc import Sequence

from supportdesk.rules.sources import Line
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, flat, word_set

_STEM = 4
"""Letters by which two forms of a word are told to be one."""


def reckoned_otherwise(value: Value, tokens: Sequence[Token], language: str, line: Line) -> bool:
    """Whether a line tells the same figure by something else: "8 € per night" against "8 € per stay"."""
    theirs = [v for v in line.values if v.kind == value.kind and set(v.norms) & set(value.norms)]
    if language != line.language or not theirs:
        return False
    if value.kind == "duration":
        return _by_calendar(value, tokens) and all(any(n[2] for n in v.norms) for v in theirs)  # type: ignore[index]
    mine = _rate(value, tokens)
    others = [_rate(v, line.tokens) for v in theirs if v.last < len(line.tokens)]
    return bool(mine) and bool(others) and all(others) and mine not in others


def _by_calendar(value: Value, tokens: Sequence[Token]) -> bool:
    words = word_set("numbers.toml", "calendar")
    return any(t.text in words for t in tokens[value.first : value.last + 2])


def _rate(value: Value, tokens: Sequence[Token]) -> str:
    """The beginning of the word for what a figure is for each of; empty where none is told."""
    at = value.last + 1
    if at + 1 >= len(tokens) or tokens[at].text not in word_set("numbers.toml", "per"):
        return ""
    if tokens[at + 1].text in word_set("numbers.toml", "per", "between") and at + 2 < len(tokens):
        at += 1
    word = tokens[at + 1].text
    return flat("numbers.toml", "units").get(word) or word[:_STEM]
