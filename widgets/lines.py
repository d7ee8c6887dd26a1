"""The base of all widgets that paint their own lines: named looks, no markup, only what is seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.paint import cells

LOOKS = (
    "muted",
    "faint",
    "strong",
    "good",
    "bad",
    "warn",
    "accent",
    "us",
    "note",
    "heading",
    "mark",
    "cursor",
    "cursor-blurred",
)
"""Names of the looks a painted stretch can have, beside the plain one, which is ``""``."""

_SEEN_ON_SPACES = frozenset({"mark", "note", "cursor", "cursor-blurred"})
"""Looks with a background or a line, which spaces show too."""

Painted = tuple[str, str]
"""A stretch of cleaned text and the look it has; several looks are joined by spaces."""


class LineView(ScrollView, can_focus=True):
    """A scrolling widget that is asked for one line at a time."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{look}" for look in LOOKS}

    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 0 1;
        scrollbar-gutter: stable;
        & > .line--muted { color: $text-muted; }
        & > .line--faint { color: $text-disabled; }
        & > .line--strong { text-style: bold; }
        & > .line--good { color: $success; }
        & > .line--bad { color: $error; }
        & > .line--warn { color: $warning; }
        & > .line--accent { color: $accent; }
        & > .line--us { color: $desk-us; }
        & > .line--note { background: $desk-note; }
        & > .line--heading { color: $text-muted; text-style: bold; }
        & > .line--mark { background: $desk-mark; text-style: underline; }
        & > .line--cursor { background: $desk-cursor; }
        & > .line--cursor-blurred { background: $desk-cursor-blurred; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty."""
        super().__init__(id=id, classes=classes)
        self._looks: dict[str, Style] = {}

    def notify_style_update(self) -> None:
        """Forget the looks: the theme or a state changed."""
        super().notify_style_update()
        self._looks.clear()
        self.repaint()

    def repaint(self) -> None:
        """Paint again what is seen; subclasses drop what they remember of painted lines."""
        self.refresh()

    def look(self, names: str) -> Style:
        """The style of one or several looks, over the widget's own."""
        style = self._looks.get(names)
        if style is None:
            style = self.rich_style
            for name in names.split():
                style += self.get_component_rich_style(f"line--{name}", partial=True)
            self._looks[names] = style
        return style

    def strip(self, parts: Iterable[Painted], width: int, under: str = "") -> Strip:
        """A line of `width` cells; `under` is a look that lies under all of it."""
        segments: list[Segment] = []
        used = 0
        before = ""
        for text, names in parts:
            if not text:
                continue
            used += cells(text)
            # A space looks the same in any colour: one change of style less goes over the line.
            if segments and (
                names == before or (text.isspace() and not _SEEN_ON_SPACES.intersection(f"{names} {before}".split()))
            ):
                segments[-1] = Segment(segments[-1].text + text, segments[-1].style)
                continue
            segments.append(Segment(text, self.look(f"{under} {names}".strip())))
            before = names
        if used < width:
            rest = " " * (width - used)
            if segments and not _SEEN_ON_SPACES.intersection(before.split()):
                segments[-1] = Segment(segments[-1].text + rest, segments[-1].style)
            else:
                segments.append(Segment(rest, self.look(under)))
            used = width
        strip = Strip(segments, used)
        return strip if used == width else strip.crop(0, width)

    @property
    def line_width(self) -> int:
        """Cells a line can take now."""
        return max(self.scrollable_content_region.width, 1)

    @property
    def page_height(self) -> int:
        """Lines that can be seen at once."""
        return max(self.scrollable_content_region.height, 1)

    def set_height(self, lines: int) -> None:
        """Say how many lines there are to scroll through."""
        self.virtual_size = Size(self.line_width, lines)


class ScrolledLines(LineView):
    """Lines without a cursor: the moves scroll."""

    def action_move_down(self) -> None:
        """One line down."""
        self.scroll_relative(y=1, animate=False)

    def action_move_up(self) -> None:
        """One line up."""
        self.scroll_relative(y=-1, animate=False)

    def action_move_page_down(self) -> None:
        """A screenful down; the last line stays in sight."""
        self.scroll_relative(y=max(self.page_height - 1, 1), animate=False)

    def action_move_page_up(self) -> None:
        """A screenful up."""
        self.scroll_relative(y=-max(self.page_height - 1, 1), animate=False)

    def action_move_top(self) -> None:
        """To the first line."""
        self.scroll_to(y=0, animate=False)

    def action_move_bottom(self) -> None:
        """To the last line."""
        self.scroll_to(y=self.max_scroll_y, animate=False)
