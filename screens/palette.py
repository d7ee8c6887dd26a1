"""The catalogue in the command palette."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from screens.base import DeskScreen, do
from widgets.commands import Command


class DeskCommands(Provider):
    """Every command that works on the screen in front."""

    async def discover(self) -> Hits:
        """All of them, in the catalogue's order."""
        for each in self._commands():
            yield DiscoveryHit(self._words(each), partial(self._do, each), each.title, each.help)

    async def search(self, query: str) -> Hits:
        """Those whose title, id or help fits."""
        matcher = self.matcher(query)
        for each in self._commands():
            score = max(matcher.match(each.title), matcher.match(each.id) * 0.9, matcher.match(each.help) * 0.6)
            if score > 0:
                yield Hit(score, matcher.highlight(self._words(each)), partial(self._do, each), each.title, each.help)

    def _commands(self) -> list[Command]:
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return []
        return [c for c in screen.commands_here() if not c.id.startswith(("move.", "app.palette"))]

    def _words(self, command: Command) -> str:
        screen = self.screen
        keymap = screen.station.keymap if isinstance(screen, DeskScreen) else {}
        keys = command.keys_shown(keymap)
        return f"{command.title}  {keys}" if keys else command.title

    async def _do(self, command: Command) -> None:
        await do(command, self.focused or self.screen)
