"""The app's ways to themes, settings and the first steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import Worker

from widgets.theme import DARK, LIGHT, own_themes

if TYPE_CHECKING:
    from textual.app import App

    from screens.station import Station

    Base = App[str | None]
else:
    Base = object


class LooksWays(Base):
    """Actions of the app that change how it looks and is set up."""

    station: Station

    def action_app_light(self) -> None:
        """The other of our two themes."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def action_app_theme(self) -> None:
        """Choose a theme."""
        from screens.themes import ThemeDialog

        self.take_own_themes()
        ours = [DARK.name, LIGHT.name]
        names = ours + sorted(n for n in self.available_themes if n not in ours)
        self.push_screen(ThemeDialog(self.station, names, self.theme), self._keep_theme)

    def take_own_themes(self) -> str:
        """Know the person's own themes; returns what is wrong with one, if anything is."""
        trouble = ""
        from supportdesk.paths import config_folder

        for theme in own_themes(config_folder() / "themes"):
            if isinstance(theme, str):
                trouble = theme
            else:
                self.register_theme(theme)
        return trouble

    def _keep_theme(self, name: str | None) -> None:
        file = self.station.keep
        if not name:
            return
        self.theme = name
        if file is None:
            return

        def write() -> None:
            from supportdesk.settings_file import put

            put(file, "workstation.theme", name)

        _: Worker[None] = self.run_worker(partial(self._written, write), group="keep")

    async def _written(self, write: Callable[[], None]) -> None:
        from screens.base import DeskScreen
        from supportdesk.errors import DeskError

        words, how = "Kept as your theme.", "done"
        try:
            await self.station.clerk.aside(write)
        except DeskError as error:
            words, how = str(error), "refused"
        if isinstance(self.screen, DeskScreen):
            self.screen.say(words, how)

    def action_app_settings(self) -> None:
        """Every setting."""
        from screens.queue import QueueScreen
        from screens.settings import SettingsScreen

        if isinstance(self.screen, QueueScreen):
            self.push_screen(SettingsScreen(self.station))
        else:
            self._first_the_queue()

    def action_app_welcome(self) -> None:
        """How to begin."""
        from screens.queue import QueueScreen
        from screens.welcome import WelcomeScreen

        if isinstance(self.screen, QueueScreen) and self.station.clerk.is_open:
            self.push_screen(WelcomeScreen(self.station))
        else:
            self._first_the_queue()

    def _first_the_queue(self) -> None:
        from screens.base import DeskScreen

        if isinstance(self.screen, DeskScreen):
            self.screen.say("Go back to the queue first: Esc.", "refused")
