"""Moving through a thread: lines, pages, messages, and on to what was not read yet."""

from __future__ import annotations

from supportdesk.domain.thread import Thread
from widgets.lines import ScrolledLines
from widgets.thread_rows import Layout


class ThreadPager(ScrolledLines):
    """The moves of a thread's view; what is painted is its subclass's matter."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start without messages."""
        super().__init__(id=id)
        self._thread = Thread(())
        self._layout_now = Layout([], {})
        self._seen: set[int] = set()

    def go_to_message(self, position: int) -> None:
        """Bring a message's head to the top."""
        span = self._layout_now.spans.get(position)
        if span is not None:
            self.scroll_to(y=span[0], animate=False)

    def action_thread_read_on(self) -> None:
        """A screenful on; at the end, back to the first message not read."""
        if self.scroll_offset.y < self.max_scroll_y:
            self.action_move_page_down()
            return
        unread = next((m.position for m in self._thread.messages if m.position not in self._seen), None)
        if unread is not None:
            self.go_to_message(unread)

    def action_thread_read_back(self) -> None:
        """A screenful back."""
        self.action_move_page_up()

    def action_thread_next_message(self) -> None:
        """To the next message's head."""
        self._to_message(1)

    def action_thread_previous_message(self) -> None:
        """To the head of this message, or of the one before."""
        self._to_message(-1)

    def _to_message(self, way: int) -> None:
        top = self.scroll_offset.y
        heads = [first for first, _ in self._layout_now.spans.values()]
        wanted = [y for y in heads if y > top] if way > 0 else [y for y in heads if y < top]
        if wanted:
            self.scroll_to(y=wanted[0] if way > 0 else wanted[-1], animate=False)
