"""The tickets behind a figure, a theme, a pattern: a list one can open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.base import DeskDialog
from supportdesk.domain.thread import Ticket
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import one_line
from widgets.points import Point, PointList
from widgets.wording import trigger_word

if TYPE_CHECKING:
    from screens.station import Station


class TicketsDialog(DeskDialog[int | None]):
    """Tickets to look at; Enter opens one."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, title: str, tickets: Sequence[Ticket]) -> None:
        """Show these tickets."""
        super().__init__(station)
        self._title = title
        self._tickets = tickets

    def compose(self) -> ComposeResult:
        """One point a ticket."""
        listed = [
            Point(
                ticket.subject or "(no subject)",
                lead=ticket.ref,
                label=ticket.status.value,
                detail=" · ".join(
                    part
                    for part in (
                        ticket.requester.name or ticket.requester.email,
                        ticket.queue,
                        ", ".join(trigger_word(kind) for kind in ticket.triggers),
                    )
                    if part
                ),
                key=ticket.id,
            )
            for ticket in self._tickets
        ]
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content(one_line(self._title)), id="dialog-title")
            yield PointList(listed, id="tickets-behind", empty="No ticket.")
        yield FootLine()

    @on(PointList.Chosen)
    def _open(self, event: PointList.Chosen) -> None:
        if isinstance(event.point.key, int):
            self.dismiss(event.point.key)

    def action_dialog_accept(self) -> None:
        """The same as Enter."""
        self.query_one(PointList).action_points_open()

    def action_dialog_close(self) -> None:
        """Back."""
        self.dismiss(None)
