"""The last line of every screen: what the keys do here, or what was just said."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from widgets.commands import Command
from widgets.paint import block, cells

SECONDS_SHOWN = 10.0
"""How long words stay."""

A_LOOK = 3.0
"""Seconds that words are left before news take their place."""

_SIGNS = {"refused": ("✖", "$error"), "done": ("✔", "$success"), "said": ("·", "$accent"), "alert": ("!", "$warning")}


class FootLine(Widget):
    """Hints for the keys; speaks when something was done, refused or arrived."""

    DEFAULT_CSS = """
    FootLine {
        dock: bottom;
        height: auto;
        max-height: 4;
        width: 1fr;
        padding: 0 1;
        background: $panel;
        color: $text-muted;
        &.-speaking { background: $panel; color: $foreground; }
    }
    """

    PINNED: ClassVar[tuple[str, ...]] = ("app.palette", "app.help", "dialog.close")

    @dataclass
    class Pressed(Message):
        """A hint was clicked."""

        command: Command
        """What it names."""

    def __init__(self, commands: Sequence[Command] = (), keymap: dict[str, str] | None = None) -> None:
        """Show hints for these commands."""
        super().__init__()
        self._commands = tuple(commands)
        self._keymap = keymap or {}
        self._said: tuple[str, str] | None = None
        self._timer: Timer | None = None
        self._said_at = 0.0
        self._spots: list[tuple[int, int, Command]] = []

    @property
    def said(self) -> str:
        """What it says now; empty while it shows hints."""
        return self._said[0] if self._said else ""

    def hint(self, commands: Sequence[Command], keymap: dict[str, str]) -> None:
        """Show hints for other commands."""
        if (tuple(commands), keymap) != (self._commands, self._keymap):
            self._commands, self._keymap = tuple(commands), keymap
            self.refresh()

    def say(self, words: str, how: str = "said", *, seconds: float = SECONDS_SHOWN) -> None:
        """Say something for a while: `said`, `done`, `refused` or `alert`; 0 seconds for until something else."""
        self._said = (block(words).strip(), how)
        self._said_at = time.monotonic()
        self.set_class(True, "-speaking")
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self.hush) if seconds else None
        self.refresh(layout=True)

    def tell(self, words: str, how: str = "said", *, seconds: float = SECONDS_SHOWN) -> None:
        """Say what happened by itself, once what was said before had its look."""
        left = self._said_at + A_LOOK - time.monotonic()
        if self._said is not None and left > 0:
            self.set_timer(left, partial(self.tell, words, how, seconds=seconds))
            return
        self.say(words, how, seconds=seconds)

    def hush(self) -> None:
        """Back to the hints."""
        if self._said is not None:
            self._said = None
            self.set_class(False, "-speaking")
            self.refresh(layout=True)

    def render(self) -> Content:
        """The hints that fit, or the words."""
        if self._said is not None:
            words, how = self._said
            sign, colour = _SIGNS[how]
            return Content.assemble((f"{sign} ", f"bold {colour}"), Content(words))
        return self._hints()

    def on_click(self, event: events.Click) -> None:
        """Do what the clicked hint says."""
        if self._said is not None:
            self.hush()
            return
        x = event.x - self.gutter.left
        for first, end, command in self._spots:
            if first <= x < end:
                self.post_message(self.Pressed(command))

    def _hints(self) -> Content:
        width = self.app.size.width - 2
        pinned = [c for c in self._commands if c.id in self.PINNED]
        others = [c for c in self._commands if c.id not in self.PINNED]
        tail = sum(self._cells_of(c) + 2 for c in pinned)
        self._spots = []
        parts: list[Content] = []
        at = 0
        for command in others:
            size = self._cells_of(command)
            if at + size + 2 + tail > width:
                break
            parts += [self._one(command), Content("  ")]
            self._spots.append((at, at + size, command))
            at += size + 2
        gap = max(width - at - tail + 2, 0)
        parts.append(Content(" " * gap))
        at += gap
        for index, command in enumerate(pinned):
            parts += [Content("  " if index else ""), self._one(command)]
            at += 2 if index else 0
            self._spots.append((at, at + self._cells_of(command), command))
            at += self._cells_of(command)
        return Content("").join(parts)

    def _cells_of(self, command: Command) -> int:
        return cells(command.first_key(self._keymap)) + 1 + cells(command.title)

    def _one(self, command: Command) -> Content:
        return Content.assemble((command.first_key(self._keymap), "bold $accent"), " ", command.title)
