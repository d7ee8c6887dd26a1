"""The Textual application: themes, keys, the way between screens. No rule of the desk lives here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerFailed

from screens.base import DeskScreen
from screens.lead_ways import LeadWays
from screens.looks_ways import LooksWays
from screens.palette import DeskCommands
from screens.queue import QueueScreen
from screens.station import Clerk, Station
from supportdesk.driver import guarded
from supportdesk.early import Looks
from supportdesk.errors import DeskError
from supportdesk.text import clean
from widgets.commands import bindings, command, unknown_keys
from widgets.nets import AsciiNet, PaintNet
from widgets.theme import DARK, FALLBACKS, LIGHT

if TYPE_CHECKING:
    from supportdesk.domain.thread import Ticket
    from supportdesk.services.desk import Desk
    from supportdesk.services.ports.work import Attendant

SWITCH_SECONDS = 0.001
"""How long a thread that reads the store may keep the interpreter from one that paints; Python's usual is 5 ms."""


class DeskApp(LeadWays, LooksWays, App[str | None]):
    """The workstation."""

    TITLE = "supportdesk"
    # Textual does not load the looks of an app's default screen by itself.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["../screens/app.tcss", "../screens/queue.tcss"]
    PLACE: ClassVar[str] = "app"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS = {DeskCommands}  # noqa: RUF012 (Textual's own declaration)
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual's own declaration)
        (0, "-narrow"),
        (120, "-wide"),
        (170, "-vast"),
    ]
    NOTIFICATION_TIMEOUT = 8

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        settings: Looks,
        *,
        glance: Callable[[], Sequence[Ticket]] | None = None,
        keep: Path | None = None,
        attendant: Attendant | None = None,
        ascii_only: bool = False,
    ) -> None:
        """Open nothing yet: the first frame comes first."""
        super().__init__()
        self.settings = settings
        self.net = PaintNet()
        self._ascii = AsciiNet(enabled=ascii_only or not _speaks_unicode())
        self._glance = glance
        self.station = Station(Clerk(open_desk), dict(settings.keys), dict(settings.views), keep, attendant=attendant)
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self._trouble = "" if settings.theme in self.available_themes else self.take_own_themes()
        if settings.theme not in self.available_themes and not self._trouble:
            self._trouble = f"There is no theme {settings.theme}; the palette's Theme shows those there are."
        self.theme = settings.theme if settings.theme in self.available_themes else DARK.name

    def get_default_screen(self) -> Screen[Any]:
        """The queue."""
        return QueueScreen(self.station)

    def get_driver_class(self) -> type[Driver]:
        """The system's driver, with the second net."""
        return guarded(super().get_driver_class())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The first net, after Textual's own filters."""
        extra: list[LineFilter] = [self.net]
        if self._ascii.enabled:
            extra.append(self._ascii)
        if self.console.color_system == "standard":
            from widgets.sixteen import SixteenNet

            extra.append(SixteenNet())
        return [*super().get_line_filters(), *extra]

    def get_css_variables(self) -> dict[str, str]:
        """The theme's tokens, with the desk's own for themes that do not have them."""
        variables = super().get_css_variables()
        for name, fallback in FALLBACKS.items():
            variables.setdefault(name, variables[fallback])
        self.theme_variables = variables
        return variables

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None of Textual's: the catalogue has all there is."""
        del screen
        return ()

    def on_mount(self) -> None:
        """Take the person's keys; open the desk once something is on screen."""
        self.set_keymap(self.settings.keys)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.call_after_refresh(self._open)
        self.set_interval(2.0, self._post)

    def _open(self) -> None:
        _: Worker[None] = self.run_worker(self._open_desk, group="open", exclusive=True)

    async def _open_desk(self) -> None:
        if self._glance is not None:
            tickets = await self.station.clerk.aside(self._glance)
            queue = self.screen
            if tickets and isinstance(queue, QueueScreen):
                queue.glimpse(tickets)
                painted = asyncio.Event()
                self.call_after_refresh(painted.set)
                await painted.wait()
        try:
            await self.station.clerk.open()
        except DeskError as error:
            self.exit(return_code=error.exit_status, message=Text(clean(f"supportdesk: {error}")))
            return
        for screen in self.screen_stack:
            if isinstance(screen, QueueScreen):
                screen.ready()
        if self._trouble:
            self.say(self._trouble, "alert")
        unknown = unknown_keys(self.settings.keys)
        if unknown:
            self.say(f"Your settings give keys to commands that do not exist: {', '.join(unknown)}.", "alert")

    def say(self, words: str, how: str = "said", *, seconds: float = 10.0) -> None:
        """Say something on whatever screen is in front."""
        if isinstance(self.screen, DeskScreen):
            self.screen.say(words, how, seconds=seconds)

    def action_app_palette(self) -> None:
        """Open the palette."""
        self.action_command_palette()

    def action_app_help(self) -> None:
        """What the keys do here."""
        from screens.help import HelpDialog

        if isinstance(self.screen, DeskScreen) and not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog(self.station, self.screen.commands_here()))

    async def action_app_quit(self) -> None:
        """Leave, once every screen has put its things away."""
        from screens.review import ReviewScreen

        for screen in list(self.screen_stack):
            if isinstance(screen, ReviewScreen):
                await screen.put_away()
        self.exit()

    def action_app_recall(self) -> None:
        """Call the last approved reply back."""
        _: Worker[None] = self.run_worker(self._recall, group="recall")

    async def _recall(self) -> None:
        outbox, login = self.station.last_outbox, self.station.login
        if not outbox:
            self.say("There is nothing to recall: no reply was approved here since you opened the desk.", "refused")
            return
        try:
            words = await self.station.clerk.act(lambda desk: desk.sending.recall(outbox, login))
        except DeskError as error:
            self.say(str(error), "refused")
            return
        self.station.last_outbox = 0
        self.say(words, "done")

    def action_app_pause(self) -> None:
        """Pause the back office, or let it go on."""
        _: Worker[None] = self.run_worker(self._pause, group="pause")

    async def _pause(self) -> None:
        login = self.station.login
        try:
            self.say(await self.station.clerk.act(lambda desk: desk.office.pause(login)), "done")
        except DeskError as error:
            self.say(str(error), "refused")

    def action_app_send(self) -> None:
        """Send what is due, now."""
        _: Worker[None] = self.run_worker(partial(self._send, tell=True), group="send")

    def _post(self) -> None:
        if self.station.clerk.is_open:
            _: Worker[None] = self.run_worker(self._send, group="send", exclusive=False)

    async def _send(self, *, tell: bool = False) -> None:
        """Replies leave when the time to call them back is over."""
        from screens.posting import send_due

        try:
            sent = await self.station.clerk.post(send_due)
        except DeskError as error:
            self.say(str(error), "refused")
            return
        for each in sent:
            if isinstance(self.screen, DeskScreen):
                self.screen.tell(each.words, "done" if each.state == "sent" else "alert", seconds=15)
            if each.entry.id == self.station.last_outbox:
                self.station.last_outbox = 0
        if tell and not sent:
            self.say("No reply is due.")

    def handle_bindings_clash(self, clashed_bindings: set[Any], node: Any) -> None:
        """Say which of the person's keys took another command's place."""
        del node
        names = sorted({command(b.id).title for b in clashed_bindings if b.id})
        if names:
            self.say(f"Your keys leave these commands without one: {', '.join(names)}.", "alert")

    def _handle_exception(self, error: Exception) -> None:
        """End the workstation on a fault; a look that comes back to a screen already taken down is none."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if isinstance(cause, NoMatches) and not self._running:
            return
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave with one sentence; where it happened is kept in a private file, what was in memory is not."""
        from supportdesk.crash import keep

        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error
        name = type(error).__name__ if error is not None else "error"
        where = keep(error) if error is not None else ""
        self.bell()
        words = f"supportdesk: something went wrong in the workstation ({name}); {where}"
        self._exit_renderables.append(Text(clean(words)))
        self._close_messages_no_wait()

    async def on_unmount(self) -> None:
        """Let go of the desk."""
        self.station.clerk.close()


def _speaks_unicode() -> bool:
    import sys

    encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").startswith(("utf", "cp65001"))
