"""Pictures of numbers tell the truth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from widgets.pictures import bar, heat_map, shade, spark


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 60))
def test_a_larger_number_never_has_a_shorter_bar(a: float, b: float, width: int) -> None:
    """Bars grow with their numbers and stay within their width."""
    low, high = sorted((a, b))
    assert len(bar(low, high, width)) <= len(bar(high, high, width)) <= width


def test_something_is_never_drawn_as_nothing() -> None:
    """The smallest number above 0 has a sign of its own; 0 has none."""
    assert bar(1, 1_000_000, 10)
    assert bar(0, 10, 10) == ""
    assert shade(1, 1000).strip()
    assert not shade(0, 1000).strip()
    assert spark([0, 0]) == "▁▁"
    assert spark([0, 5, 10]) == "▁▅█" or spark([0, 5, 10]) == "▁▄█"


def test_a_heat_map_says_every_number() -> None:
    """No count is told by darkness alone."""
    drawn = "\n".join(heat_map({("billing", "account"): 12, ("general", "billing"): 3}))
    assert "12" in drawn
    assert "3" in drawn
    assert "account" in drawn
