"""What the lead's screens share: a list, what is under its cursor beside it, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from screens.base import DeskScreen
from supportdesk.errors import DeskError
from supportdesk.services.desk import Desk
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import one_line
from widgets.points import Point, PointList


class LeadScreen(DeskScreen[None]):
    """A list left (or above), its current entry right (or below); read again when the store changed."""

    PLACE: ClassVar[str] = "lead"
    ALSO: ClassVar[tuple[str, ...]] = ("lead",)
    CSS_PATH = "lead.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("lead")
    AUTO_FOCUS = "#lead-list"
    NAME: ClassVar[str] = ""
    """What the screen is called, in its head."""
    EMPTY: ClassVar[str] = "Nothing here."
    """What is said where the list is empty."""
    POLL: ClassVar[float] = 3.0
    """Seconds between two looks whether the store changed; 0 for none."""

    _seen_change = -1
    _summary: Content = Content("")

    def compose(self) -> ComposeResult:
        """Head, list, what is under the cursor, foot."""
        yield Static("", id="lead-head", markup=False)
        with Container(id="lead-panes"):
            yield PointList(id="lead-list", empty="Reading…")
            yield PointList(id="lead-detail")
        yield FootLine()

    def on_mount(self) -> None:
        """Read for the first time."""
        super().on_mount()
        self._refresh_head()
        if self.POLL:
            self.set_interval(self.POLL, self._poll)
        self.load()

    def load(self) -> None:
        """Read again."""
        self.carry_out(self._read_all, group="load", exclusive=True)

    async def _read_all(self) -> None:
        self._seen_change = await self.station.clerk.look(lambda desk: desk.queue.changed())
        await self.read()

    async def read(self) -> None:
        """Read what the screen shows and hand it to `show`."""
        raise NotImplementedError

    def detail(self, point: Point | None) -> Sequence[Point]:
        """What stands beside the list while the cursor is on a point."""
        raise NotImplementedError

    def show(self, points: Sequence[Point], summary: Content) -> None:
        """List these points, under this summary."""
        self._summary = summary
        self.query_one("#lead-list", PointList).show(points, empty=self.EMPTY)
        self._refresh_head()
        self.show_detail()

    def show_detail(self) -> None:
        """Show what belongs to the point under the cursor."""
        listed = self.query_one("#lead-list", PointList)
        detail = self.query_one("#lead-detail", PointList)
        point = listed.current if listed.points else None
        detail.border_title = Content(one_line(self.detail_title(point)))
        detail.show(self.detail(point), empty="")

    def detail_title(self, point: Point | None) -> str:
        """What the detail is called."""
        return one_line(point.text) if point else ""

    @property
    def current(self) -> Point | None:
        """The point under the list's cursor."""
        listed = self.query_one("#lead-list", PointList)
        return listed.current if listed.points else None

    @on(PointList.Moved, "#lead-list")
    def _moved(self) -> None:
        self.show_detail()

    def action_lead_back(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)

    def action_lead_other_pane(self) -> None:
        """From the list to the detail and back."""
        here = self.query_one("#lead-list")
        (self.query_one("#lead-detail") if here.has_focus else here).focus()

    def action_lead_refresh(self) -> None:
        """Read again now."""
        self.load()
        self.say("Read again.", "done", seconds=2)

    def open_ticket(self, ticket_id: int) -> None:
        """Open a ticket for review; come back here afterwards."""
        from screens.review import ReviewScreen

        def back(words: str | None) -> None:
            self.load()
            if words:
                self.say(words, "done", seconds=30)

        self.app.push_screen(ReviewScreen(self.station, ticket_id), back)

    def on_resize(self) -> None:
        """The head is as wide as the screen."""
        self._refresh_head()

    def _poll(self) -> None:
        if self.is_active and self.station.clerk.is_open:
            _: Worker[None] = self.run_worker(self._look_for_changes, group="poll", exclusive=True)

    async def _look_for_changes(self) -> None:
        try:
            change = await self.station.clerk.look(_change)
        except DeskError:
            return  # the next act says what is wrong with the store; a look in passing need not
        if change != self._seen_change:
            self.load()

    def _refresh_head(self) -> None:
        left = Content.assemble(("supportdesk", "bold $accent"), "  ", (self.NAME, "bold"), "   ", self._summary)
        person = self.station.desk.person
        right = Content.assemble((one_line(f"{person} · {person.role}"), "$text-muted"))
        gap = max(self.size.width - 2 - left.cell_length - right.cell_length, 2)
        self.query_one("#lead-head", Static).update(Content("").join([left, Content(" " * gap), right]))


def _change(desk: Desk) -> int:
    return desk.queue.changed()
