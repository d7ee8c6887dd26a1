"""One of several: a short list whose cursor is the choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from widgets.commands import bindings
from widgets.points import Point, PointList


class Choice(PointList):
    """A list of options; the one under the cursor is chosen."""

    PLACE: ClassVar[str] = "choice"
    BINDINGS: ClassVar[list[BindingType]] = bindings("choice")

    DEFAULT_CSS = """
    Choice { height: auto; }
    """

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        value: str = "",
        id: str | None = None,  # noqa: A002 (Textual's name)
        classes: str | None = None,
    ) -> None:
        """Offer (value, words) pairs."""
        self._options = tuple(options)
        super().__init__((), id=id, classes=classes)
        known = [each for each, _ in options]
        value = value if value in known else next(iter(known), "")
        self._mark(value)
        self.stand_on(value, quietly=True)

    @property
    def value(self) -> str:
        """What is chosen; empty when there is nothing to choose."""
        return str(self.current.key) if self.current is not None else ""

    def action_choice_next(self) -> None:
        """Say that this option is taken."""
        self.action_points_open()

    def choose(self, value: str) -> None:
        """Choose another."""
        self.stand_on(value)

    def _go(self, index: int, *, quietly: bool = False) -> None:
        super()._go(index, quietly=quietly)
        self._mark(self.value)

    def _mark(self, chosen: str) -> None:
        points = []
        for value, words in self._options:
            here = value == chosen
            points.append(Point(words, "●" if here else "○", "accent" if here else "faint", key=value))
        self.show(points)
