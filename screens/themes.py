"""Choosing a theme: the screen behind shows it while the cursor moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.base import DeskDialog
from widgets.choice import Choice
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.points import PointList

if TYPE_CHECKING:
    from screens.station import Station


class ThemeDialog(DeskDialog[str | None]):
    """The themes there are: ours, one's own, Textual's."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, names: list[str], now: str) -> None:
        """Offer these themes, `now` being shown."""
        super().__init__(station)
        self._names = names
        self._before = now

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(id="dialog"):
            yield Static(Content("Which theme?"), id="dialog-title")
            yield Choice([(n, n) for n in self._names], value=self._before, id="themes", classes="dialog-choice")
            yield Static(
                Content("Your own: a file in the settings folder's themes, see docs/looks.md."),
                classes="dialog-words -last",
            )
        yield FootLine()

    @on(PointList.Moved)
    def _preview(self) -> None:
        self.app.theme = self.query_one(Choice).value or self._before

    @on(PointList.Chosen)
    def action_dialog_accept(self) -> None:
        """Keep it."""
        self.dismiss(self.query_one(Choice).value)

    def action_dialog_close(self) -> None:
        """Back to the theme before."""
        self.app.theme = self._before
        self.dismiss(None)
