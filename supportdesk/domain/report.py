"""What a report says: figures with the tickets behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Period:
    """What a report is about."""

    since: datetime
    """From then on, UTC."""
    until: datetime
    """Until just before then, UTC."""
    queue: str = ""
    """Only this queue; empty for all."""
    reviewer: str = ""
    """Only this person's work; empty for everybody's."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a figure."""

    key: str
    """What is counted: a category, a person, `billing → account`, …"""
    count: int
    """How often."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in minutes."""

    count: int
    """Of how many."""
    mean: float
    """Arithmetic mean."""
    median: int
    """Half took at most so long."""
    ninth: int
    """Nine of ten took at most so long."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure."""

    name: str
    """Short name, for JSON and for asking what is behind it."""
    title: str
    """How people read it."""
    lines: tuple[Line, ...] = ()
    """Its counts, largest first."""
    spread: Spread | None = None
    """Its times, where it is about time."""

    @property
    def total(self) -> int:
        """All its counts together."""
        return self.spread.count if self.spread else sum(line.count for line in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period."""

    period: Period
    """Which."""
    figures: tuple[Figure, ...]
    """In reading order."""

    def figure(self, name: str) -> Figure:
        """A figure by name. Raises KeyError."""
        return next((f for f in self.figures if f.name == name), None) or _missing(name)


def _missing(name: str) -> Figure:
    raise KeyError(name)


def spread_of(minutes: Sequence[tuple[int, int]]) -> Spread | None:
    """The spread of (minutes, how often), sorted by minutes; None of nothing."""
    count = sum(n for _, n in minutes)
    if not count:
        return None
    mean = sum(value * n for value, n in minutes) / count
    return Spread(count, round(mean, 1), _at(minutes, (count + 1) // 2), _at(minutes, (count * 9 + 9) // 10))


def _at(minutes: Sequence[tuple[int, int]], place: int) -> int:
    for value, n in minutes:
        place -= n
        if place <= 0:
            return value
    return minutes[-1][0]
