"""The queue: what waits, most pressing first."""

from __future__ import annotations

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
from supportdesk.domain.query import QueueQuery, Sort, parse_query
from supportdesk.domain.thread import Ticket
from supportdesk.errors import BadInput, DeskError
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import one_line
from widgets.queue_columns import Scene
from widgets.queue_table import QueueTable
from widgets.wording import count_words

ORDERS = {
    Sort.PRESSING: "most pressing first",
    Sort.NEWEST: "newest first",
    Sort.OLDEST: "oldest first",
    Sort.REQUESTER: "by requester",
    Sort.QUEUE: "by queue",
}

NOTHING_AT_ALL = """Nothing here yet.
Bring tickets in from a shell, and they appear here by themselves:

supportdesk import mail.mbox       a mailbox, a Maildir, .eml files, JSON Lines
supportdesk articles import DIR    what your drafts may rest on
supportdesk prepare                summary, triage and a draft for each ticket

Or look around first: supportdesk demo opens a sample desk."""

NOTHING_WAITS = """Nothing waits.
Everything is answered, paused or with somebody else.

is:waiting shows what waits for a reply or a time, is:resolved what is done: press / and type it."""

NOTHING_FITS = """No ticket fits this filter.
Esc drops the filter. You can filter by queue:, trigger:, status:, priority:, path:, channel:, requester:,
assignee:me, is:free, is:unread, older:2d, and by plain words from the messages."""


class QueueScreen(DeskScreen[None]):
    """The list of tickets and the line that filters it."""

    PLACE: ClassVar[str] = "queue"
    CSS_PATH = "queue.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("queue")
    AUTO_FOCUS = "QueueTable"

    _query = QueueQuery()
    _typed = ""
    _seen_change = -1
    _nothing = "Opening the desk…"
    _waiting = -1

    def compose(self) -> ComposeResult:
        """Head, filter, table, foot."""
        yield Static(self._head(), id="head", markup=False)
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-sign", markup=False)
            yield CleanInput(placeholder="filter or search", id="filter", compact=True)
            yield Static("", id="filter-says", markup=False)
        yield QueueTable(id="tickets")
        yield FootLine()

    def on_mount(self) -> None:
        """Show that the desk is being opened."""
        super().on_mount()
        self.set_interval(1.0, self._poll)
        self.set_interval(20.0, self._tick)
        self._show((), 3)

    def ready(self) -> None:
        """The desk is open: read the queue."""
        self.load()

    def load(self) -> None:
        """Read the queue again."""
        if self.station.clerk.is_open:
            self.carry_out(self._load, group="load", exclusive=True)

    async def _load(self) -> None:
        query = self._query
        clerk = self.station.clerk
        # What changes from here on is noticed, also while the ids are being read.
        self._seen_change = await clerk.look(lambda desk: desk.queue.changed())
        ids = await clerk.look(lambda desk: desk.queue.ids(query))
        everything = len(ids)
        if not everything:
            everything = await clerk.look(lambda desk: desk.queue.count(QueueQuery(status="any")))
        width = await clerk.look(lambda _: len(str(max(ids, default=0))) + 1)
        plain = query == QueueQuery(sort=query.sort)
        self._nothing = (NOTHING_WAITS if plain else NOTHING_FITS) if everything else NOTHING_AT_ALL
        self._show(ids, max(width, 3))

    def _show(self, ids: object, ref_width: int) -> None:
        table = self.query_one(QueueTable)
        scene = Scene(self.station.now(), self.station.login)
        table.show(ids, scene, ref_width, self._nothing)  # type: ignore[arg-type]
        self._refresh_head()

    @on(QueueTable.RowsWanted)
    def _read_rows(self, event: QueueTable.RowsWanted) -> None:
        self.carry_out(lambda: self._fill(event.ids, event.round), group="rows")

    async def _fill(self, ids: tuple[int, ...], round_: int) -> None:
        tickets = await self.station.clerk.look(lambda desk: desk.queue.page(ids))
        self.query_one(QueueTable).fill(tickets, round_)

    @on(QueueTable.Moved)
    def _moved(self) -> None:
        self._refresh_head()

    @on(QueueTable.Opened)
    def _open(self, event: QueueTable.Opened) -> None:
        self.open_ticket(event.ticket_id, event.ticket)

    def open_ticket(self, ticket_id: int, ticket: Ticket | None = None) -> None:
        """Open a ticket for review."""
        from screens.review import ReviewScreen

        self.app.push_screen(ReviewScreen(self.station, ticket_id, ticket), self._returned)

    def _returned(self, words: str | None) -> None:
        """Back from a review, perhaps with something to say."""
        self.load()
        if words:
            self.say(words, "done", seconds=30)

    def action_queue_open(self) -> None:
        """Open the ticket under the cursor."""
        table = self.query_one(QueueTable)
        if not table.current_id:
            self.say("There is no ticket under the cursor.", "refused")
        table.open_current()

    def action_queue_filter(self) -> None:
        """Go to the filter line."""
        self.query_one("#filter", Input).focus()

    def action_queue_clear(self) -> None:
        """Drop the filter."""
        field = self.query_one("#filter", Input)
        if field.value:
            field.value = ""
        self.query_one(QueueTable).focus()

    def action_queue_refresh(self) -> None:
        """Read the queue again."""
        self.load()
        self.say("Read again.", "done", seconds=2)

    def action_queue_sort(self) -> None:
        """Take the next order."""
        orders = list(Sort)
        self._query = replace(self._query, sort=orders[(orders.index(self._query.sort) + 1) % len(orders)])
        self.load()
        self.say(f"Now {ORDERS[self._query.sort]}.", seconds=4)

    @on(Input.Changed, "#filter")
    def _typing(self, event: Input.Changed) -> None:
        says = self.query_one("#filter-says", Static)
        try:
            query = parse_query(event.value, self.station.login)
        except BadInput as error:
            says.update(Content(one_line(str(error))))
            return
        says.update(Content(""))
        if query.sort is Sort.PRESSING:
            query = replace(query, sort=self._query.sort)
        if query != self._query:
            self._query = query
            self.set_class(bool(event.value.strip()), "-filtered")
            self.load()

    @on(Input.Submitted, "#filter")
    def _typed_out(self) -> None:
        self.query_one(QueueTable).focus()

    def on_screen_resume(self) -> None:
        """Look at once whether something changed while another screen was in front."""
        self.load()

    def _poll(self) -> None:
        if self.station.clerk.is_open and self.is_current:
            _: Worker[None] = self.run_worker(self._look_for_changes, group="poll", exclusive=True)

    async def _look_for_changes(self) -> None:
        try:
            change = await self.station.clerk.look(lambda desk: desk.queue.changed())
        except DeskError:
            return  # the next act says what is wrong with the store; a look in passing need not
        if change != self._seen_change:
            self.load()

    def _tick(self) -> None:
        self.query_one(QueueTable).tick(Scene(self.station.now(), self.station.login))

    def _refresh_head(self) -> None:
        self.query_one("#head", Static).update(self._head())

    def _head(self) -> Content:
        title = Content.assemble(("supportdesk", "bold $accent"))
        if not self.station.clerk.is_open:
            return title
        table = self.query_one(QueueTable)
        desk = self.station.desk
        waits = {"open": "waiting for us", "any": "in all"}.get(self._query.status, one_line(self._query.status))
        parts = [
            title,
            Content(f"  {one_line(desk.settings.desk.name)}"),
            Content.assemble((f"   {count_words(table.total, 'ticket')} {waits}", "bold")),
            Content.assemble((f", {ORDERS[self._query.sort]}", "$text-muted")),
        ]
        left = Content("").join(parts)
        who = one_line(f"{desk.person} · {desk.person.role}" if desk.person.active else f"{desk.person} · reading only")
        right = Content.assemble((f"{table.place:,}/{table.total:,}   ", "$text-muted"), (who, "$text-muted"))
        gap = max(self.size.width - 2 - left.cell_length - right.cell_length, 2)
        return Content("").join([left, Content(" " * gap), right])

    def on_resize(self) -> None:
        """The head is as wide as the screen."""
        self._refresh_head()
