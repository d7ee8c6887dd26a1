"""Is the desk healthy? Figures over a period, each with the tickets behind it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from supportdesk.domain.report import Figure, Period, Report
from supportdesk.domain.routing import Routing
from supportdesk.services.ports import Clock, Store

FIGURES = (
    "queues",
    "unresolved",
    "reopened",
    "decisions",
    "workload",
    "categories",
    "wrong_routes",
    "corrections",
    "rejections",
    "complaints",
    "missing",
    "theme_articles",
    "escalations",
    "escalations_open",
    "escalation_acknowledged",
    "escalation_decided",
    "approvals",
    "promises",
    "changes",
    "first_response",
    "resolution",
    "requester_wait",
    "backlog_age",
    "due",
)
"""Every figure's name, in reading order."""

USUAL_DAYS = 28
"""How far back a report looks when nobody says."""


class Monitoring:
    """The desk's figures."""

    def __init__(self, store: Store, clock: Clock, routing: Routing) -> None:
        """Work on this store."""
        self._store = store
        self._clock = clock
        self._due = {priority.value: hours for priority, hours in routing.sla_hours.items()}

    def period(
        self, since: datetime | None = None, until: datetime | None = None, queue: str = "", reviewer: str = ""
    ) -> Period:
        """A period; the last four weeks where nothing is said."""
        end = until or self._clock.now() + timedelta(milliseconds=1)
        begin = since or end - timedelta(days=USUAL_DAYS)
        return Period(begin.astimezone(UTC), end.astimezone(UTC), queue, reviewer)

    def figures(self, period: Period, names: tuple[str, ...] = FIGURES) -> Iterator[Figure]:
        """The figures one after the other, each as soon as it is there, all of one state of the store."""
        self._make_sound()
        with self._store.read() as tx:
            now = self._clock.now()
            for name in names:
                yield tx.figures.take(name, period, now, self._due)

    def report(self, period: Period) -> Report:
        """All figures of a period."""
        return Report(period, tuple(self.figures(period)))

    def _make_sound(self) -> None:
        """Count anew what came into the store past its triggers, such as rows another program put there."""
        with self._store.read() as tx:
            sound = tx.figures.sound()
        if not sound:
            with self._store.write() as tx:
                tx.figures.rebuild()

    def behind(self, name: str, key: str | None, period: Period) -> array[int]:
        """Ids of the tickets behind a figure or one line of it. Raises BadInput for a figure there is not."""
        with self._store.read() as tx:
            return tx.figures.behind(name, key, period, self._clock.now(), self._due)
