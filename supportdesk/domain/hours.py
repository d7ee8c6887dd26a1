"""Business hours: when a desk's clocks run. Local days in a time zone, counted in real time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

Span = tuple[int, int]
"""Minutes after local midnight: from, to. 1440 is the next midnight."""

FARTHEST_DAYS = 3660
"""How far ahead open time is looked for."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When somebody is there."""

    zone: tzinfo
    """The desk's time zone."""
    week: tuple[tuple[Span, ...], ...]
    """Open spans of Monday to Sunday, in order."""
    holidays: frozenset[date] = frozenset()
    """Local days on which nobody is there."""

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """A local day's open spans as UTC instants."""
        if day in self.holidays:
            return
        for first, last in self.week[day.weekday()]:
            start, end = self._instant(day, first, opening=True), self._instant(day, last, opening=False)
            if start < end:
                yield start, end

    def add(self, start: datetime, span: timedelta) -> datetime:
        """The instant at which so much open time has passed since the start, UTC.

        Raises ValueError when the desk is not open so much within ten years.
        """
        left = span
        day = start.astimezone(self.zone).date()
        for _ in range(FARTHEST_DAYS):
            for opens, closes in self.spans(day):
                begin = max(opens, start)
                if begin < closes:
                    if closes - begin >= left:
                        return begin + left
                    left -= closes - begin
            day += timedelta(days=1)
        raise ValueError("the desk is never open that long")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two instants; nothing when the end comes first."""
        total = timedelta(0)
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for opens, closes in self.spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta(0))
            day += timedelta(days=1)
        return total

    def _instant(self, day: date, minute: int, *, opening: bool) -> datetime:
        """A local wall time as an instant.

        An hour that comes twice is open both times; one that is skipped begins and ends at the jump.
        """
        day += timedelta(days=minute // 1440)
        wall = datetime.combine(day, time(minute % 1440 // 60, minute % 60), self.zone)
        early, late = wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
        if late < early:
            # Skipped: the offset changes somewhere in between; the jump is the first instant with the later offset.
            return self._jump(late, early)
        return early if opening else late

    def _jump(self, low: datetime, high: datetime) -> datetime:
        before = low.astimezone(self.zone).utcoffset()
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            if middle.astimezone(self.zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)
