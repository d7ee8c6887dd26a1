"""How the desk is doing: every figure with its lines, its course over the period, and the tickets behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.behind import TicketsDialog
from screens.lead import LeadScreen
from screens.reading_points import TITLES, Reading, reading_list, reading_points
from supportdesk.domain.escalation import LEAD
from supportdesk.domain.report import Figure, Period, Spread
from supportdesk.domain.thread import Ticket
from supportdesk.services.desk import Desk
from widgets.commands import bindings
from widgets.paint import cells
from widgets.pictures import bar, heat_map, spark
from widgets.points import Point, PointList
from widgets.wording import count_words, span

SECTIONS = (
    ("The queue now", ("queues", "unresolved", "reopened", "backlog_age")),
    ("Times", ("first_response", "resolution", "requester_wait", "due")),
    ("Review", ("decisions", "workload", "corrections", "rejections", "approvals", "promises")),
    ("Quality", ("complaints", "wrong_routes", "missing", "categories", "theme_articles", "changes")),
    ("Escalations", ("escalations", "escalations_open", "escalation_acknowledged", "escalation_decided")),
)
"""In which part of the list a figure stands; others come last."""

SPANS = ((7, "the last 7 days"), (28, "the last 28 days"), (91, "the last quarter"), (365, "the last year"))
SLICES = 14
"""Parts of the period a figure's course is drawn in."""
MOST_BEHIND = 500
"""Tickets shown behind a line; the command line shows all."""
ALARMS = {"missed", "overdue", "broken", "not documented", "late"}
"""Lines that say something went wrong."""


class MonitoringScreen(LeadScreen):
    """The desk's figures."""

    NAME: ClassVar[str] = "Monitoring"
    PLACE: ClassVar[str] = "monitoring"
    BINDINGS: ClassVar[list[BindingType]] = bindings("monitoring")
    POLL: ClassVar[float] = 0.0
    EMPTY: ClassVar[str] = "No figure yet."

    def __init__(self, *args: object, **kw: object) -> None:
        """Begin with four weeks."""
        super().__init__(*args, **kw)  # type: ignore[arg-type]
        self._span = 1
        self._figures: dict[str, Figure] = {}
        self._courses: dict[str, tuple[int, ...]] = {}
        self._period: Period | None = None
        self._reading: Reading | None = None

    async def read(self) -> None:
        """Read the figures one after the other; each is shown as soon as it is there."""
        days, words = SPANS[self._span]
        now = self.station.now()
        period = await self.station.clerk.look(lambda desk: desk.monitoring.period(since=now - timedelta(days=days)))
        self._period, self._figures, self._courses = period, {}, {}
        head = Content.assemble((words, "bold"), ("   p other period", "$text-muted"))
        for _, names in SECTIONS:
            for name in names:
                figure = await self.station.clerk.look(_one(name, period))
                self._figures[name] = figure
            self.show(list(points(self._figures)), head)
        self._reading = reading = await self.station.clerk.look(lambda desk: read_reading(desk, period))
        self.show([*points(self._figures), *reading_list(reading)], head)

    def show_detail(self) -> None:
        """Show the figure, and fetch its course."""
        super().show_detail()
        figure = self._figure(self.current)
        if figure is not None and figure.name not in self._courses and self._period is not None:
            self.carry_out(lambda: self._read_course(figure.name), group="course", exclusive=True)

    async def _read_course(self, name: str) -> None:
        period = self._period
        if period is None:
            return
        course = await self.station.clerk.look(lambda desk: course_of(desk, name, period))
        if period == self._period:
            self._courses[name] = course
            if (figure := self._figure(self.current)) is not None and figure.name == name:
                super().show_detail()

    def detail(self, point: Point | None) -> Sequence[Point]:
        """The figure's course, its lines with bars, its numbers."""
        figure = self._figure(point)
        width = max(self.query_one("#lead-detail", PointList).line_width - 4, 30)
        if figure is not None:
            return list(figure_points(figure, self._courses.get(figure.name, ()), width))
        if point is not None and self._reading is not None:
            return list(reading_points(str(point.key), self._reading, width))
        return ()

    def detail_title(self, point: Point | None) -> str:
        """The figure's title."""
        figure = self._figure(point)
        return figure.title if figure else TITLES.get(str(point.key), "") if point else ""

    def on_resize(self) -> None:
        """Bars are as long as there is room."""
        super().on_resize()
        if self._figures:
            super().show_detail()

    def action_monitoring_period(self) -> None:
        """The next longer period."""
        self._span = (self._span + 1) % len(SPANS)
        self.load()

    def action_monitoring_behind(self) -> None:
        """The tickets behind the figure under the cursor."""
        figure = self._figure(self.current)
        if figure is not None:
            self._behind(figure, None)

    @on(PointList.Chosen, "#lead-list")
    def _to_lines(self) -> None:
        self.query_one("#lead-detail").focus()

    @on(PointList.Chosen, "#lead-detail")
    def _line_chosen(self, event: PointList.Chosen) -> None:
        figure = self._figure(self.current)
        if figure is not None:
            self._behind(figure, event.point.key if isinstance(event.point.key, str) else None)

    def _behind(self, figure: Figure, key: str | None) -> None:
        period = self._period
        if period is None:
            return

        async def show() -> None:
            total, tickets = await self.station.clerk.look(lambda desk: behind(desk, figure.name, key, period))
            title = f"{figure.title}{': ' + key if key else ''}, {count_words(total, 'ticket')}"
            if total > len(tickets):
                title += f", the first {len(tickets)}"
            self.app.push_screen(TicketsDialog(self.station, title, tickets), self._open_behind)

        self.carry_out(show, group="behind", exclusive=True)

    def _open_behind(self, ticket_id: int | None) -> None:
        if ticket_id is not None:
            self.open_ticket(ticket_id)

    def _figure(self, point: Point | None) -> Figure | None:
        return self._figures.get(str(point.key)) if point is not None else None


def _one(name: str, period: Period) -> Callable[[Desk], Figure]:
    return lambda desk: next(iter(desk.monitoring.figures(period, (name,))))


def read_reading(desk: Desk, period: Period) -> Reading:
    """How people review: one's own habits, and for a lead the team's sums."""
    team = desk.reviewing.team(period) if desk.person.role == LEAD else None
    return Reading(desk.reviewing.mine(desk.login, period), team, desk.reviewing.load())


def behind(desk: Desk, name: str, key: str | None, period: Period) -> tuple[int, tuple[Ticket, ...]]:
    """How many tickets are behind a figure or a line of it, and the first of them."""
    ids = desk.monitoring.behind(name, key, period)
    return len(ids), desk.queue.page(tuple(ids[:MOST_BEHIND]))


def course_of(desk: Desk, name: str, period: Period) -> tuple[int, ...]:
    """A figure's totals over equal parts of the period; its medians where it is about time."""
    part = (period.until - period.since) / SLICES
    found = []
    for n in range(SLICES):
        piece = replace(period, since=period.since + part * n, until=period.since + part * (n + 1))
        figure = next(iter(desk.monitoring.figures(piece, (name,))))
        found.append(figure.spread.median if figure.spread else figure.total)
    return tuple(found)


def points(figures: dict[str, Figure]) -> Iterator[Point]:
    """The list: one line a figure, by section."""
    for title, names in SECTIONS:
        here = [figures[name] for name in names if name in figures]
        if here:
            yield Point(title, heading=True)
        for figure in here:
            bad = sum(line.count for line in figure.lines if line.key in ALARMS)
            yield Point(
                figure.title,
                "!" if bad else "·",
                "warn" if bad else "muted",
                label=_headline(figure),
                key=figure.name,
            )


def _headline(figure: Figure) -> str:
    if figure.spread is not None:
        return span(timedelta(minutes=figure.spread.median))
    return f"{figure.total:,}"


def figure_points(figure: Figure, course: Sequence[int], width: int) -> Iterator[Point]:
    """Everything about one figure, as points."""
    if course and any(course) and figure.name not in ("queues", "backlog_age"):
        yield Point("Over the period", heading=True)
        most, last = max(course), course[-1]
        told = _span if figure.spread is not None else "{:,}".format
        yield Point(spark(course), "", "", label=f"most {told(most)}, last {told(last)}", text_look="accent")
    if figure.spread is not None:
        yield from _spread(figure.spread, width)
        return
    if not figure.lines:
        yield Point("Nothing in this period.", text_look="muted")
        return
    yield Point("Lines", heading=True, label="Enter shows the tickets behind one")
    most = figure.lines[0].count
    wide = min(max((cells(line.key) for line in figure.lines), default=8), max(width // 2, 16))
    room = max(width - wide - 14, 6)
    total = max(figure.total, 1)
    for line in figure.lines:
        drawn = bar(line.count, most, room)
        yield Point(
            drawn,
            lead=line.key or "(none)",
            lead_width=wide,
            lead_look="warn" if line.key in ALARMS else "strong",
            text_look="warn" if line.key in ALARMS else "accent",
            label=f"{line.count:,} {line.count * 100 // total:>3}%",
            key=line.key,
        )
    pairs = {
        (a, b): n for line in figure.lines for a, arrow, b in [line.key.partition(" → ")] if arrow for n in [line.count]
    }
    if figure.name == "wrong_routes" and len({a for a, _ in pairs}) > 1:
        yield Point("From (rows) to (columns)", heading=True)
        for row in heat_map(pairs):
            yield Point("", detail=row)


def _spread(spread: Spread, width: int) -> Iterator[Point]:
    yield Point("How long", heading=True, label=count_words(spread.count, "case"))
    most = max(spread.ninth, int(spread.mean), 1)
    rows = (("half within", spread.median), ("on average", round(spread.mean)), ("nine of ten within", spread.ninth))
    for name, minutes in rows:
        drawn = bar(minutes, most, max(width - 34, 6))
        yield Point(drawn, lead=name, lead_width=19, text_look="accent", label=_span(minutes))


def _span(minutes: float) -> str:
    return span(timedelta(minutes=minutes))
