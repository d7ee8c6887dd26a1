"""The thread: who wrote what when, notes visibly internal, quotes folded, source lines marked; painted where seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message as Event
from textual.strip import Strip
from textual.worker import Worker

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import Author
from widgets.commands import bindings
from widgets.lines import Painted
from widgets.paint import cells
from widgets.thread_pager import ThreadPager
from widgets.thread_rows import Layout, Row, RowKind, View, is_heavy, lay_out, locate

_GUTTER_LOOK = {Author.CUSTOMER: "accent", Author.AGENT: "us", Author.INTERNAL: "warn"}


def merged(spans: Iterable[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Spans (message, start, end) in order, those that overlap as one."""
    found: list[tuple[int, int, int]] = []
    for position, start, end in sorted(spans):
        if found and found[-1][0] == position and start < found[-1][2]:
            found[-1] = (position, found[-1][1], max(found[-1][2], end))
        else:
            found.append((position, start, end))
    return tuple(found)


class ThreadView(ThreadPager):
    """A ticket's messages, oldest first."""

    PLACE: ClassVar[str] = "thread"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("thread")]

    DEFAULT_CSS = """
    ThreadView { height: 1fr; }
    """

    @dataclass
    class Seen(Event):
        """Messages have been on screen, every row of them."""

        thread_view: ThreadView
        """The view."""
        positions: tuple[int, ...]
        """Which."""

    @dataclass
    class Picked(Event):
        """A line was picked: what rests on it?"""

        thread_view: ThreadView
        """The view."""
        position: int
        """Of its message."""
        start: int
        """Raw offset of the line's begin."""
        end: int
        """Raw offset just after the line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start without messages."""
        super().__init__(id=id)
        self._authors: dict[int, Author] = {}
        self._view = View(0, datetime.now(UTC))
        self._shown_rows = bytearray()
        self._marks: dict[int, list[tuple[int, int]]] = {}
        self._rested: tuple[tuple[int, int, int], ...] = ()
        self._picked: tuple[int, int, int] | None = None
        self._goal: tuple[int, int] | None = None
        self._laying = False
        self._reading_at: int | None = None

    @property
    def thread(self) -> Thread:
        """What is shown."""
        return self._thread

    @property
    def layout_rows(self) -> Sequence[Row]:
        """The rows as they are laid out now."""
        return self._layout_now.rows

    def show(self, thread: Thread, seen: Iterable[int], now: datetime) -> None:
        """Show a thread; the first time from its first unread message on."""
        first_time = not self._thread.messages
        self._seen |= set(seen)
        if thread == self._thread:
            return
        news = self._view.news | self._news(thread, first_time=first_time)
        self._thread = thread
        self._authors = {m.position: m.author for m in thread.messages}
        self._view = replace(self._view, now=now, news=news)
        if first_time:
            unread = next((m.position for m in thread.messages if m.position not in self._seen), None)
            self._goal = (unread, -1) if unread else None
        self._lay_out(anchored=not first_time)

    def _news(self, thread: Thread, *, first_time: bool) -> frozenset[int]:
        """Messages that came since one last looked; in a thread that is new as a whole, none is."""
        if not first_time:
            known = {m.id for m in self._thread.messages}
            return frozenset(m.position for m in thread.messages if m.id not in known)
        unseen = frozenset(m.position for m in thread.messages if m.position not in self._seen)
        return unseen if len(unseen) < len(thread.messages) else frozenset()

    def rest_on(self, evidence: Iterable[Evidence]) -> None:
        """Show which lines something rests on, and let Enter walk through them."""
        found = (locate(each, self._thread) for each in evidence)
        rested = merged(span for span in found if span is not None and span[2] > span[1])
        if rested != self._rested:
            self._rested = rested
            self.repaint()

    def action_thread_points(self) -> None:
        """Pick the next line in sight that something rests on; below the last, the next further down."""
        if not self._rested:
            self.post_message(self.Picked(self, -1, 0, 0))
            return
        top, end = self.scroll_offset.y, self.scroll_offset.y + self.page_height
        rows = {span: self._layout_now.row_of(span[0], span[1]) for span in self._rested}
        sight = [span for span, row in rows.items() if row is not None and top <= row < end]
        after = [span for span in sight if self._picked is not None and span > self._picked]
        below = [span for span, row in rows.items() if row is not None and row >= end]
        around = sight if self._picked is None or self._picked not in sight else after or below or sight
        self._picked = (around or below or list(self._rested))[0]
        position, start, stop = self._picked
        self._marks = {position: [(start, stop)]}
        self._bring(position, start)
        self.repaint()
        self.post_message(self.Picked(self, position, start, stop))

    def point_at(self, evidence: Iterable[Evidence]) -> bool:
        """Mark the lines that evidence rests on and bring the first into sight; False where there are none."""
        spans = [found for each in evidence if (found := locate(each, self._thread)) is not None]
        self._marks = {}
        for position, start, end in spans:
            if end > start:
                self._marks.setdefault(position, []).append((start, end))
        if spans:
            if not self.has_focus and self._reading_at is None:
                self._reading_at = self.scroll_offset.y
            self._bring(*spans[0][:2])
        self.repaint()
        return bool(spans)

    def stay_here(self) -> None:
        """Do not go back to where one was reading when the focus comes back."""
        self._reading_at = None

    def watch_has_focus(self, focus: bool) -> None:
        """With the focus comes back the place where one was reading."""
        super().watch_has_focus(focus)
        if focus and self._reading_at is not None:
            self.scroll_to(y=self._reading_at, animate=False)
            self._reading_at = None

    def _bring(self, position: int, start: int) -> None:
        row = self._layout_now.row_of(position, start)
        if row is None and position not in self._view.unfolded and position in self._authors:
            self._goal = (position, start)
            self._change(unfolded=self._view.unfolded | {position})
            return
        if row is None:
            self.go_to_message(position)
            return
        top, height = self.scroll_offset.y, self.page_height
        if not top <= row < top + height - 1:
            self.scroll_to(y=max(row - height // 3, 0), animate=False)

    def _change(self, *, unfolded: frozenset[int] | None = None, spelled: bool | None = None) -> None:
        view = self._view
        self._view = replace(
            view,
            unfolded=view.unfolded if unfolded is None else unfolded,
            spelled=view.spelled if spelled is None else spelled,
        )
        self._lay_out(anchored=True)

    def _lay_out(self, *, anchored: bool) -> None:
        width = self.line_width
        if width < 8 or not self._thread.messages:
            return
        self._view = replace(self._view, width=width)
        anchor = self._anchor() if anchored else None
        if is_heavy(self._thread):
            self._laying = not self._layout_now.rows
            self.repaint()
            _: Worker[None] = self.run_worker(
                partial(self._lay_out_beside, self._thread, self._view, anchor), group="layout", exclusive=True
            )
        else:
            self._laid_out(lay_out(self._thread, self._view), anchor)

    async def _lay_out_beside(self, thread: Thread, view: View, anchor: tuple[int, int] | None) -> None:
        import asyncio

        layout = await asyncio.to_thread(lay_out, thread, view)
        if view == self._view and thread is self._thread:
            self._laid_out(layout, anchor)

    def _laid_out(self, layout: Layout, anchor: tuple[int, int] | None) -> None:
        self._laying = False
        self._layout_now = layout
        self._shown_rows = bytearray(len(layout.rows))
        self.set_height(len(layout.rows))
        goal, self._goal = self._goal, None
        if goal is not None:
            position, start = goal
            if start < 0:
                self.go_to_message(position)
            else:
                self._bring(position, start)
        elif anchor is not None:
            position, offset = anchor
            first = layout.spans.get(position, (0, 0))[0]
            self.scroll_to(y=first + offset, animate=False)
        self.repaint()
        self.call_after_refresh(self._note_seen)

    def _anchor(self) -> tuple[int, int] | None:
        rows = self._layout_now.rows
        if not rows:
            return None
        top = min(self.scroll_offset.y, len(rows) - 1)
        position = rows[top].message
        return position, top - self._layout_now.spans[position][0]

    def on_resize(self) -> None:
        """Wrap again for another width; see what is to be seen at another height."""
        if self.line_width != self._view.width:
            self._lay_out(anchored=True)
        else:
            self.call_after_refresh(self._note_seen)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Something else is on screen."""
        super().watch_scroll_y(old_value, new_value)
        self.call_after_refresh(self._note_seen)

    def _note_seen(self) -> None:
        """Messages count as read once each of their rows was on the screen in front."""
        if not self.is_attached or not self.screen.is_active or not self.is_on_screen or not self._layout_now.rows:
            return
        top = self.scroll_offset.y
        end = min(top + self.page_height, len(self._layout_now.rows))
        self._shown_rows[top:end] = b"\x01" * (end - top)
        new: list[int] = []
        for position in range(self._layout_now.message_at(top), self._layout_now.message_at(end - 1) + 1):
            first, after = self._layout_now.spans.get(position, (0, 0))
            if position not in self._seen and after > first and 0 not in self._shown_rows[first:after]:
                new.append(position)
        if new:
            self._seen.update(new)
            self.post_message(self.Seen(self, tuple(new)))

    @property
    def is_on_screen(self) -> bool:
        """Whether the widget is laid out where it can be seen."""
        return all(node.display for node in self.ancestors_with_self if hasattr(node, "display")) and bool(self.size)

    def look_again(self) -> None:
        """What is on screen counts as seen; called when a dialog before it has gone."""
        self.call_after_refresh(self._note_seen)

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.line_width
        index = y + self.scroll_offset.y
        if self._laying:
            words = f"Laying out {len(self._thread.messages):,} messages…" if y == 0 else ""
            return self.strip(((f"  {words}", "muted"),), width)
        if index >= len(self._layout_now.rows):
            return self.strip((), width)
        return self._paint(self._layout_now.rows[index], width)

    def _paint(self, row: Row, width: int) -> Strip:
        if row.kind is RowKind.DAY:
            return self.strip(((row.text, "faint"),), width)
        if row.kind is RowKind.NEW:
            return self.strip(((row.text, "accent"),), width)
        if row.kind is RowKind.GAP:
            return self.strip((), width)
        author = self._authors[row.message]
        under = "note" if author is Author.INTERNAL else ""
        gutter: Painted = ("▎ ", _GUTTER_LOOK[author])
        if row.kind is RowKind.HEAD:
            gap = max(width - 2 - cells(row.text) - cells(row.right), 1)
            parts = [gutter, (row.text, f"strong {_GUTTER_LOOK[author]}"), (" " * gap, ""), (row.right, "muted")]
            return self.strip(parts, width, under)
        if row.line is None:
            look = {RowKind.FILE: "accent", RowKind.REMARK: "warn"}.get(row.kind, "faint")
            return self.strip((gutter, (row.text, look)), width, under)
        if self._is_rested(row):
            gutter = ("▎•", _GUTTER_LOOK[author])
        return self.strip((gutter, *self._marked(row)), width, under)

    def _is_rested(self, row: Row) -> bool:
        """Whether a span that something rests on begins in this row, or goes on in it."""
        assert row.line is not None
        first = row.line.start
        for position, start, end in self._rested:
            if position == row.message and start <= first + len(row.line.raw) and end > first:
                begin = row.line.column(start - first) if start > first else 0
                if begin < row.first + len(row.text) and row.line.column(end - first) > row.first:
                    return True
        return False

    def _marked(self, row: Row) -> list[Painted]:
        """A row's words, the stretches that evidence rests on marked."""
        look = "muted" if row.kind is RowKind.QUOTED else ""
        assert row.line is not None
        spans = []
        for start, end in self._marks.get(row.message, ()):
            first = row.line.column(start - row.line.start) - row.first if start >= row.line.start else 0
            last = row.line.column(end - row.line.start) - row.first
            first, last = max(first, 0), min(last, len(row.text))
            if start < row.line.start + len(row.line.raw) + 1 and end > row.line.start and first < last:
                spans.append((first, last))
        parts: list[Painted] = []
        at = 0
        for first, last in sorted(spans):
            if first > at:
                parts.append((row.text[at:first], look))
            if last > at:
                parts.append((row.text[max(first, at) : last], f"{look} mark"))
                at = last
        parts.append((row.text[at:], look))
        return parts

    def action_thread_fold(self) -> None:
        """Show or hide what is folded in the messages on screen."""
        top = self.scroll_offset.y
        rows = self._layout_now.rows[top : top + self.page_height]
        here = {row.message for row in rows}
        folded = {row.message for row in rows if row.kind is RowKind.FOLD}
        if folded:
            self._change(unfolded=self._view.unfolded | folded)
        elif here & self._view.unfolded:
            self._change(unfolded=self._view.unfolded - here)

    def action_thread_hidden(self) -> None:
        """Name the hidden characters, or not."""
        self._change(spelled=not self._view.spelled)

    def on_click(self, event: events.Click) -> None:
        """Unfold a fold; say which line was picked."""
        index = event.y - self.gutter.top + self.scroll_offset.y
        if not 0 <= index < len(self._layout_now.rows):
            return
        row = self._layout_now.rows[index]
        if row.kind is RowKind.FOLD:
            self._change(unfolded=self._view.unfolded | {row.message})
        elif row.line is not None:
            self.post_message(self.Picked(self, row.message, row.line.start, row.line.start + len(row.line.raw)))
