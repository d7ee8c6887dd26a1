"""The queue as a table: over an array of ids of any length, rows read when they are seen."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from supportdesk.domain.thread import QueueRow, Ticket
from widgets.commands import bindings
from widgets.lines import LineView, Painted
from widgets.paint import block, fit, wrap
from widgets.queue_columns import Column, Scene, columns_for

PAGE = 64
"""Rows asked for at a time beyond those that are seen."""

KEPT = 2048
"""Rows kept in memory."""

FEW = 50_000
"""Up to so many tickets, those picked out are looked for among them when they are read again."""


class QueueTable(LineView):
    """Tickets, one a line, under a heading that stays."""

    PLACE: ClassVar[str] = "queue"
    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    DEFAULT_CSS = """
    QueueTable { height: 1fr; }
    """

    @dataclass
    class RowsWanted(Message):
        """Rows are seen that are not known, or not known to be fresh."""

        table: QueueTable
        """The table."""
        ids: tuple[int, ...]
        """Which."""
        round: int
        """The reading they are wanted for."""

        @property
        def control(self) -> QueueTable:
            """The table."""
            return self.table

    @dataclass
    class Opened(Message):
        """A ticket was chosen."""

        table: QueueTable
        """The table."""
        ticket_id: int
        """Which."""
        ticket: Ticket | None
        """The ticket as the table knows it."""

        @property
        def control(self) -> QueueTable:
            """The table."""
            return self.table

    @dataclass
    class Moved(Message):
        """The cursor stands on another ticket."""

        table: QueueTable
        """The table."""
        ticket_id: int
        """Which; 0 for none."""

        @property
        def control(self) -> QueueTable:
            """The table."""
            return self.table

    @dataclass
    class HeadingClicked(Message):
        """A column's heading was clicked."""

        table: QueueTable
        """The table."""
        title: str
        """The heading."""

        @property
        def control(self) -> QueueTable:
            """The table."""
            return self.table

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start without tickets."""
        super().__init__(id=id)
        self._ids: Sequence[int] = array("q")
        self._rows: OrderedDict[int, tuple[int, QueueRow]] = OrderedDict()
        self._selected: dict[int, None] = {}
        self._more = False
        self._asked: set[int] = set()
        self._round = 0
        self._at = 0
        self._placed = False
        self._ref_width = 3
        self._scene: Scene | None = None
        self._columns: tuple[tuple[Column, int], ...] = ()
        self._empty = ""
        self._asking = False

    @property
    def current_id(self) -> int:
        """The ticket under the cursor; 0 for none."""
        return self._ids[self._at] if 0 <= self._at < len(self._ids) else 0

    @property
    def current(self) -> Ticket | None:
        """The ticket under the cursor, if its row was read."""
        row = self.current_row
        return row.ticket if row else None

    @property
    def current_row(self) -> QueueRow | None:
        """The row under the cursor, if it was read."""
        known = self._rows.get(self.current_id)
        return known[1] if known else None

    @property
    def selected(self) -> tuple[int, ...]:
        """The tickets that were picked out, in the order of picking."""
        return tuple(self._selected)

    @property
    def more(self) -> bool:
        """Whether there are more than are known yet."""
        return self._more

    @property
    def total(self) -> int:
        """How many tickets it shows."""
        return len(self._ids)

    @property
    def place(self) -> int:
        """The cursor's row, from 1."""
        return self._at + 1 if self._ids else 0

    def show(
        self, ids: Sequence[int], scene: Scene, ref_width: int, empty: str, *, more: bool = False, top: bool = False
    ) -> None:
        """Show these tickets; the cursor stays with its ticket, else with its row, or goes to the `top`.

        Until somebody has placed it, it stays at the top as well: what is most pressing may still be settling.
        `more` says that these are only the first.
        """
        stood_on, row = self.current_id, self._at
        self._ids = ids
        self._scene = scene
        self._ref_width = ref_width
        self._empty = empty
        self._round += 1
        self._asked.clear()
        self._more = more
        self._placed = self._placed and not top
        self._at = self._row_of(stood_on, row) if self._placed else 0
        if self._selected and len(ids) < FEW and not more:
            self._selected = {i: None for i in self._selected if i in set(ids)}
        self._columns = columns_for(self.line_width, ref_width)
        self.set_height(len(ids) + 1)
        self._keep_in_sight()
        self.repaint()
        if self.current_id != stood_on:
            self.post_message(self.Moved(self, self.current_id))

    def fill(self, rows: Sequence[QueueRow], round_: int | None = None) -> None:
        """Take rows that were read, for the reading they were wanted for."""
        for row in rows:
            self._rows[row.ticket.id] = (self._round if round_ is None else round_, row)
            self._rows.move_to_end(row.ticket.id)
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)
        self.repaint()
        if self.current_id in {row.ticket.id for row in rows}:
            self.post_message(self.Moved(self, self.current_id))

    def unselect(self) -> None:
        """Pick out nothing."""
        self._selected.clear()
        self.repaint()
        self.post_message(self.Moved(self, self.current_id))

    def pick(self) -> None:
        """Pick the ticket out, or put it back, and go on to the next."""
        if self.current_id:
            self._placed = True
            if self.current_id in self._selected:
                del self._selected[self.current_id]
            else:
                self._selected[self.current_id] = None
            self.repaint()
            self.post_message(self.Moved(self, self.current_id))
            self._go(self._at + 1)

    def tick(self, scene: Scene) -> None:
        """Another minute: countdowns are painted again."""
        self._scene = scene
        self.repaint()

    def stand_on(self, ticket_id: int) -> None:
        """Put the cursor on a ticket, if it is here."""
        self._go(self._row_of(ticket_id, self._at))

    def render_line(self, y: int) -> Strip:
        """The heading, or a row."""
        width = self.line_width
        if y == 0:
            return self._heading(width)
        row = y - 1 + self.scroll_offset.y
        if row >= len(self._ids):
            return self._blank(y - 1, width)
        known = self._rows.get(self._ids[row])
        if known is None or known[0] != self._round:
            self._want()
        here = row == self._at
        under = ("cursor" if self.has_focus else "cursor-blurred") if here else ""
        arrow: Painted = ("›" if here else " ", "accent")
        if known is None or self._scene is None:
            return self.strip((arrow, (fit(f"  #{self._ids[row]} …", width - 1), "faint")), width, under)
        picked = self._ids[row] in self._selected
        sign: Painted = ("✔ ", "accent strong") if picked else ("• ", "accent") if known[1].unread else ("  ", "")
        parts: list[Painted] = [arrow, sign]
        for column, cells in self._columns:
            parts += column.cell(known[1], self._scene, cells)
            parts.append((" ", ""))
        return self.strip(parts, width, under)

    def on_resize(self) -> None:
        """Choose the columns for another width."""
        self._columns = columns_for(self.line_width, self._ref_width)
        self.set_height(len(self._ids) + 1)
        self._keep_in_sight()
        self.repaint()

    def watch_has_focus(self, focus: bool) -> None:
        """The cursor looks different with the focus."""
        super().watch_has_focus(focus)
        self.repaint()

    def action_move_down(self) -> None:
        """One row down."""
        self._go(self._at + 1)

    def action_move_up(self) -> None:
        """One row up."""
        self._go(self._at - 1)

    def action_move_page_down(self) -> None:
        """A screenful down."""
        self._go(self._at + max(self.page_height - 2, 1))

    def action_move_page_up(self) -> None:
        """A screenful up."""
        self._go(self._at - max(self.page_height - 2, 1))

    def action_move_top(self) -> None:
        """To the first row."""
        self._go(0)

    def action_move_bottom(self) -> None:
        """To the last row."""
        self._go(len(self._ids) - 1)

    def open_current(self) -> None:
        """Say that the ticket under the cursor was chosen."""
        self._placed = True
        if self.current_id:
            self.post_message(self.Opened(self, self.current_id, self.current))

    def on_click(self, event: events.Click) -> None:
        """Stand on the clicked row; a second click opens it."""
        row = event.y - self.gutter.top - 1 + self.scroll_offset.y
        if event.y - self.gutter.top == 0:
            self._click_heading(event.x - self.gutter.left)
        if event.y - self.gutter.top > 0 and 0 <= row < len(self._ids):
            self._go(row)
            if event.chain > 1:
                self.open_current()

    def _click_heading(self, x: int) -> None:
        at = 3
        for column, width in self._columns:
            if at <= x <= at + width:
                self.post_message(self.HeadingClicked(self, column.title))
            at += width + 1

    def _go(self, row: int) -> None:
        row = min(max(row, 0), max(len(self._ids) - 1, 0))
        self._placed = True
        if row == self._at:
            return
        before, top = self._at, self.scroll_offset.y
        self._at = row
        self._keep_in_sight()
        if self.scroll_offset.y == top:
            # Two lines change; over a slow connection the others need not be sent again.
            width = self.size.width
            self.refresh(*(Region(0, at - top + 1, width, 1) for at in (before, row)))
        else:
            self.repaint()
        self.post_message(self.Moved(self, self.current_id))

    def _keep_in_sight(self) -> None:
        top, seen = self.scroll_offset.y, max(self.page_height - 1, 1)
        if self._at < top:
            self.scroll_to(y=self._at, animate=False)
        elif self._at >= top + seen:
            self.scroll_to(y=self._at - seen + 1, animate=False)

    def _row_of(self, ticket_id: int, row: int) -> int:
        """A ticket's row, looked for near `row` first; where it is gone, what stands there now."""
        last = len(self._ids) - 1
        for near in range(max(row - 200, 0), min(row + 200, last + 1)):
            if self._ids[near] == ticket_id:
                return near
        try:
            return self._ids.index(ticket_id)
        except ValueError:
            return min(max(row, 0), max(last, 0))

    def _want(self) -> None:
        if not self._asking:
            self._asking = True
            self.call_later(self._ask)

    def _ask(self) -> None:
        self._asking = False
        top = self.scroll_offset.y
        first, end = max(top - PAGE // 2, 0), min(top + self.page_height + PAGE, len(self._ids))
        wanted = []
        for row in range(first, end):
            ticket_id = self._ids[row]
            known = self._rows.get(ticket_id)
            if ticket_id not in self._asked and (known is None or known[0] != self._round):
                wanted.append(ticket_id)
        if wanted:
            self._asked.update(wanted)
            self.post_message(self.RowsWanted(self, tuple(wanted), self._round))

    def _heading(self, width: int) -> Strip:
        parts: list[Painted] = [("   ", "")]
        for column, cells in self._columns if self._ids else ():
            parts += [(fit(column.title, cells, right=column.right), "heading"), (" ", "")]
        return self.strip(parts, width)

    def _blank(self, y: int, width: int) -> Strip:
        if self._ids or not self._empty:
            return self.strip((), width)
        lines = [line[a:b] for line in block(self._empty).split("\n") for a, b in wrap(line, width - 4)]
        top = max((self.page_height - len(lines)) // 3, 0)
        if not 0 <= y - top < len(lines):
            return self.strip((), width)
        return self.strip((("  ", ""), (lines[y - top], "strong" if y == top else "muted")), width)
