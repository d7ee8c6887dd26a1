"""What changed between two texts, word by word, marked by signs as well as by colour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip

from widgets.commands import bindings
from widgets.lines import Painted, ScrolledLines
from widgets.paint import wrap

_WORDS = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, went or came."""

    text: str
    """Its words; line breaks stay."""
    how: str
    """`same`, `gone` or `new`."""


def differences(before: str, after: str) -> list[Piece]:
    """The pieces of both texts, in order: what stayed once, what went before what came."""
    from rapidfuzz.distance import Indel

    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for step in Indel.opcodes(old, new):
        out, come = old[step.src_start : step.src_end], new[step.dest_start : step.dest_end]
        if step.tag == "equal":
            pieces.append(Piece("".join(out), "same"))
        else:
            pieces += [p for p in (Piece("".join(out), "gone"), Piece("".join(come), "new")) if p.text]
    return joined(pieces)


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Small islands of white space between changes belong to them: a rewritten phrase reads as one."""
    found: list[Piece] = []
    index = 0
    while index < len(pieces):
        gone, new = "", ""
        while index < len(pieces):
            piece = pieces[index]
            island = piece.how == "same" and not piece.text.strip() and "\n" not in piece.text and bool(gone or new)
            if piece.how == "same" and not (island and index + 1 < len(pieces)):
                break
            gone += piece.text if piece.how != "new" else ""
            new += piece.text if piece.how != "gone" else ""
            index += 1
        found += [p for p in (Piece(gone, "gone"), Piece(new, "new")) if p.text]
        if index < len(pieces):
            found.append(pieces[index])
            index += 1
    return found


def counted(pieces: Sequence[Piece]) -> tuple[int, int, int]:
    """How many words stayed, went and came."""
    found = {how: sum(len(re.findall(r"\w+", p.text)) for p in pieces if p.how == how) for how in _LOOKS}
    return found["same"], found["gone"], found["new"]


_LOOKS = {"same": "", "gone": "bad", "new": "good strong"}
_SIGNS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}


def marked_lines(pieces: Sequence[Piece], width: int) -> list[tuple[Painted, ...]]:
    """The pieces as lines to paint, wrapped; `[-gone-]` and `{+new+}` as word-level diffs are written."""
    text = ""
    looks: list[str] = []
    for piece in pieces:
        before, after = _SIGNS[piece.how]
        for number, line in enumerate(piece.text.split("\n")):
            if number:
                text, looks = f"{text}\n", [*looks, ""]
            words = f"{before}{line}{after}" if line.strip() else line
            text += words
            looks += [_LOOKS[piece.how]] * len(words)
    lines: list[tuple[Painted, ...]] = []
    at = 0
    for line in text.split("\n"):
        for first, end in wrap(line, width):
            lines.append(_runs(line[first:end], looks[at + first : at + end]))
        at += len(line) + 1
    return lines


def _runs(text: str, looks: Sequence[str]) -> tuple[Painted, ...]:
    runs: list[Painted] = []
    for character, look in zip(text, looks, strict=True):
        if runs and runs[-1][1] == look:
            runs[-1] = (runs[-1][0] + character, look)
        else:
            runs.append((character, look))
    return tuple(runs)


class Differences(ScrolledLines):
    """A text with what changed in it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    DEFAULT_CSS = """
    Differences { height: 1fr; }
    """

    def __init__(self, pieces: Sequence[Piece], *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Show these pieces."""
        super().__init__(id=id)
        self._pieces = pieces
        self._lines: list[tuple[Painted, ...]] = []
        self._laid_out_for = 0

    def on_resize(self) -> None:
        """Wrap for this width."""
        if self.line_width != self._laid_out_for:
            self._laid_out_for = self.line_width
            self._lines = marked_lines(self._pieces, self.line_width - 1)
            self.set_height(len(self._lines))
            self.repaint()

    def render_line(self, y: int) -> Strip:
        """One line."""
        index = y + self.scroll_offset.y
        line = self._lines[index] if index < len(self._lines) else ()
        return self.strip(line, self.line_width)
