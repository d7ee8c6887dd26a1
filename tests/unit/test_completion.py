"""What a filter line offers next, and the words shown around a match."""

from __future__ import annotations

import pytest

from supportdesk.domain.completion import complete
from supportdesk.domain.matches import BEGIN, END, excerpt

KNOWN = {"queue": ["billing", "general"], "assignee": ["me", "none", "ben"]}


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("q", "queue:"),
        ("queue:b", "queue:billing"),
        ("refund is:unr", "is:unread"),
        ("trigger:ref", "trigger:refund"),
        ("assignee:b", "assignee:ben"),
        ("queue:ill", "queue:billing"),
        ("sort:", "sort:pressing"),
    ],
)
def test_the_word_at_the_cursor_is_completed(typed: str, first: str) -> None:
    """Keys, fixed values and a desk's own; what begins so before what only holds it."""
    assert complete(typed, len(typed), KNOWN).offers[0].text == first


@pytest.mark.parametrize("typed", ['"q', "colour:", "refundable", "queue:xyz"])
def test_nothing_is_offered_where_nothing_fits(typed: str) -> None:
    """Inside a phrase, after an unknown key, in a plain word."""
    assert complete(typed, len(typed), KNOWN).offers == ()


def test_only_the_word_at_the_cursor_is_replaced() -> None:
    """The rest of the line stays."""
    offers = complete("is:late que refund", 11, KNOWN)
    assert (offers.start, offers.end) == (8, 11)


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("I was charged twice in March", ("charged twice",), "charged twice"),
        ("Größe für meine Frau", ("grosse", "frau"), "Frau"),
        ("Crème brûlée", ("creme",), "Crème"),
        ("the parcels came", ("parcel",), "parcel"),
    ],
)
def test_matches_are_marked_where_they_stand(text: str, words: tuple[str, ...], found: str) -> None:
    """Case and accents do not count; the last word may be a beginning."""
    assert f"{BEGIN}{found}{END}" in excerpt(text, words)


def test_a_match_deep_in_a_letter_is_shown_with_what_stands_around_it() -> None:
    """Cut at both ends, marked as cut."""
    shown = excerpt("blah " * 400 + "the battery smokes " + "blah " * 400, ("battery",))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 200


def test_marks_in_a_letter_are_not_taken_for_ours() -> None:
    """U+0002 and U+0003 in outside text are left out."""
    assert excerpt(f"a {BEGIN}refund{END}", ("refund",)) == f"a {BEGIN}refund{END}"
    assert excerpt(f"{BEGIN}a refund", ("refund",)).count(BEGIN) == 1
