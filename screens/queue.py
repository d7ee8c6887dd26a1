"""The queue: what waits, most pressing first."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import Worker

from screens.base import DeskScreen
from screens.office_line import OfficeLine
from screens.queue_acts import QueueActs
from screens.queue_views import QueueViews
from screens.queue_words import EXPLAINED, HEADINGS, ORDERS, nothing
from supportdesk.domain.query import QueueQuery, Sort, parse_query
from supportdesk.domain.thread import QueueRow, Ticket
from supportdesk.errors import BadInput, DeskError
from widgets.commands import bindings
from widgets.filter_line import FilterInput
from widgets.footline import FootLine
from widgets.paint import one_line
from widgets.queue_columns import Scene, match_parts
from widgets.queue_table import QueueTable
from widgets.views_list import ViewsList
from widgets.wording import count_words

FIRST = 100
"""Tickets shown at once; the rest follows."""

PLACE_CELLS, PLACED = 20, 100
"""Cells for the cursor's place, and the width from which on there is room for it."""

CALM = 0.2
"""Seconds without a key before all the rest is read."""


class QueueScreen(QueueViews, QueueActs, DeskScreen[None]):
    """The list of tickets and the line that filters it."""

    PLACE: ClassVar[str] = "queue"
    CSS_PATH = "queue.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("queue")
    AUTO_FOCUS = "QueueTable"

    _query = QueueQuery()
    _shown: QueueQuery | None = None
    _seen_change = -1
    _read_at = 0.0
    _reading_took = 0.0
    _wanted = 0
    _offers = Content("")
    _said: dict[str, Content]

    def compose(self) -> ComposeResult:
        """Head, filter, what to know of it, views, table, foot."""
        with Horizontal(id="head-line"):
            yield Static(self._head(), id="head", markup=False)
            yield Static("", id="place", markup=False)
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-sign", markup=False)
            yield FilterInput(id="filter")
        yield Static("", id="explains", markup=False)
        with Horizontal(id="body"):
            yield ViewsList(id="views")
            yield QueueTable(id="tickets")
        yield OfficeLine(self.station)
        yield FootLine()

    def on_mount(self) -> None:
        """Show that the desk is being opened."""
        self._said = {}
        super().on_mount()
        self.set_interval(1.0, self._poll)
        self.set_interval(20.0, self._tick)
        self.list_views()
        self._show(array("q"), "Opening the desk…")

    def glimpse(self, tickets: Sequence[Ticket]) -> None:
        """Show the first tickets while the desk is being opened."""
        ids = array("q", (t.id for t in tickets))
        self._show(ids, "Opening the desk…", more=True, ref_width=len(str(max(ids, default=0))) + 1)
        self.query_one(QueueTable).fill([QueueRow(t) for t in tickets])

    def ready(self) -> None:
        """The desk is open: read the queue."""
        desk = self.station.desk
        self.query_one(FilterInput).known = {
            "queue": list(desk.routing.queues),
            "category": list(desk.routing.categories),
        }
        self.list_views()
        self.load()
        self.carry_out(self._learn)
        if self._wanted:
            self.open_ticket(self._wanted)

    async def _learn(self) -> None:
        """Who works here, for the filter's offers."""
        everybody = await self.station.clerk.look(lambda desk: desk.staff.all())
        field = self.query_one(FilterInput)
        field.known = {**field.known, "assignee": ["me", "none", *(p.login for p in everybody if p.active)]}

    def load(self) -> None:
        """Read the queue again."""
        if self.station.clerk.is_open:
            self.carry_out(self._load, group="load", exclusive=True)

    async def _load(self) -> None:
        query, clerk = self._query, self.station.clerk
        began = time.monotonic()
        # What changes from here on is noticed, also while the ids are being read.
        self._seen_change = await clerk.look(lambda desk: desk.queue.changed())
        first = await clerk.look(lambda desk: desk.queue.ids(query, FIRST))
        width = len(str(await clerk.look(lambda desk: desk.queue.last_id()))) + 1
        words = "" if first else nothing(query, empty_desk=width == len("0") + 1 and not await self._any())
        other = query != self._shown
        if other or len(first) < FIRST:
            self._shown = query
            self._show(first, words, more=len(first) == FIRST, ref_width=width, top=other)
        if len(first) == FIRST:
            if other:
                # Whoever is typing wants the next first rows, not all of these.
                await asyncio.sleep(CALM)
            ids = await clerk.survey(lambda desk: desk.queue.ids(query))
            self._show(ids, words, ref_width=width)
        self._read_at = time.monotonic()
        self._reading_took = self._read_at - began
        self.count_views()

    async def _any(self) -> bool:
        return bool(await self.station.clerk.look(lambda desk: desk.queue.last_id()))

    def _show(
        self, ids: Sequence[int], words: str, *, more: bool = False, ref_width: int = 3, top: bool = False
    ) -> None:
        scene = Scene(self.station.now(), self.station.login)
        self.query_one(QueueTable).show(ids, scene, max(ref_width, 3), words, more=more, top=top)
        self._refresh_head()

    @on(QueueTable.RowsWanted)
    def _read_rows(self, event: QueueTable.RowsWanted) -> None:
        if self.station.clerk.is_open:
            self.carry_out(lambda: self._fill(event.ids, event.round), group="rows")

    async def _fill(self, ids: tuple[int, ...], round_: int) -> None:
        words, login = self._query.words, self.station.login
        rows = await self.station.clerk.look(lambda desk: desk.queue.rows(ids, login, words))
        self.query_one(QueueTable).fill(rows, round_)

    @on(QueueTable.Moved)
    def _moved(self) -> None:
        self._say_in("#place", self._place())
        self._explain()

    @on(QueueTable.Opened)
    def _open(self, event: QueueTable.Opened) -> None:
        self.open_ticket(event.ticket_id, event.ticket)

    @on(QueueTable.HeadingClicked)
    def _order_by(self, event: QueueTable.HeadingClicked) -> None:
        if event.title in HEADINGS:
            sort = HEADINGS[event.title]
            self._order(Sort.OLDEST if sort is self._query.sort is Sort.NEWEST else sort)

    def open_ticket(self, ticket_id: int, ticket: Ticket | None = None) -> None:
        """Open a ticket for review, at the latest when the desk is open."""
        if not self.station.clerk.is_open:
            self._wanted = ticket_id
            self.say("Opening the desk, then this ticket…")
            return
        from screens.review import ReviewScreen

        self._wanted = 0
        self.app.push_screen(ReviewScreen(self.station, ticket_id, ticket), self._returned)

    def _returned(self, words: str | None) -> None:
        """Back from a review, perhaps with something to say."""
        self.load()
        if words:
            self.say(words, "done", seconds=30)

    async def action_queue_open(self) -> None:
        """Open the ticket under the cursor; where there is none at all, show how to begin."""
        table = self.query_one(QueueTable)
        if not table.current_id and self.station.clerk.is_open and not await self._any():
            await self.app.run_action("app_welcome")
        elif not table.current_id:
            self.say("There is no ticket under the cursor.", "refused")
        table.open_current()

    def action_queue_select(self) -> None:
        """Pick the ticket out, or put it back."""
        self.query_one(QueueTable).pick()

    def action_queue_filter(self) -> None:
        """Go to the filter line."""
        self.query_one("#filter", Input).focus()

    def action_queue_clear(self) -> None:
        """Drop what is picked out, then the filter."""
        table = self.query_one(QueueTable)
        if table.selected and not self.query_one("#filter").has_focus:
            table.unselect()
            return
        self.action_filter_leave()

    def action_filter_leave(self) -> None:
        """Drop the filter."""
        field = self.query_one("#filter", Input)
        if field.value:
            field.value = ""
        self.query_one(QueueTable).focus()

    def action_queue_refresh(self) -> None:
        """Read the queue again."""
        self.load()
        self.count_views(soon=True)
        self.say("Read again.", "done", seconds=2)

    def action_queue_sort(self) -> None:
        """Take the next order."""
        orders = list(Sort)
        self._order(orders[(orders.index(self._query.sort) + 1) % len(orders)])

    def _order(self, sort: Sort) -> None:
        self._query = replace(self._query, sort=sort)
        self.load()
        self._refresh_head()

    @on(Input.Changed, "#filter")
    def _typing(self, event: Input.Changed) -> None:
        self.query_one(ViewsList).mark(" ".join(event.value.split()))
        self.query_one(FilterInput).offer()
        try:
            query = parse_query(event.value, self.station.login)
        except BadInput as error:
            self._offers = Content.assemble((one_line(str(error)), "$warning"))
            self._explain()
            return
        if query.sort is Sort.PRESSING:
            query = replace(query, sort=self._query.sort)
        self.set_class(bool(event.value.strip()), "-filtered")
        if query != self._query:
            self._query = query
            self.load()

    @on(FilterInput.Offered)
    def _offered(self, event: FilterInput.Offered) -> None:
        field = self.query_one(FilterInput)
        try:
            parse_query(field.value)
        except BadInput as error:
            typing = not field.value[field.cursor_position :].strip() and not field.value.endswith(" ")
            self._offers = (
                event.words if typing and field.offering else Content.assemble((one_line(str(error)), "$warning"))
            )
        else:
            self._offers = event.words
        self._explain()

    @on(Input.Submitted, "#filter")
    def _typed_out(self) -> None:
        self.query_one(QueueTable).focus()

    def on_screen_resume(self) -> None:
        """Look at once whether something changed while another screen was in front."""
        self.load()

    def _poll(self) -> None:
        # A desk that takes long to read is read less often: at most a fifth of the time is spent on it.
        rested = time.monotonic() - self._read_at > 4 * self._reading_took
        if self.station.clerk.is_open and self.is_active and rested:
            _: Worker[None] = self.run_worker(self._look_for_changes, group="poll", exclusive=True)

    async def _look_for_changes(self) -> None:
        try:
            change = await self.station.clerk.look(lambda desk: desk.queue.changed())
        except DeskError:
            return  # the next act says what is wrong with the store; a look in passing need not
        if change != self._seen_change:
            self.load()
        else:
            self.count_views()

    def _tick(self) -> None:
        self.query_one(QueueTable).tick(Scene(self.station.now(), self.station.login))

    def _refresh_head(self) -> None:
        self._say_in("#head", self._head())
        self._say_in("#place", self._place())
        self._explain()

    def _explain(self) -> None:
        self._say_in("#explains", self._explanation())

    def _say_in(self, selector: str, words: Content) -> None:
        """Change a line of the screen where it says something else by now; its place stays the same."""
        if self._said.get(selector) != words:
            self._said[selector] = words
            self.query_one(selector, Static).update(words, layout=False)

    def _explanation(self) -> Content:
        """The one line worth knowing now: what to type, what is picked, where the words stand, how it is ordered."""
        table = self.query_one(QueueTable)
        if self.query_one("#filter").has_focus:
            return self._offers
        if table.selected:
            picked = count_words(len(table.selected), "ticket")
            return Content.assemble(
                (f"{picked} picked", "bold $accent"),
                ("  a assign · T tag · F4 reroute · F7 pause · Esc drops the picks", "$text-muted"),
            )
        row = table.current_row
        if row is not None and row.match and self._query.words:
            looks = {"mark": "underline $accent", "muted": "$text-muted"}
            parts = [
                (words, looks.get(look, "")) for words, look in match_parts(row.match, max(self.size.width - 12, 1))
            ]
            return Content.assemble((f"{row.ticket.ref} ", "bold"), *parts)
        return Content.styled(EXPLAINED[self._query.sort], "$text-muted")

    def _head(self) -> Content:
        title = Content.assemble(("supportdesk", "bold $accent"))
        if not self.station.clerk.is_open:
            return title
        table = self.query_one(QueueTable)
        desk = self.station.desk
        waits = {"open": "waiting for us", "any": "in all"}.get(self._query.status, one_line(self._query.status))
        total = f"{table.total:,}+ tickets" if table.more else count_words(table.total, "ticket")
        parts = [
            title,
            Content(f"  {one_line(desk.settings.desk.name)}"),
            Content.assemble((f"   {total} {waits}", "bold")),
            Content.assemble((f", {ORDERS[self._query.sort]}", "$text-muted")),
        ]
        left = Content("").join(parts)
        who = one_line(f"{desk.person} · {desk.person.role}" if desk.person.active else f"{desk.person} · reading only")
        right = Content.assemble((who, "$text-muted"))
        room = PLACE_CELLS if self.size.width >= PLACED else 0
        gap = max(self.size.width - 2 - room - left.cell_length - right.cell_length, 2)
        return Content("").join([left, Content(" " * gap), right])

    def _place(self) -> Content:
        """Where the cursor stands among how many; beside the head, so that a step costs few bytes."""
        table = self.query_one(QueueTable)
        if not self.station.clerk.is_open or self.size.width < PLACED:
            return Content("")
        total = f"{table.total:,}{'+' if table.more else ''}"
        return Content.styled(f"{table.place:,}/{total}".rjust(PLACE_CELLS), "$text-muted")

    def on_resize(self) -> None:
        """The head is as wide as the screen."""
        self.set_class(self.size.width < PLACED, "-short")
        self._refresh_head()
