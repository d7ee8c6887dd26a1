"""What every screen of the desk can do: say things, name its keys, and carry out calls without losing an error."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.worker import Worker

from supportdesk.errors import DeskError
from widgets.commands import Command, at
from widgets.footline import FootLine

if TYPE_CHECKING:
    from screens.station import Station

Answered = TypeVar("Answered")


class DeskScreen(Screen[Answered]):
    """A screen with a foot line."""

    PLACE: ClassVar[str] = ""
    WITHOUT: ClassVar[frozenset[str]] = frozenset()
    """Ids of commands of its places that mean nothing here."""

    def __init__(self, station: Station, *, classes: str | None = None) -> None:
        """Belong to this workstation."""
        super().__init__(classes=classes)
        self.station = station

    def on_mount(self) -> None:
        """Name the keys of wherever the focus is."""
        self.watch(self, "focused", self._hint, init=True)

    def say(self, words: str, how: str = "said", *, seconds: float = 10.0) -> None:
        """Say something in the foot line: `said`, `done`, `refused` or `alert`."""
        for foot in self.query(FootLine):
            foot.say(words, how, seconds=seconds)

    def tell(self, words: str, how: str = "said", *, seconds: float = 10.0) -> None:
        """Say what happened by itself; it does not take the place of words just said."""
        for foot in self.query(FootLine):
            foot.tell(words, how, seconds=seconds)

    def carry_out(
        self, call: Callable[[], Coroutine[None, None, None]], *, group: str = "acts", exclusive: bool = False
    ) -> Worker[None]:
        """Run a call to the desk; what it refuses is said."""
        return self.run_worker(partial(self._saying_errors, call), group=group, exclusive=exclusive)

    async def _saying_errors(self, call: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await call()
        except DeskError as error:
            self.refused(error)
        except NoMatches:
            # The answer came to a screen that is being taken down, with its widgets gone before it.
            if not self._pruning:
                raise

    def refused(self, error: DeskError) -> None:
        """Say what the desk refused; screens that can do more say more."""
        self.say(str(error), "refused")

    def commands_here(self) -> tuple[Command, ...]:
        """The commands that work where the focus is, nearest first."""
        found: list[Command] = []
        for place in places(self.focused or self):
            found += [c for c in at(place) if c not in found and c.id not in self.WITHOUT]
        if isinstance(self, ModalScreen):
            # Behind a dialog only the keys that win everywhere still work.
            found = [c for c in found if c.place != "app" or c.first]
        return tuple(found)

    @on(FootLine.Pressed)
    async def _do_hint(self, event: FootLine.Pressed) -> None:
        await do(event.command, self.focused or self)

    def name_keys(self) -> None:
        """Name the keys again: what they do has changed without the focus moving."""
        self._hint(self.focused)

    def _hint(self, focused: Widget | None) -> None:
        hints = [c for c in self.commands_here() if c.footer]
        for foot in self.query(FootLine):
            foot.hint(hints, dict(self.station.keymap))


class DeskDialog(DeskScreen[Answered], ModalScreen[Answered]):
    """A dialog over a screen."""

    PLACE: ClassVar[str] = "dialog"


def places(node: DOMNode) -> Iterator[str]:
    """The places a node stands in, from itself up to the app; `list` where it scrolls by our commands.

    A widget's `ALSO` names places whose commands it has beside its own `PLACE`.
    """
    for each in node.ancestors_with_self:
        place = getattr(each, "PLACE", "")
        if place:
            yield place
        yield from getattr(each, "ALSO", ())
        if hasattr(each, "action_move_down"):
            yield "list"
        if isinstance(each, ModalScreen):
            break
    yield "app"


async def do(command: Command, node: DOMNode) -> bool:
    """Do a command on the nearest node that knows it; False where none does."""
    for each in (*node.ancestors_with_self, node.app):
        if hasattr(each, f"action_{command.action}"):
            await node.app.run_action(command.action, each)
            return True
    return False
