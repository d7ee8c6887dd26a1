# ruff: noqa: S608 (every name put into a statement is our own)
"""Figures and the tickets behind them: whole days from the tallies, the rest counted, medians in an index's order."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from supportdesk.domain.report import Figure, Line, Period, spread_of
from supportdesk.errors import BadInput
from supportdesk.store import mapping, tallies
from supportdesk.store.measures import MEASURES, Measure
from supportdesk.store.tallies import DAY

_IN_TALLY = "(:queue = '' OR queue = :queue) AND (:reviewer = '' OR reviewer = :reviewer)"


class SqlFigures:
    """The `Figures` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def take(self, name: str, period: Period, now: datetime, due: Mapping[str, float]) -> Figure:
        """One figure; `due` is the hours in which each priority wants its first reply. Raises BadInput."""
        measure = _measure(name)
        values = _values(period, now, due)
        if measure.timed:
            return Figure(name, measure.title, spread=spread_of(self._minutes(measure, values)))
        if measure.keys:
            counted = self._summed(measure, values)
        elif measure.tally:
            counted = self._tallied(measure, values)
        else:
            counted = self._counted(measure, values)
        found = [Line(key, n) for key, n in counted.items() if n >= measure.least]
        return Figure(name, measure.title, tuple(sorted(found, key=lambda line: (-line.count, line.key))))

    def behind(self, name: str, key: str | None, period: Period, now: datetime, due: Mapping[str, float]) -> array[int]:
        """Ids of the tickets behind a figure, or behind one line of it. Raises BadInput."""
        measure = _measure(name)
        which = "" if key is None or measure.timed else " WHERE key = :key"
        listed = f"SELECT DISTINCT ticket_id FROM ({measure.sql}){which} ORDER BY ticket_id"
        values = _values(period, now, due) | ({"key": key} if which else {})
        return array("q", (i for i in self._connection.execute(text(listed), values).scalars() if i))

    def sound(self) -> bool:
        """Whether the tallies know of every decision and ticket; rows put in past the triggers are not in them."""
        told = "coalesce((SELECT sum(count) FROM tally WHERE name = 'decisions'), 0)"
        query = (
            f"SELECT (SELECT count(*) FROM decision) = {told}"
            " AND (SELECT count(*) FROM ticket) = (SELECT count(*) FROM ticket_fact)"
        )
        return bool(self._connection.exec_driver_sql(query).scalar())

    def rebuild(self) -> None:
        """Make the tallies anew from what is kept."""
        tallies.rebuild(self._connection)

    def _tallied(self, measure: Measure, values: dict[str, object]) -> Counter[str]:
        since, until = int(str(values["since"])), int(str(values["until"]))
        first, last = -(-since // DAY), until // DAY
        query = f"SELECT {measure.by}, sum(count) FROM tally WHERE name = :tally AND {_IN_TALLY}"
        if measure.among:
            query += f" AND key IN ({', '.join(repr(key) for key in measure.among)})"
        named = {**values, "tally": measure.tally, "first": first, "last": last}
        if measure.always:
            return _counter(self._connection.execute(text(f"{query} GROUP BY {measure.by}"), named))
        if last <= first:
            return self._counted(measure, values)
        whole = f"{query} AND day >= :first AND day < :last GROUP BY {measure.by}"
        found = _counter(self._connection.execute(text(whole), named))
        for begin, end in ((since, first * DAY), (last * DAY, until)):
            if begin < end:
                found.update(self._counted(measure, {**values, "since": begin, "until": end}))
        return found

    def _counted(self, measure: Measure, values: dict[str, object]) -> Counter[str]:
        counted = f"SELECT key, COUNT(*) FROM ({measure.sql}) GROUP BY key"
        return _counter(self._connection.execute(text(counted), values))

    def _summed(self, measure: Measure, values: dict[str, object]) -> Counter[str]:
        # A handful of sums in one pass: GROUP BY would sort every row for the sake of three keys.
        sums = ", ".join(f"sum(key = '{key}')" for key in measure.keys)
        row = self._connection.execute(text(f"SELECT {sums} FROM ({measure.sql})"), values).one()
        return Counter({key: int(n or 0) for key, n in zip(measure.keys, row, strict=True)})

    def _minutes(self, measure: Measure, values: dict[str, object]) -> list[tuple[int, int]]:
        counted = f"SELECT key, COUNT(*) FROM ({measure.sql}) GROUP BY key ORDER BY key"
        return [(int(key), n) for key, n in self._connection.execute(text(counted), values)]


def _counter(rows: object) -> Counter[str]:
    return Counter({str(key): int(n) for key, n in rows})  # type: ignore[attr-defined]


def _measure(name: str) -> Measure:
    found = next((m for m in MEASURES if m.name == name), None)
    if found is None:
        raise BadInput(f"There is no figure “{name}”; there are {', '.join(m.name for m in MEASURES)}.")
    return found


def _values(period: Period, now: datetime, due: Mapping[str, float]) -> dict[str, object]:
    hours = {f"due_{name}": round(due.get(name, 24.0) * 3_600_000) for name in ("low", "normal", "high", "urgent")}
    return {
        "since": mapping.milliseconds(period.since),
        "until": mapping.milliseconds(period.until),
        "queue": period.queue,
        "reviewer": period.reviewer,
        "now": mapping.milliseconds(now),
        **hours,
    }
