"""Every command of the workstation, once: bindings, footer, palette, help, key table and keymap come from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.binding import BindingType


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


def _c(
    name: str, keys: str, title: str, words: str, group: str, place: str, *, footer: bool = False, first: bool = False
) -> Command:
    return Command(name, keys, title, words, group, place, footer, first)


MOVING, DESK, QUEUE, READING = "Moving", "Desk", "Queue", "Reading"
WRITING, CHECKLIST, DECIDING = "Writing", "Checklist and findings", "Deciding"

CATALOGUE: tuple[Command, ...] = (
    _c("app.palette", "ctrl+p", "Commands", "Find any command by a few letters.", DESK, "app", footer=True, first=True),
    _c("app.help", "question_mark,f1", "Help", "The keys that work here, and what they do.", DESK, "app", footer=True),
    _c("app.recall", "u", "Recall", "Call the last approved reply back while it has not left.", DESK, "app"),
    _c("app.light", "", "Light or dark", "Switch between the light and the dark theme.", DESK, "app"),
    _c("app.send", "", "Send due replies", "Send the approved replies whose time to recall is over.", DESK, "app"),
    _c("app.quit", "ctrl+q", "Quit", "Leave; the draft is kept and the ticket given back.", DESK, "app", first=True),
    # Moving works the same in every list, in the thread and in the queue.
    _c("move.down", "j,down", "Down", "One line down.", MOVING, "list"),
    _c("move.up", "k,up", "Up", "One line up.", MOVING, "list"),
    _c("move.page_down", "pagedown", "Page down", "One screenful down.", MOVING, "list"),
    _c("move.page_up", "pageup", "Page up", "One screenful up.", MOVING, "list"),
    _c("move.top", "g,home", "Top", "To the first line.", MOVING, "list"),
    _c("move.bottom", "G,end", "Bottom", "To the last line.", MOVING, "list"),
    _c("queue.open", "enter", "Open", "Open the ticket for review.", QUEUE, "queue", footer=True),
    _c(
        "queue.filter",
        "slash",
        "Filter",
        "Filter or search: queue:billing is:free refund.",
        QUEUE,
        "queue",
        footer=True,
    ),
    _c("queue.clear", "escape", "All", "Drop the filter and show all that waits.", QUEUE, "queue"),
    _c(
        "queue.sort",
        "o",
        "Order",
        "Next order: pressing, newest, oldest, requester, queue.",
        QUEUE,
        "queue",
        footer=True,
    ),
    _c("queue.refresh", "r", "Refresh", "Read the queue again now.", QUEUE, "queue"),
    _c("review.back", "escape", "Back", "Back to the queue; the draft is kept, the ticket given back.", DESK, "review"),
    _c("review.next_pane", "tab", "Next pane", "To the next pane.", MOVING, "review", footer=True),
    _c("review.previous_pane", "shift+tab", "Previous pane", "To the pane before.", MOVING, "review"),
    _c("review.zoom", "z", "Zoom", "This pane alone, or all of them again.", MOVING, "review", footer=True),
    _c("review.take", "ctrl+t", "Take", "Take the ticket, from somebody else knowingly.", DESK, "review"),
    _c("thread.next_message", "right_square_bracket", "Next message", "To the next message.", READING, "thread"),
    _c("thread.previous_message", "left_square_bracket", "Previous", "To the message before.", READING, "thread"),
    _c(
        "thread.fold",
        "f",
        "Fold",
        "Show or hide quoted text, signatures and long tails.",
        READING,
        "thread",
        footer=True,
    ),
    _c("thread.hidden", "h", "Hidden", "Spell out the hidden characters of the messages.", READING, "thread"),
    _c(
        "thread.read_on",
        "space",
        "Read on",
        "One screenful on, or the next message not read.",
        READING,
        "thread",
        footer=True,
    ),
    _c("thread.read_back", "b", "Read back", "One screenful back.", READING, "thread"),
    _c("review.prepare", "p", "Prepare", "Have the assistant prepare the ticket again.", WRITING, "review"),
    _c("review.history", "t", "History", "What was done with this ticket, by whom and when.", READING, "review"),
    _c("review.next_finding", "full_stop", "Next finding", "To the next finding in the draft.", WRITING, "review"),
    _c("review.previous_finding", "comma", "Previous finding", "To the finding before.", WRITING, "review"),
    _c("review.edit", "e", "Edit", "Edit the draft in place; Esc ends.", WRITING, "review", footer=True),
    _c("review.note", "n", "Note", "Leave a note only colleagues see.", WRITING, "review", footer=True),
    _c("editor.begin", "ctrl+home", "Begin", "To the begin of the draft.", WRITING, "editor"),
    _c("editor.end", "ctrl+end", "End", "To the end of the draft.", WRITING, "editor"),
    _c(
        "editor.done",
        "escape",
        "Done",
        "Stop editing; the words are kept as a revision.",
        WRITING,
        "editor",
        footer=True,
    ),
    _c(
        "points.open",
        "enter",
        "Go",
        "Go to the line a point rests on, or take what it offers.",
        CHECKLIST,
        "points",
        footer=True,
    ),
    _c("checklist.answer", "enter", "Answer", "Answer the item.", CHECKLIST, "checklist", footer=True),
    _c(
        "checklist.confirm", "ctrl+y", "Confirm", "Confirm the item, if it can be.", CHECKLIST, "checklist", footer=True
    ),
    _c(
        "findings.settle",
        "enter",
        "Settle",
        "Settle the finding: a line, or a reason.",
        CHECKLIST,
        "findings",
        footer=True,
    ),
    _c(
        "prepared.lower",
        "ctrl+l",
        "Lower flag",
        "Lower the flag under the cursor, with a reason.",
        CHECKLIST,
        "prepared",
        footer=True,
    ),
    _c("review.grant", "ctrl+g", "Grant", "Grant or refuse what a colleague asks to promise.", CHECKLIST, "review"),
    _c(
        "review.approve",
        "ctrl+s,f2",
        "Approve",
        "Send these words, once all is confirmed.",
        DECIDING,
        "review",
        first=True,
    ),
    _c(
        "review.request",
        "f3",
        "Request info",
        "Send the draft as a question for details.",
        DECIDING,
        "review",
        first=True,
    ),
    _c("review.reroute", "f4", "Reroute", "To another queue, with a reason.", DECIDING, "review", first=True),
    _c("review.escalate", "f5", "Escalate", "To an owner who decides, with a backup.", DECIDING, "review", first=True),
    _c("review.reject", "f6", "Reject", "Refuse the draft; the ticket stays.", DECIDING, "review", first=True),
    _c("review.pause", "f7", "Pause", "Until a time or the next message.", DECIDING, "review", first=True),
    _c("choice.next", "enter", "Next", "Take the option under the cursor and go on.", DECIDING, "choice", footer=True),
    _c("dialog.close", "escape", "Cancel", "Close without doing anything.", DESK, "dialog", footer=True),
    _c("dialog.accept", "ctrl+s", "Do it", "Do what the dialog says.", DECIDING, "dialog", footer=True, first=True),
)

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
