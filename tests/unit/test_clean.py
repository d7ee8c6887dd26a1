"""`clean()` is the one door for outside text: nothing that steers a terminal gets past it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.text import clean, hidden, stands_in

SEQUENCES = [
    "\x1b]11;?\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[31m",
    "\x9b31m",
    "\x1bPq#0\x1b\\",
    "\x1b_payload\x1b\\",
    "\x1b[2J\x1b[H",
    "\x1b]8;;http://evil.example\x1b\\",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\x00",
    "\x07",
    "\x08",
    "\x85",
    "\U000e0041",
    "\ud800",
]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_sequence_goes_as_a_whole_and_the_words_around_it_stay(sequence: str) -> None:
    """No parameter is left behind as litter."""
    assert clean(f"before{sequence}after").replace("\n", "") == "beforeafter"


@given(st.text(st.characters(), max_size=200))
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    """Whatever comes in: no control, no bidi override, no surrogate; and cleaning again changes nothing."""
    after = clean(text)
    assert all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in after)
    assert not set(after) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff")
    assert clean(after) == after


@given(st.lists(st.sampled_from([*SEQUENCES, "a", "[", "]", "31m", "\\", ";", "\x1b"]), max_size=12))
def test_removing_one_sequence_never_makes_another(parts: list[str]) -> None:
    """Halves that come together are removed too."""
    after = clean("".join(parts))
    assert "\x1b" not in after
    assert "\x9b" not in after


def test_what_people_write_stays() -> None:
    """Emoji families, Persian joiners, accents, tabs and lines are no tricks."""
    for text in ("👨\u200d👩\u200d👧", "نامه\u200cای", "é", "a\tb\nc", "日本語", "naïve — “quotes”"):
        assert clean(text) == text
        assert hidden(text) == ()


def test_hidden_characters_are_counted_and_named() -> None:
    """For "1 hidden character" and for spelling it out."""
    (only,) = hidden("pay\u202epal")
    assert (only.offset, only.name) == (3, "RIGHT-TO-LEFT OVERRIDE")


def test_naughty_strings_come_out_harmless(corpora: Path) -> None:
    """The big list of naughty strings, where it is present."""
    for text in json.loads((corpora / "weird" / "blns.json").read_text()):
        after = clean(text)
        assert clean(after) == after
        assert all(c in "\n\t" or unicodedata.category(c) != "Cc" for c in after)


def test_a_quote_stands_where_it_stands() -> None:
    """White space folds; nothing else does."""
    assert stands_in("charged  twice", "I was charged\ntwice.")
    assert not stands_in("Charged twice", "I was charged twice.")
    assert not stands_in("  ", "anything")
