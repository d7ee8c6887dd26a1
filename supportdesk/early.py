"""What the first frame needs of the settings, read without the library that checks them.

Checking every setting takes as long as painting the first frame; the desk's opener does it right after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from supportdesk.paths import config_folder

DEFAULT_THEME = "desk-dark"


@dataclass(frozen=True, slots=True)
class Looks:
    """How a person wants the workstation."""

    theme: str = DEFAULT_THEME
    """Name of a theme."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Other keys for commands, by command id."""
    views: Mapping[str, str] = field(default_factory=dict)
    """Named filters of the queue."""


def looks(file: Path | None = None) -> Looks:
    """The looks a settings file asks for; defaults where it says nothing, or nothing that can be read."""
    file = file or config_folder() / "settings.toml"
    try:
        content = file.read_bytes()
    except OSError:
        return Looks()
    import tomllib

    try:
        table = tomllib.loads(content.decode("utf-8")).get("workstation", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return Looks()
    if not isinstance(table, dict):
        return Looks()
    theme = table.get("theme")
    return Looks(
        theme if isinstance(theme, str) and theme else DEFAULT_THEME,
        _words(table.get("keys")),
        _words(table.get("views")),
    )


def _words(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(name): words for name, words in value.items() if isinstance(words, str)}
