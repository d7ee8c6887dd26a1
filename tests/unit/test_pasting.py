"""What a terminal sends, taken apart into keys and pastes."""

from __future__ import annotations

import pytest
from textual import events

from supportdesk.pasting import PasteParser

BEGIN, END = "\x1b[200~", "\x1b[201~"
NASTY = "Hello \x1b[31mred\x1b[0m \x01\x07 zero\u200bwidth \u202ertl\x1b]11;?\x1b\\ \x1b\x07\x1b[I 500 EUR \x1b"


def heard(*pieces: str) -> list[str]:
    """Keys by name and pastes in quotes, as the parser hands them out when the pieces come one after the other."""
    parser = PasteParser()
    found = [event for piece in pieces for event in parser.feed(piece)]
    parser._timeout_time = None if parser._timeout_time is None else 0.0
    found += parser.tick()
    return [f"“{e.text}”" if isinstance(e, events.Paste) else getattr(e, "key", repr(e)) for e in found]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 4096])
def test_nothing_inside_a_paste_is_a_key(size: int) -> None:
    """However the bytes arrive, a paste full of control characters is one text without them, and its end is its end."""
    sent = f"a{BEGIN}{NASTY}{END}b\x1b[A"
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert heard(*pieces) == ["a", "“Hello red  zerowidth rtl  500 EUR ”", "b", "up"]


def test_an_end_that_was_pasted_does_not_end_the_paste() -> None:
    """The mark of the end inside a paste, with a key behind it, is part of the paste."""
    assert heard(f"{BEGIN}one{END}\x07two{END}x") == ["“onetwo”", "x"]
    assert heard(f"{BEGIN}one{END}x{BEGIN}two{END}") == ["“one”", "x", "“two”"]


def test_keys_and_pastes_stay_in_order() -> None:
    """Esc before a paste is heard before it; two pastes in two pieces are two; lines stay lines."""
    assert heard("\x1b" + BEGIN + "a\rb", END) == ["escape", "“a\nb”"]
    assert heard(BEGIN, "one", END + BEGIN[:3], BEGIN[3:] + "two" + END + "\x1b") == ["“one”", "“two”", "escape"]
    assert heard("\x1b[", "A", "\x1b[2", "~") == ["up", "insert"]
