"""The lines around a review: whose matter it is, which pane is in sight, what can be decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from supportdesk.domain.thread import Ticket
from widgets.commands import DECISIONS, Command
from widgets.paint import cells, fit, one_line
from widgets.queue_columns import Scene
from widgets.wording import due_words, trigger_look, trigger_word

_COLOURS = {"bad": "$error", "warn": "$warning", "strong": "bold", "": "", "muted": "$text-muted", "accent": "$accent"}


class CaseHead(Widget):
    """Two lines: number and subject, who has it; then what sort of matter it is."""

    DEFAULT_CSS = """
    CaseHead { height: 2; width: 1fr; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start without a ticket."""
        super().__init__(id=id)
        self._ticket: Ticket | None = None
        self._scene: Scene | None = None
        self._taken: tuple[str, str] = ("", "muted")

    def show(self, ticket: Ticket, scene: Scene, taken: tuple[str, str]) -> None:
        """Show this ticket; `taken` says who has it, and how that looks."""
        self._ticket, self._scene, self._taken = ticket, scene, taken
        self.refresh()

    def render(self) -> Content:
        """The two lines."""
        ticket = self._ticket
        if ticket is None or self._scene is None:
            return Content("")
        width = self.app.size.width - 2
        words, look = one_line(self._taken[0]), self._taken[1]
        subject = one_line(ticket.subject) or "(no subject)"
        room = max(width - cells(ticket.ref) - cells(words) - 3, 10)
        first = Content.assemble(
            (ticket.ref, "bold $accent"), f" {fit(subject, room)}  ", (words, _COLOURS.get(look, ""))
        ).stylize("bold", len(ticket.ref) + 1, len(ticket.ref) + 1 + room)
        return Content("\n").join([first, self._second(ticket, self._scene, width)])

    def _second(self, ticket: Ticket, scene: Scene, width: int) -> Content:
        who = one_line(str(ticket.requester))
        due, due_look = due_words(ticket.due_at, scene.now)
        parts: list[tuple[str, str]] = [
            (ticket.path.value, "bold $error" if ticket.path.value == "escalation" else "bold"),
            (one_line(ticket.category) or "no category", ""),
            (ticket.priority.value, "$error" if ticket.priority.value == "urgent" else ""),
            (f"due {due}" if due and not due.startswith("late") else due, _COLOURS.get(due_look, "")),
            (one_line(ticket.queue), "$text-muted"),
        ]
        if ticket.status.value not in ("new", "open"):
            parts.insert(0, (ticket.status.value, "bold $accent"))
        line: list[Content] = []
        left = width
        for words, style in parts:
            if not words:
                continue
            piece = f" · {words}" if line else words
            if cells(piece) > left:
                break
            left -= cells(piece)
            line.append(
                Content.assemble((" · ", "$text-muted"), (words, style)) if line else Content.styled(words, style)
            )
        for kind in ticket.triggers:
            piece = f"  ⚑ {one_line(kind if width > 110 else trigger_word(kind))}"
            if cells(piece) > left:
                line.append(Content("  …"))
                left = 0
                break
            left -= cells(piece)
            line.append(Content.styled(piece, _COLOURS.get(trigger_look(kind), "") or "$warning"))
        if left > cells(who) + 3:
            line += [Content(" " * (left - cells(who))), Content.styled(who, "$text-muted")]
        return Content("").join(line)


@dataclass(frozen=True, slots=True)
class Tab:
    """One pane's tab."""

    key: str
    """The pane's name."""
    title: str
    """What the tab says."""
    alert: bool = False
    """Whether something there wants attention."""


class PaneTabs(Widget):
    """Which panes there are, where only one is in sight."""

    DEFAULT_CSS = """
    PaneTabs { height: 1; width: 1fr; padding: 0 1; background: $surface; color: $text-muted; }
    """

    @dataclass
    class Picked(Message):
        """A tab was clicked."""

        key: str
        """Which pane."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty."""
        super().__init__(id=id)
        self._tabs: Sequence[Tab] = ()
        self._current = ""
        self._spots: list[tuple[int, int, str]] = []

    def show(self, tabs: Sequence[Tab], current: str) -> None:
        """Show these tabs, one of them in front."""
        self._tabs, self._current = tabs, current
        self.refresh()

    def render(self) -> Content:
        """All tabs on one line."""
        self._spots = []
        parts: list[Content] = []
        at = 0
        for tab in self._tabs:
            here = tab.key == self._current
            words = f"[{tab.title}]" if here else f" {tab.title} "
            style = "bold $accent" if here else "$warning" if tab.alert else ""
            parts.append(Content.styled(words, style))
            self._spots.append((at, at + cells(words), tab.key))
            at += cells(words) + 1
            parts.append(Content(" "))
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        """Say which tab it was."""
        for first, end, key in self._spots:
            if first <= event.x - self.gutter.left < end:
                self.post_message(self.Picked(key))


class DecisionsBar(Widget, can_focus=True):
    """The six decisions; each opens a dialog that says what it will do."""

    PLACE: ClassVar[str] = "decisions"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("left,h", "previous", "Previous"),
        ("right,l", "next", "Next"),
        ("enter", "choose", "Choose"),
    ]

    DEFAULT_CSS = """
    DecisionsBar { height: 1; width: 1fr; padding: 0 1; background: $surface; color: $foreground; }
    """

    @dataclass
    class Chosen(Message):
        """A decision was chosen; nothing is decided yet."""

        command: Command
        """Which."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start with nothing allowed."""
        super().__init__(id=id)
        self._keymap: dict[str, str] = {}
        self._standing = ""
        self._at = 0
        self._spots: list[tuple[int, int, Command]] = []

    def show(self, standing: str, keymap: dict[str, str]) -> None:
        """Say what stands in the way of approving, in a word or two; empty for nothing."""
        self._standing, self._keymap = standing, keymap
        self.refresh()

    def render(self) -> Content:
        """All on one line, tighter where it is narrow."""
        width = self.app.size.width - 2
        for gap in (3, 2, 1):
            words = [self._words(c, short=gap == 1) for c in DECISIONS]
            if sum(cells(w) for w in words) + gap * (len(words) - 1) <= width:
                break
        self._spots = []
        parts: list[Content] = []
        at = 0
        for index, (command, text) in enumerate(zip(DECISIONS, words, strict=True)):
            if index:
                parts.append(Content(" " * gap))
                at += gap
            key = command.first_key(self._keymap)
            open_ = index == 0 and self._standing
            style = "$warning" if open_ else "bold $success" if index == 0 else ""
            piece = Content.assemble((key, "bold $accent"), (text[len(key) :], style))
            parts.append(piece.stylize("reverse") if self.has_focus and index == self._at else piece)
            self._spots.append((at, at + cells(text), command))
            at += cells(text)
        return Content("").join(parts)

    def _words(self, command: Command, *, short: bool) -> str:
        title = {"Request info": "Ask info"}.get(command.title, command.title) if short else command.title
        words = f"{command.first_key(self._keymap)} {title}"
        if command is DECISIONS[0] and self._standing:
            words += f" ({self._standing})"
        return words

    def watch_has_focus(self, focus: bool) -> None:
        """The chosen one is set off while it has the focus."""
        super().watch_has_focus(focus)
        self.refresh()

    def action_previous(self) -> None:
        """To the left."""
        self._at = (self._at - 1) % len(DECISIONS)
        self.refresh()

    def action_next(self) -> None:
        """To the right."""
        self._at = (self._at + 1) % len(DECISIONS)
        self.refresh()

    def action_choose(self) -> None:
        """Say which was chosen."""
        self.post_message(self.Chosen(DECISIONS[self._at]))

    def on_click(self, event: events.Click) -> None:
        """Say which was clicked."""
        for first, end, command in self._spots:
            if first <= event.x - self.gutter.left < end:
                self.post_message(self.Chosen(command))
