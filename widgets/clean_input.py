"""A one-line field that takes no hidden characters, whether typed or pasted."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from widgets.paint import one_line


class CleanInput(Input):
    """An input field for outside words too: what is pasted is cleaned first."""

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of every class it finds, so `Input` puts the words in by itself.
        event.text = one_line(event.text)

    def validate_value(self, value: str) -> str:
        """Take no character that cannot be shown."""
        return value if value.isprintable() else one_line(value)
