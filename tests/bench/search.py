"""Searching a million messages, against the bare FTS5 query for the same words."""

from __future__ import annotations

import itertools
import sqlite3
from array import array
from collections.abc import Iterator

from supportdesk.domain.query import parse_query

from .desk_of import LARGE, LOGIN, desk_of, file_of
from .rows import Row, side_by_side

FIRST, SEEN = 100, 40


def rows() -> Iterator[Row]:
    """A word a third of all letters have, two of them together, a phrase, rare words, and one nobody wrote."""
    desk = desk_of(LARGE)
    bare = sqlite3.connect(f"file:{file_of(LARGE)}?mode=ro", uri=True)
    for words, match in (
        ("order", '"order"*'),
        ("order parcel", '"order" AND "parcel"*'),
        ('"battery account"', '"battery account"*'),
        ("seris vila", '"seris" AND "vila"*'),
        ("tetula", '"tetula"*'),
    ):
        query = parse_query(words, LOGIN)

        def ours(query=query) -> None:  # type: ignore[no-untyped-def]
            desk.queue.rows(desk.queue.ids(query, FIRST)[:SEEN], LOGIN, query.words)

        def theirs(match=match) -> None:  # type: ignore[no-untyped-def]
            statement = "SELECT rowid FROM message_fts WHERE message_fts MATCH ?"
            array("q", itertools.chain.from_iterable(bare.execute(statement, (match,))))

        yield side_by_side(f"first rows with {words}, {LARGE:,}", ours, theirs, "the bare FTS5 query", 1.5)
    bare.close()
    desk.close()
