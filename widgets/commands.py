"""What is made of the catalogue: bindings, footer, palette, help, key table and keymap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from widgets.catalogue import CATALOGUE, DECIDING
from widgets.command import Command, spelled

if TYPE_CHECKING:
    from textual.binding import BindingType

__all__ = [
    "CATALOGUE",
    "DECISIONS",
    "Command",
    "at",
    "bindings",
    "by_group",
    "command",
    "key_table",
    "spelled",
    "unknown_keys",
]

DECISIONS = tuple(c for c in CATALOGUE if c.group == DECIDING and c.place == "review")
"""The six decisions, in the order of the bar."""


def command(name: str) -> Command:
    """The command with this id. Raises KeyError."""
    return _BY_ID[name]


_BY_ID = {c.id: c for c in CATALOGUE}


def at(*places: str) -> tuple[Command, ...]:
    """The commands of these places, in the catalogue's order."""
    return tuple(c for c in CATALOGUE if c.place in places)


def bindings(*places: str) -> list[BindingType]:
    """Textual bindings for these places, each with its command's id so that settings can give it other keys."""
    from textual.binding import Binding

    return [Binding(c.keys, c.action, c.title, show=False, priority=c.first, id=c.id) for c in at(*places) if c.keys]


def by_group(commands: Iterable[Command]) -> dict[str, list[Command]]:
    """Commands under their headings."""
    found: dict[str, list[Command]] = {}
    for each in commands:
        found.setdefault(each.group, []).append(each)
    return found


def key_table() -> str:
    """All commands as Markdown tables, for the README."""
    lines: list[str] = []
    for group, commands in by_group(CATALOGUE).items():
        lines += [f"**{group}**", "", "| keys | command | what it does |", "| --- | --- | --- |"]
        for each in commands:
            keys = " ".join(f"`{key}`" for key in each.keys_shown().split()) or "palette"
            lines.append(f"| {keys} | `{each.id}` | {each.help} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def unknown_keys(keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Names in a user's keymap that are no command's."""
    return tuple(name for name in keymap if name not in _BY_ID)
