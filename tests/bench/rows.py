"""A row of the bench: one figure as a ratio, both sides taken in turn in the same run."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

ROUNDS = int(os.environ.get("SUPPORTDESK_BENCH_ROUNDS", "5"))
"""How often each side is measured; medians count. Fewer only while one works on the bench itself."""


@dataclass(frozen=True)
class Row:
    """One figure."""

    what: str
    """What is measured."""
    ours: float
    """Median seconds (or bytes, or megabytes) of ours."""
    theirs: float
    """Median of what it is compared with."""
    against: str
    """What that is."""
    goal: float
    """The ratio that is allowed (ours / theirs)."""

    @property
    def ratio(self) -> float:
        """Ours divided by theirs; smaller is better."""
        return self.ours / self.theirs if self.theirs else float("inf")

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "ratio": round(self.ratio, 3), "met": self.ratio <= self.goal}


def side_by_side(what: str, ours: Callable[[], None], theirs: Callable[[], None], against: str, goal: float) -> Row:
    """Time two functions in turn, A B A B, after one warm-up each."""
    ours()
    theirs()
    return in_turn(what, lambda: _seconds(ours), lambda: _seconds(theirs), against, goal)


def in_turn(
    what: str, ours: Callable[[], float], theirs: Callable[[], float], against: str, goal: float, rounds: int = ROUNDS
) -> Row:
    """Take two figures in turn, A B A B."""
    mine: list[float] = []
    other: list[float] = []
    for _ in range(rounds):
        mine.append(ours())
        other.append(theirs())
    return Row(what, statistics.median(mine), statistics.median(other), against, goal)


def p95(figures: list[float]) -> float:
    """The figure 95 of 100 do not exceed."""
    return sorted(figures)[min(int(len(figures) * 0.95), len(figures) - 1)]


def _seconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
