"""The filter line: what people type and what they are told when it makes no sense."""

from __future__ import annotations

import pytest

from supportdesk.domain.query import QueueQuery, Sort, parse_query
from supportdesk.errors import BadInput


def test_a_line_of_filters_is_understood() -> None:
    """Keys, states, ages, phrases and `me` together."""
    query = parse_query(
        'queue:billing trigger:refund is:unread assignee:me older:2d "charged twice" sort:newest', "ana"
    )
    assert query == QueueQuery(
        queue="billing",
        trigger="refund",
        unread_by="ana",
        assignee="ana",
        older_than=172_800,
        words=("charged twice",),
        sort=Sort.NEWEST,
    )


@pytest.mark.parametrize("typed", ["colour:red", "older:soon", "is:purple", "sort:random"])
def test_what_makes_no_sense_is_answered_with_what_would(typed: str) -> None:
    """One sentence with the ways that exist."""
    with pytest.raises(BadInput, match=r"try|write"):
        parse_query(typed)


def test_an_open_quote_is_searched_for_while_it_is_typed() -> None:
    """Half a line is no error: people are still typing."""
    assert parse_query('"charged tw').words == ("charged", "tw")


def test_words_with_colons_in_them_are_words() -> None:
    """An address of a web page is something to search for."""
    assert parse_query("HTTP://x.example").words == ("HTTP://x.example",)
