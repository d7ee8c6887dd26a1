"""One line about the back office: working, idle, paused, a model that cannot be reached, how many tickets wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from supportdesk.errors import DeskError
from widgets.paint import one_line

if TYPE_CHECKING:
    from screens.station import Station
    from supportdesk.services.desk import Desk

LOOK_SECONDS = 2.0
"""How often it looks."""


class OfficeLine(Static):
    """Not there until there is something to say."""

    DEFAULT_CSS = """
    OfficeLine {
        height: 1;
        padding: 0 1;
        background: $panel;
        color: $text-muted;
        &.-alert { color: $text-warning; }
    }
    """

    def __init__(self, station: Station) -> None:
        """Speak for this workstation's store."""
        super().__init__("", markup=False)
        self._station = station

    def on_mount(self) -> None:
        """Look now and then."""
        self.display = False
        self.set_interval(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if self._station.clerk.is_open and self.screen.is_active:
            _: Worker[None] = self.run_worker(self._read, group="office", exclusive=True)

    async def _read(self) -> None:
        attendant = self._station.attendant

        def read(desk: Desk) -> tuple[str, bool]:
            state = desk.office.state()
            wanted = attendant is not None and desk.settings.workstation.start_worker
            trouble = attendant.attend(running=bool(state.workers)) if attendant is not None and wanted else ""
            if not state.workers and not wanted:
                return "", False
            if trouble:
                return trouble, True
            words = state.words if state.workers else "starting"
            return words, bool(state.paused_by) or any(w.note for w in state.workers)

        try:
            words, alert = await self._station.clerk.survey(read)
        except DeskError:
            return  # the next act says what is wrong with the store; a look in passing need not
        self.display = bool(words)
        self.set_class(alert, "-alert")
        told = Content(f"back office: {one_line(words)}")
        if self.content != told:
            self.update(told)
