"""One command of the workstation, and how its keys are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can tell the workstation to do."""

    id: str
    """Its name in settings: `[workstation.keys]` maps it to other keys."""
    keys: str
    """The keys that do it, comma-separated, in Textual's names; empty for palette only."""
    title: str
    """Two or three words, for the footer and the palette."""
    help: str
    """One sentence, for the palette, the help screen and the key table."""
    group: str
    """Heading it stands under."""
    place: str
    """Where it works: the `PLACE` of a widget, a screen, or `app`."""
    footer: bool = False
    """Whether the footer names it."""
    first: bool = False
    """Whether its keys win over those of the widget that has the focus."""

    @property
    def action(self) -> str:
        """Name of the method that does it, without `action_`."""
        return self.id.replace(".", "_")

    def keys_shown(self, keymap: Mapping[str, str] | None = None) -> str:
        """The keys as people write them: `j ↓`, `^s`, `F2`."""
        keys = (keymap or {}).get(self.id, self.keys)
        return " ".join(spelled(key) for key in keys.split(",") if key.strip())

    def first_key(self, keymap: Mapping[str, str] | None = None) -> str:
        """The first of its keys as people write it; empty when it has none."""
        return self.keys_shown(keymap).split(" ")[0]


_SPELLED = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "delete": "Del",
    "shift+tab": "Shift+Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "space": "Space",
    "slash": "/",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
}


def spelled(key: str) -> str:
    """One key as people write it."""
    key = key.strip()
    if key in _SPELLED:
        return _SPELLED[key]
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return key
