"""The draft: read first, edited in place on request, findings underlined where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from widgets.commands import bindings
from widgets.paint import block


@dataclass(frozen=True, slots=True)
class Underline:
    """A stretch of the draft that a check has something to say about."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset just after it."""
    look: str
    """`bad`, `warn` or `good`."""
    key: object = None
    """What it is about."""


def alike(one: str, other: str) -> int:
    """How many characters two texts have in common from the beginning on."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


class DraftEditor(TextArea):
    """The words of the reply."""

    PLACE: ClassVar[str] = "draft"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("editor")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"draft--bad", "draft--warn", "draft--good", "draft--here"}

    DEFAULT_CSS = """
    DraftEditor {
        height: 1fr;
        scrollbar-size-vertical: 1;
        & > .draft--bad { text-style: underline; color: $error; }
        & > .draft--warn { text-style: underline; color: $warning; }
        & > .draft--good { text-style: none; }
        & > .draft--here { text-style: reverse; }
    }
    """

    @dataclass
    class Typed(Message):
        """The words changed under somebody's hands."""

        editor: DraftEditor
        """The editor."""
        text: str
        """The words now."""

    @dataclass
    class Finished(Message):
        """Editing ended."""

        editor: DraftEditor
        """The editor."""

    @dataclass
    class StandsOn(Message):
        """The cursor came to a stretch that something is known about, or left it."""

        editor: DraftEditor
        """The editor."""
        key: object
        """What the stretch is about; None for none."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty and read-only."""
        super().__init__(
            "",
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            show_line_numbers=False,
            read_only=True,
            highlight_cursor_line=False,
        )
        self.cursor_blink = False
        self._underlines: tuple[Underline, ...] = ()
        self._here: object = None
        self._line_starts: list[int] = [0]
        self._words_before = ""
        self._loading = False

    @property
    def ALSO(self) -> tuple[str, ...]:
        """While editing, the commands of an editor."""
        return ("editor",) if self.editing else ()

    @property
    def editing(self) -> bool:
        """Whether keys change the words."""
        return not self.read_only

    def show(self, text: str) -> None:
        """Show other words; the cursor stays where it can."""
        words = block(text)
        if words != self.text:
            at = self.cursor_location
            self._loading = True
            self.load_text(words)
            self._loading = False
            self.move_cursor((min(at[0], self.document.line_count - 1), at[1]))
        self._measure()

    def edit_now(self) -> None:
        """Let keys change the words."""
        self.read_only = False
        self.set_class(True, "-editing")
        self.focus()

    def action_editor_done(self) -> None:
        """Stop editing; when nobody edits, leave the key to the screen."""
        if self.editing:
            self.stop_editing()
        else:
            self.screen.call_later(self.screen.run_action, "review_back")

    def stop_editing(self) -> None:
        """Only read again."""
        if self.editing:
            self.read_only = True
            self.set_class(False, "-editing")
            self.post_message(self.Finished(self))

    def action_move_down(self) -> None:
        """A line down."""
        self.action_cursor_down()

    def action_move_up(self) -> None:
        """A line up."""
        self.action_cursor_up()

    def action_move_page_down(self) -> None:
        """A screenful down."""
        self.action_cursor_page_down()

    def action_move_page_up(self) -> None:
        """A screenful up."""
        self.action_cursor_page_up()

    def action_move_top(self) -> None:
        """To the beginning: of the line while editing, else of the draft."""
        if self.editing:
            self.action_cursor_line_start()
        else:
            self.move_cursor((0, 0))

    def action_move_bottom(self) -> None:
        """To the end: of the line while editing, else of the draft."""
        if self.editing:
            self.action_cursor_line_end()
        else:
            self.move_cursor(self.document.end)

    def action_editor_begin(self) -> None:
        """To the begin of the draft."""
        self.move_cursor((0, 0))

    def action_editor_end(self) -> None:
        """To the end of the draft."""
        self.move_cursor(self.document.end)

    def underline(self, underlines: Iterable[Underline]) -> None:
        """Underline these stretches of the present words."""
        self._words_before = self.text
        self._underlines = tuple(underlines)
        self._repaint()

    def show_here(self, key: object) -> None:
        """Set off one underlined stretch and bring it into sight; None for none."""
        self._here = key
        stretch = next((u for u in self._underlines if u.key == key), None) if key is not None else None
        if stretch is not None and not self.editing:
            self.move_cursor(self._location(stretch.start))
        self._repaint()

    def get_line(self, line_index: int) -> Text:
        """A line with its underlines."""
        line = super().get_line(line_index)
        start = self._line_starts[line_index] if line_index < len(self._line_starts) else 0
        for each in self._underlines:
            first, end = max(each.start - start, 0), min(each.end - start, len(line))
            if first < end:
                line.stylize(self._style(each.look), first, end)
                if each.key is not None and each.key == self._here:
                    line.stylize(self._style("here"), first, end)
        return line

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of every class it finds, so `TextArea` puts the words in by itself.
        event.text = block(event.text)

    def on_text_area_changed(self) -> None:
        """Measure again; say so when a person did it."""
        self._measure()
        self._carry_along()
        if self.editing and not self._loading:
            self.post_message(self.Typed(self, self.text))

    def on_text_area_selection_changed(self) -> None:
        """Say which stretch the cursor came to."""
        if not self.has_focus:
            return
        row, column = self.cursor_location
        offset = self._line_starts[min(row, len(self._line_starts) - 1)] + column
        for each in self._underlines:
            if each.start <= offset < each.end and each.key is not None:
                if each.key != self._here:
                    self._here = each.key
                    self._repaint()
                    self.post_message(self.StandsOn(self, each.key))
                return
        if self._here is not None:
            self._here = None
            self._repaint()
            self.post_message(self.StandsOn(self, None))

    def put(self, words: str) -> None:
        """Put words in as lines of their own, before or after the line the cursor is in.

        Where a field is left to fill, it is selected.
        """
        words = block(words).strip("\n")
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if column:
            column = len(line)
        before = "\n\n" if line[:column].strip() else ""
        after = "\n\n" if line[column:].strip() else ""
        first = self._line_starts[min(row, len(self._line_starts) - 1)] + column + len(before)
        self.insert(f"{before}{words}{after}", (row, column))
        self._measure()
        self.move_cursor(self._location(first + len(words)))
        field = re.search(r"\{[a-z_]+\}", words)
        if field is not None:
            self.selection = Selection(self._location(first + field.start()), self._location(first + field.end()))

    def _carry_along(self) -> None:
        """Until the words are checked again, underlines stay with theirs; those that were touched go."""
        before, after = self._words_before, self.text
        self._words_before = after
        if before == after or not self._underlines:
            return
        first = alike(before, after)
        tail = alike(before[first:][::-1], after[first:][::-1])
        end, shift = len(before) - tail, len(after) - len(before)
        moved = []
        for each in self._underlines:
            if each.end <= first:
                moved.append(each)
            elif each.start >= end:
                moved.append(replace(each, start=each.start + shift, end=each.end + shift))
        self._underlines = tuple(moved)
        self._repaint()

    def _measure(self) -> None:
        starts = [0]
        for line in self.document.lines:
            starts.append(starts[-1] + len(line) + 1)
        self._line_starts = starts

    def _location(self, offset: int) -> tuple[int, int]:
        starts: Sequence[int] = self._line_starts
        row = max(i for i, start in enumerate(starts) if start <= offset)
        row = min(row, self.document.line_count - 1)
        return row, offset - starts[row]

    def _style(self, look: str) -> Style:
        return self.get_component_rich_style(f"draft--{look}", partial=True)

    def _repaint(self) -> None:
        self._line_cache.clear()
        self.refresh()
