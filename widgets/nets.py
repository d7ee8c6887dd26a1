"""The last look at what is about to be painted: no control character, plain signs where a terminal has no others."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from supportdesk.text import clean

_NEVER = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class PaintNet(LineFilter):
    """Takes control and bidi characters out of painted text, whichever widget let them through."""

    def __init__(self) -> None:
        """Start with nothing caught."""
        super().__init__()
        self.caught = 0
        """How many stretches of text had to be mended; more than 0 means a widget forgot to clean."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Mend what needs it, keeping every stretch as wide as it was measured."""
        del background
        mended = segments
        for index, segment in enumerate(segments):
            text, style, control = segment
            if control or text.isprintable() or not _NEVER.search(text):
                continue
            if mended is segments:
                mended = list(segments)
            self.caught += 1
            mended[index] = Segment(_as_wide(clean(text, one_line=False).replace("\n", " "), text), style)
        return mended


_PLAIN = {
    **dict.fromkeys("─━═╌┄⎯—–", "-"),
    **dict.fromkeys("│┃║▎▏▌▍▐┆╎▕", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋", "+"),
    **dict.fromkeys("▔▁▂▃▄▅▆▇█▀░▒▓", " "),
    **dict.fromkeys("•·∙●○◦", "."),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    "✔": "v",
    "✖": "x",
    "…": "~",
    "−": "-",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "▲": "^",
    "▼": "v",
    "▸": ">",
    "▾": "v",
    "›": ">",
    "‹": "<",
    "⚑": "!",
    "⎘": "@",
    "\xa0": " ",
    "€": "E",
    "£": "L",
    "×": "x",
    "ß": "s",
}


class AsciiNet(LineFilter):
    """Paints everything in ASCII, as wide as it was, for terminals that have nothing else."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace what is not ASCII: lines by lines, accents by their letter, the rest by question marks."""
        del background
        return [
            segment if segment.text.isascii() else Segment(plain(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def plain(text: str) -> str:
    """A text in ASCII that takes as many cells."""
    return "".join(character if character.isascii() else _plain(character) for character in text)


def _plain(character: str) -> str:
    import unicodedata

    if character in _PLAIN:
        return _PLAIN[character]
    base = unicodedata.normalize("NFKD", character)[:1]
    width = cell_len(character)
    return base if base.isascii() and base.isprintable() and width == 1 else "?" * width


def _as_wide(mended: str, before: str) -> str:
    from rich.cells import set_cell_size

    return set_cell_size(mended, cell_len(before))
