"""What the keys do here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from screens.base import DeskDialog
from widgets.commands import Command, bindings, by_group
from widgets.footline import FootLine
from widgets.points import Point, PointList

if TYPE_CHECKING:
    from screens.station import Station


class HelpDialog(DeskDialog[None]):
    """The commands of the focused pane and its screen, by group."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, commands: Sequence[Command]) -> None:
        """Explain these commands."""
        super().__init__(station)
        self._commands = commands

    def compose(self) -> ComposeResult:
        """One point a command."""
        points: list[Point] = []
        keymap = self.station.keymap
        width = max((len(c.keys_shown(keymap)) for c in self._commands), default=4)
        for group, commands in by_group(self._commands).items():
            points.append(Point(group, heading=True))
            points += [
                Point(c.help, lead=c.keys_shown(keymap) or "palette", lead_look="accent", lead_width=width, key=c.id)
                for c in commands
            ]
        with Vertical(id="dialog", classes="-tall"):
            yield Static("What the keys do here", id="dialog-title", markup=False)
            yield PointList(points, id="help")
        yield FootLine()

    def action_dialog_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_dialog_accept(self) -> None:
        """There is nothing to do but close."""
        self.dismiss(None)
