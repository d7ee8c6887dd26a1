"""Terminals of sixteen colours."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.theme import Theme

from widgets.sixteen import readable
from widgets.theme import DARK, LIGHT


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda t: t.name)
def test_no_words_vanish_into_what_is_behind_them(theme: Theme) -> None:
    """Every colour of ours on every ground of ours, once both are among the sixteen."""
    words = theme.variables
    grounds = [
        theme.background,
        theme.surface,
        theme.panel,
        *(words[n] for n in ("desk-note", "desk-cursor", "desk-mark")),
    ]
    inks = [theme.foreground, theme.accent, theme.success, theme.warning, theme.error]
    inks += [words["text-muted"], words["text-disabled"], words["desk-us"]]
    for ground in grounds:
        for ink in inks:
            style = readable(Style(color=ink, bgcolor=ground))
            assert style.color is not None
            assert style.bgcolor is not None
            shown = style.color.downgrade(ColorSystem.STANDARD).number
            assert shown != style.bgcolor.downgrade(ColorSystem.STANDARD).number
