"""The named views beside the queue: each a filter with a name and how many tickets it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from widgets.commands import bindings
from widgets.lines import LineView
from widgets.paint import cells, fit, one_line


@dataclass(frozen=True, slots=True)
class View:
    """A filter with a name."""

    name: str
    """What it is called."""
    typed: str
    """The filter as it is typed."""
    own: bool = False
    """Whether the person made it, and may take it away."""
    heading: bool = False
    """Whether it only heads what follows."""


MOST = 10_000
"""Tickets counted at most; more are shown as `10k+`."""


def count_shown(count: int | None) -> str:
    """A count in at most five cells."""
    if count is None:
        return "·"
    return f"{count}" if count < MOST else f"{MOST // 1000}k+"


class ViewsList(LineView):
    """Views, one a line, the one that is shown marked."""

    PLACE: ClassVar[str] = "views"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("views")]

    DEFAULT_CSS = """
    ViewsList { width: 24; height: 1fr; }
    """

    @dataclass
    class Chosen(Message):
        """A view was chosen."""

        views: ViewsList
        """The list."""
        view: View
        """Which."""

        @property
        def control(self) -> ViewsList:
            """The list."""
            return self.views

    @dataclass
    class Removed(Message):
        """A view is to be taken away."""

        views: ViewsList
        """The list."""
        view: View
        """Which."""

        @property
        def control(self) -> ViewsList:
            """The list."""
            return self.views

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty."""
        super().__init__(id=id)
        self._views: tuple[View, ...] = ()
        self._counts: Mapping[str, int] = {}
        self._at = 0
        self._shown = ""

    @property
    def views(self) -> tuple[View, ...]:
        """What is listed."""
        return self._views

    @property
    def current(self) -> View | None:
        """The view under the cursor."""
        view = self._views[self._at] if 0 <= self._at < len(self._views) else None
        return None if view is None or view.heading else view

    def show(self, views: Sequence[View]) -> None:
        """List these."""
        self._views = tuple(views)
        self._at = min(self._at, max(len(views) - 1, 0))
        self._step(0)
        self.set_height(len(views))
        self.repaint()

    def count(self, counts: Mapping[str, int]) -> None:
        """Show how many tickets each has, by its filter."""
        if counts != self._counts:
            self._counts = dict(counts)
            self.repaint()

    def mark(self, typed: str) -> None:
        """Mark the view that is shown, if it is one."""
        if typed != self._shown:
            self._shown = typed
            self.repaint()

    def render_line(self, y: int) -> Strip:
        """A heading, or a view with its count at the right."""
        width = self.line_width
        index = y + self.scroll_offset.y
        if index >= len(self._views):
            return self.strip((), width)
        view = self._views[index]
        if view.heading:
            return self.strip(((fit(view.name, width), "heading"),), width)
        here = index == self._at and self.has_focus
        shown = view.typed == self._shown
        count = count_shown(self._counts.get(view.typed))
        name = fit(one_line(view.name), max(width - 3 - cells(count), 1))
        sign = "›" if here else "▸" if shown else " "
        parts = ((f"{sign} ", "accent"), (name, "strong" if shown else ""), (f" {count}", "muted"))
        return self.strip(parts, width, "cursor" if here else "")

    def on_resize(self) -> None:
        """Lines are as wide as the list."""
        self.set_height(len(self._views))
        self.repaint()

    def watch_has_focus(self, focus: bool) -> None:
        """The cursor is seen with the focus only."""
        super().watch_has_focus(focus)
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Show the clicked view."""
        index = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= index < len(self._views) and not self._views[index].heading:
            self._at = index
            self.action_views_choose()

    def action_views_choose(self) -> None:
        """Show this view."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def action_views_remove(self) -> None:
        """Take this view away."""
        if self.current is not None:
            self.post_message(self.Removed(self, self.current))

    def action_move_down(self) -> None:
        """One view down."""
        self._step(1)

    def action_move_up(self) -> None:
        """One view up."""
        self._step(-1)

    def action_move_page_down(self) -> None:
        """To the last."""
        self.action_move_bottom()

    def action_move_page_up(self) -> None:
        """To the first."""
        self.action_move_top()

    def action_move_top(self) -> None:
        """To the first view."""
        self._at = -1
        self._step(1)

    def action_move_bottom(self) -> None:
        """To the last view."""
        self._at = len(self._views)
        self._step(-1)

    def _step(self, by: int) -> None:
        at = self._at + by
        while 0 <= at < len(self._views) and self._views[at].heading:
            at += by or 1
        if 0 <= at < len(self._views):
            self._at = at
        self.scroll_to_region_of(self._at)
        self.repaint()

    def scroll_to_region_of(self, index: int) -> None:
        """Bring a line into sight."""
        top = self.scroll_offset.y
        if index < top or index >= top + self.page_height:
            self.scroll_to(y=max(index - self.page_height // 2, 0), animate=False)
