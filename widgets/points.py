"""A list of points one can walk through: each a mark, words, what it rests on, and a detail below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from supportdesk.domain.evidence import Evidence
from widgets.commands import bindings
from widgets.lines import LineView, Painted
from widgets.paint import block, cells, fit, one_line, wrap


@dataclass(frozen=True, slots=True)
class Point:
    """One entry; its texts are outside text and are cleaned when they are painted."""

    text: str
    """What it says."""
    mark: str = ""
    """One sign before it."""
    look: str = ""
    """How the sign looks."""
    text_look: str = ""
    """How the words look."""
    lead: str = ""
    """A word of ours before the text, set off from it."""
    lead_look: str = "strong"
    """How that word looks."""
    lead_width: int = 0
    """Cells kept for that word, so that texts stand under each other; 0 for its own width."""
    label: str = ""
    """At the right edge: where it rests, such as `[2]`."""
    detail: str = ""
    """Further words below, quieter; lines stay lines."""
    heading: bool = False
    """Whether it only heads what follows and cannot be stood on."""
    evidence: tuple[Evidence, ...] = ()
    """Lines it rests on."""
    key: object = None
    """What it is about, for whoever made the list."""


@dataclass(frozen=True, slots=True)
class _Row:
    point: int
    parts: tuple[Painted, ...]


class PointList(LineView):
    """Points, painted line by line, with a cursor that skips headings."""

    PLACE: ClassVar[str] = "points"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("points")]

    DEFAULT_CSS = """
    PointList { height: 1fr; }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another point."""

        points: PointList
        """The list."""
        point: Point
        """Where it stands now."""

        @property
        def control(self) -> PointList:
            """The list."""
            return self.points

    @dataclass
    class Chosen(Message):
        """Enter was pressed on a point, or it was clicked twice."""

        points: PointList
        """The list."""
        point: Point
        """Which."""

        @property
        def control(self) -> PointList:
            """The list."""
            return self.points

    def __init__(
        self,
        points: Sequence[Point] = (),
        *,
        empty: str = "",
        id: str | None = None,  # noqa: A002 (Textual's name)
        classes: str | None = None,
    ) -> None:
        """Show these points; `empty` is said where there are none."""
        super().__init__(id=id, classes=classes)
        self._points: tuple[Point, ...] = tuple(points)
        self._empty = empty
        self._rows: list[_Row] = []
        self._first_row: list[int] = []
        self._at = self._nearest(0, 1)
        self._hits: frozenset[object] = frozenset()
        self._laid_out_for = 0

    @property
    def points(self) -> tuple[Point, ...]:
        """What is listed."""
        return self._points

    @property
    def current(self) -> Point | None:
        """Where the cursor stands."""
        return self._points[self._at] if 0 <= self._at < len(self._points) else None

    @property
    def rows(self) -> int:
        """Lines it takes at its present width."""
        return len(self._rows)

    def show(self, points: Sequence[Point], *, empty: str | None = None) -> None:
        """List other points; the cursor stays with its point where that is still there."""
        before = self.current
        if self._rows and tuple(points) == self._points and empty in (None, self._empty):
            return  # nothing new: nothing is painted again, nothing goes over the line
        self._points = tuple(points)
        if empty is not None:
            self._empty = empty
        keys = [p.key for p in self._points]
        if before is not None and before.key is not None and before.key in keys:
            self._at = keys.index(before.key)
        else:
            self._at = self._nearest(min(max(self._at, 0), len(self._points) - 1), 1)
        self._lay_out()

    def stand_on(self, key: object, *, quietly: bool = False) -> bool:
        """Put the cursor on the point with this key; False where there is none."""
        for index, point in enumerate(self._points):
            if point.key == key and not point.heading:
                self._go(index, quietly=quietly)
                return True
        return False

    def set_off(self, keys: Iterable[object]) -> None:
        """Set these points off, for one who looks from elsewhere, and bring the first into sight; none: no more."""
        self._hits = frozenset(keys)
        first = next((i for i, p in enumerate(self._points) if p.key in self._hits and not p.heading), None)
        if first is not None:
            self._go(first, quietly=True)
        self.repaint()

    def to_top(self) -> None:
        """Stand on the first point, and say nothing of it."""
        self._go(self._nearest(0, 1), quietly=True)
        self.scroll_to(y=0, animate=False)

    def _lay_out(self) -> None:
        width = self.line_width
        self._laid_out_for = width
        self._rows = []
        self._first_row = []
        for index, point in enumerate(self._points):
            self._first_row.append(len(self._rows))
            if point.heading and self._rows:
                self._rows.append(_Row(index, ()))
            self._rows += (_Row(index, parts) for parts in point_lines(point, width - 2))
        if not self._points and self._empty:
            text = block(self._empty)
            for line in text.split("\n"):
                self._rows += (_Row(-1, ((line[a:b], "muted"),)) for a, b in wrap(line, width - 2))
        self.set_height(len(self._rows))
        if self.styles.height is not None and self.styles.height.is_auto:
            self.refresh(layout=True)
        self.repaint()
        self._keep_in_sight()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines it takes at a width, for lists as high as what is in them."""
        del container, viewport
        room = width - 1 - 2
        rows = sum(len(point_lines(p, room)) + (p.heading and index > 0) for index, p in enumerate(self._points))
        if not self._points and self._empty:
            rows = sum(len(wrap(line, room)) for line in block(self._empty).split("\n"))
        return max(rows, 1)

    def on_resize(self) -> None:
        """Wrap again for another width."""
        if self.line_width != self._laid_out_for:
            self._lay_out()

    def watch_has_focus(self, focus: bool) -> None:
        """The cursor looks different in the pane that has the focus; say where it stands."""
        super().watch_has_focus(focus)
        self.repaint()
        if focus and self.current is not None:
            self.post_message(self.Moved(self, self.current))

    def render_line(self, y: int) -> Strip:
        """One line."""
        width = self.line_width
        index = y + self.scroll_offset.y
        if index >= len(self._rows):
            return self.strip((), width)
        row = self._rows[index]
        here = row.point == self._at and row.point >= 0
        under = "cursor" if here and self.has_focus else ""
        if self._hits and row.point >= 0 and self._points[row.point].key in self._hits:
            under = under or "cursor-blurred"
        arrow = "›" if here and self.has_focus and index == self._first_row[row.point] else " "
        return self.strip(((arrow, "accent"), *row.parts), width, under)

    def action_move_down(self) -> None:
        """To the next point, or scroll the last one into view."""
        self._step(1)

    def action_move_up(self) -> None:
        """To the point before."""
        self._step(-1)

    def action_move_page_down(self) -> None:
        """A screenful down."""
        self._go(self._point_near(self._row_of(self._at) + self.page_height, -1))

    def action_move_page_up(self) -> None:
        """A screenful up."""
        self._go(self._point_near(self._row_of(self._at) - self.page_height, 1))

    def action_move_top(self) -> None:
        """To the first point."""
        self._go(self._nearest(0, 1))

    def action_move_bottom(self) -> None:
        """To the last point."""
        self._go(self._nearest(len(self._points) - 1, -1))

    def action_points_open(self) -> None:
        """Say that this point was chosen."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def on_click(self, event: events.Click) -> None:
        """Stand on what was clicked; a second click chooses it."""
        row = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= row < len(self._rows) and self._rows[row].point >= 0:
            point = self._rows[row].point
            if not self._points[point].heading:
                again = point == self._at and event.chain > 1
                self._go(point)
                if again:
                    self.action_points_open()

    def _step(self, way: int) -> None:
        target = self._at + way
        while 0 <= target < len(self._points) and self._points[target].heading:
            target += way
        if 0 <= target < len(self._points):
            self._go(target)
        else:
            self.scroll_relative(y=way, animate=False)

    def _go(self, index: int, *, quietly: bool = False) -> None:
        if not 0 <= index < len(self._points):
            return
        moved = index != self._at
        self._at = index
        self.repaint()
        self._keep_in_sight()
        if moved and not quietly:
            self.post_message(self.Moved(self, self._points[index]))

    def _keep_in_sight(self) -> None:
        if not 0 <= self._at < len(self._first_row):
            return
        first = self._first_row[self._at]
        after = self._first_row[self._at + 1] if self._at + 1 < len(self._first_row) else len(self._rows)
        # The heading above comes into view with the first point under it.
        while self._at and first and self._points[self._rows[first - 1].point].heading:
            first -= 1
        top, height = self.scroll_offset.y, self.page_height
        if after > top + height:
            self.scroll_to(y=min(after - height, first), animate=False)
        elif first < top:
            self.scroll_to(y=first, animate=False)

    def _row_of(self, point: int) -> int:
        return self._first_row[point] if 0 <= point < len(self._first_row) else 0

    def _point_near(self, row: int, way: int) -> int:
        row = min(max(row, 0), len(self._rows) - 1)
        return self._nearest(self._rows[row].point, way) if self._rows else -1

    def _nearest(self, index: int, way: int) -> int:
        """The first point from here on that can be stood on, else the last the other way; -1 for none."""
        for step in (way, -way):
            at = index
            while 0 <= at < len(self._points):
                if not self._points[at].heading:
                    return at
                at += step
        return -1


def point_lines(point: Point, width: int) -> list[tuple[Painted, ...]]:
    """A point's lines: mark, hanging words, label at the right edge, detail below."""
    if point.heading:
        label = one_line(point.label)
        room = width - cells(label)
        return [((fit(one_line(point.text), room), "heading"), (label, "muted"))]
    label = one_line(point.label)
    mark = f"{point.mark} " if point.mark else ""
    lead = one_line(point.lead)
    if lead:
        lead = fit(lead, point.lead_width) + " " if point.lead_width else f"{lead}  "
    hang = cells(mark) + (cells(lead) if point.lead_width else 0)
    text = one_line(point.text)
    room = max(width - cells(mark) - cells(lead), 8)
    if point.lead_width or not lead:
        pieces = [text[a:b] for a, b in wrap(text, max(width - hang - (cells(label) + 1 if label else 0), 8))]
    else:
        pieces = _after_lead(text, room - (cells(label) + 1 if label else 0), width - hang)
    lines: list[tuple[Painted, ...]] = []
    for index, piece in enumerate(pieces):
        if index == 0:
            end = cells(mark) + cells(lead) + cells(piece)
            gap = max(width - end - cells(label), 0) if label else 0
            lines.append(
                (
                    (mark, point.look),
                    (lead, point.lead_look),
                    (piece, point.text_look),
                    (" " * gap, ""),
                    (label, "accent"),
                )
            )
        else:
            lines.append(((" " * hang, ""), (piece, point.text_look)))
    for line in block(point.detail).split("\n") if point.detail else ():
        indent = cells(mark)
        lines += [((" " * indent, ""), (line[a:b], "muted")) for a, b in wrap(line, max(width - indent, 8))]
    return lines


def _after_lead(text: str, first_room: int, room: int) -> list[str]:
    """Words that begin after a lead of their own width and go on below it."""
    if first_room < 12:
        # Too little is left beside the lead: all of it goes below.
        return ["", *(text[a:b] for a, b in wrap(text, max(room, 8)))]
    pieces = wrap(text, first_room)
    first = text[pieces[0][0] : pieces[0][1]]
    rest = text[pieces[0][1] :].lstrip(" ")
    return [first, *(rest[a:b] for a, b in wrap(rest, max(room, 8)))] if rest else [first]
