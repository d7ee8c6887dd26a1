"""From outside text to lines that can be painted: cleaned, measured in cells, wrapped, with offsets kept.

Everything a widget of ours paints from a ticket passes through here, and here only through `clean()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells, set_cell_size

from supportdesk.text import clean

TAB = "    "
"""How a tab is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text, fit to be painted."""

    start: int
    """Offset of its first character in the raw text."""
    raw: str
    """As it came, without its line end."""
    shown: str
    """As it is painted."""

    def column(self, raw_column: int) -> int:
        """Where a raw character of this line stands in `shown`."""
        if self.raw is self.shown:
            return min(max(raw_column, 0), len(self.shown))
        at = 0
        for character in self.raw[: max(raw_column, 0)]:
            if character == "\t" and self.shown.startswith(TAB, at):
                at += len(TAB)
            elif at < len(self.shown) and self.shown[at] == character:
                at += 1
        return at


def lines_of(text: str, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """The lines of a raw text, or of a stretch of it, one by one."""
    at = start
    stretch = text if start == 0 and end is None else text[start:end]
    for piece in stretch.splitlines(keepends=True):
        raw = piece.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029") if not piece.isprintable() else piece
        yield Line(at, raw, displayed(raw))
        at += len(piece)


def displayed(line: str) -> str:
    """One raw line as it is painted; the same object when there is nothing to change."""
    if line.isascii() and line.isprintable():
        return line
    shown = clean(line).replace("\n", " ").replace("\t", TAB)
    return line if shown == line else shown


def one_line(text: str) -> str:
    """Any outside text on one line, fit to be painted."""
    return clean(text, one_line=True)


def block(text: str) -> str:
    """Any outside text with its line breaks, fit to be painted."""
    return clean(text).replace("\t", TAB)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """A painted text made exactly `width` cells wide: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    size = len(text) if text.isascii() else cell_len(text)
    if size > width:
        return set_cell_size(set_cell_size(text, width - 1) + "…", width)
    return " " * (width - size) + text if right else text + " " * (width - size)


def cells(text: str) -> int:
    """How many cells a painted text takes."""
    return len(text) if text.isascii() else cell_len(text)


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Where a painted line breaks so that every piece fits into `width` cells; spaces at breaks are dropped.

    Returns (start, end) offsets, at least one piece.
    """
    width = max(width, 1)
    if cells(text) <= width:
        return [(0, len(text))]
    pieces: list[tuple[int, int]] = []
    start = _indent(text, width)
    first = 0
    at = start
    used = cells(text[:start])
    for word_start, word_end in _words(text, start):
        gap = cells(text[at:word_start])
        size = cells(text[word_start:word_end])
        if used + gap + size <= width:
            used += gap + size
            at = word_end
            continue
        if at > first:
            pieces.append((first, at))
        first = word_start
        if size > width:
            *whole, last = chop_cells(text[word_start:word_end], width)
            for piece in whole:
                pieces.append((first, first + len(piece)))
                first += len(piece)
            used = cells(last)
        else:
            used = size
        at = word_end
    pieces.append((first, at))
    return pieces


def _indent(text: str, width: int) -> int:
    """How many leading spaces stay with the first word."""
    spaces = len(text) - len(text.lstrip(" "))
    return spaces if spaces < width // 2 else 0


def _words(text: str, start: int) -> Iterator[tuple[int, int]]:
    at = start
    length = len(text)
    while at < length:
        while at < length and text[at] == " ":
            at += 1
        if at >= length:
            return
        end = text.find(" ", at)
        end = length if end < 0 else end
        yield at, end
        at = end
