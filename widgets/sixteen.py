"""Words stay readable where a terminal has sixteen colours and two of ours become one."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_LIGHT = frozenset({7, 10, 11, 14, 15})
_NEAR = {7: 15, 15: 7, 8: 0, 0: 8}
"""Greys too near each other to be told apart on many screens."""


class SixteenNet(LineFilter):
    """Gives text a colour that stands out from the colour behind it, once both are among the sixteen."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Change the colour of what could not be read."""
        del background
        return [
            segment if segment.style is None or segment.control else Segment(segment.text, readable(segment.style))
            for segment in segments
        ]


@lru_cache(maxsize=1024)
def readable(style: Style) -> Style:
    """A style in which words can be told from what is behind them."""
    fore, back = _number(style.color), _number(style.bgcolor)
    if fore is None or back is None or (fore != back and _NEAR.get(fore) != back):
        return style
    return style + Style(color=RichColor.from_ansi(0 if back in _LIGHT else 15))


def _number(colour: RichColor | None) -> int | None:
    return None if colour is None or colour.is_default else colour.downgrade(ColorSystem.STANDARD).number
