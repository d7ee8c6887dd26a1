"""What a value is: a number, amount, date or reference read from a text, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from supportdesk.rules.tables import once, table


class Value(NamedTuple):
    """One thing in a text that can be right or wrong."""

    kind: str
    """amount, percent, duration, date, weekday, relative, period, time, number, quantity, version or reference."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset just after its last."""
    norms: tuple[Hashable, ...]
    """All it may mean; two values agree when they share one."""
    first: int = 0
    """Index of its first token."""
    last: int = 0
    """Index of its last token."""
    unit: str = ""
    """Currency, or what a quantity counts."""


def parse_number(raw: str) -> tuple[Decimal, ...]:
    """What a written number may mean: "1.095,55" and "1,095.55" one thing each, "1.500" two (1500 first)."""
    raw = raw.replace("’", "'").replace("'", "").replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    dots, commas = raw.count("."), raw.count(",")
    readings: list[str] = []
    if dots and commas:
        decimal = max(raw.rfind("."), raw.rfind(","))
        readings.append(raw[:decimal].replace(".", "").replace(",", "") + "." + raw[decimal + 1 :])
    elif dots + commas == 1:
        mark = "." if dots else ","
        whole, part = raw.split(mark)
        if len(part) == 3 and 1 <= len(whole) <= 3 and whole != "0":
            readings.append(whole + part)
        readings.append(f"{whole}.{part}")
    else:
        readings.append(raw.replace(".", "").replace(",", ""))
    found = []
    for reading in readings:
        try:
            found.append(Decimal(reading).normalize() + 0)
        except InvalidOperation:
            continue
    return tuple(found)


@once
def word_numbers() -> dict[str, int]:
    """Number words of all languages, folded."""
    return {
        word: int(number)
        for line in table("numbers.toml")["words"].values()
        for word, number in (pair.split("=") for pair in line.split())
    }


_SHARES = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}


@once
def fractions() -> dict[str, float]:
    """Words for a share of a whole, folded."""
    return {word: _SHARES[name] for word, name in flat("numbers.toml", "fractions").items()}


@once
def flat(name: str, section: str) -> dict[str, str]:
    """A section of `key = "words"` lines turned round: word → key."""
    return {word: key for key, words in table(name)[section].items() for word in words.split()}


@once
def word_set(name: str, section: str, key: str = "words") -> frozenset[str]:
    """One line of words as a set."""
    return frozenset(table(name)[section][key].split())
