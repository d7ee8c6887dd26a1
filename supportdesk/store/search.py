"""Full-text search with SQLite's FTS5. The only module that knows it; a PostgreSQL twin would be a second file."""

from __future__ import annotations

import itertools
import re
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, text

from supportdesk.text import clean

SCHEMA = (
    """CREATE VIRTUAL TABLE message_fts USING fts5(
        subject, people, body, ticket UNINDEXED, tokenize='unicode61 remove_diacritics 2', detail=full)""",
    "CREATE VIRTUAL TABLE article_fts USING fts5(slug UNINDEXED, title, body, tokenize='porter unicode61')",
)
_INDEXED = 200_000  # characters of one message: enough for any search, and a 25 MB mail stays quick to store

_INDEX = "INSERT INTO message_fts (rowid, ticket, subject, people, body) VALUES (?, ?, ?, ?, ?)"


class Findable(NamedTuple):
    """A message as the index wants it."""

    id: int
    """Its row."""
    ticket: int
    """Its ticket."""
    subject: str
    """What the ticket is called."""
    people: str
    """Who wrote it."""
    text: str
    """What they wrote."""


def index(connection: sqlite3.Connection, messages: Iterable[Findable]) -> None:
    """Make messages findable by subject, people and words."""
    connection.executemany(_INDEX, [(*m[:4], clean(m.text[:_INDEXED])) for m in messages])


def match_all(words: Sequence[str]) -> str:
    """An FTS5 query for rows with all the words or phrases; every term quoted, the last one a prefix."""
    terms = [_quoted(word) for word in words if _tokens(word)]
    return " AND ".join([*terms[:-1], f"{terms[-1]}*"]) if terms else '""'


def says_something(words: Sequence[str]) -> bool:
    """Whether there is anything to search for: signs alone are nothing."""
    return any(_tokens(word) for word in words)


def match_any(words: str, limit: int = 40) -> str:
    """An FTS5 query for rows with any of a text's words, for ranking by BM25."""
    tokens = list(dict.fromkeys(t.casefold() for t in _tokens(words) if len(t) > 2))[:limit]
    return " OR ".join(_quoted(token) for token in tokens) or '""'


def _tokens(words: str) -> list[str]:
    return re.findall(r"\w+", words)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""').replace("\x00", "") + '"'


def tickets_matching(words: Sequence[str]) -> TextClause:
    """A subquery of the ids of tickets whose messages match."""
    # By way of the message: its ticket stands before its words, in the index's own copy it stands behind them.
    statement = text(
        "SELECT m.ticket_id FROM message_fts f CROSS JOIN message m ON m.id = f.rowid WHERE message_fts MATCH :match"
    )
    return statement.bindparams(match=match_all(words))


def tickets_of(messages: Sequence[int]) -> TextClause:
    """A subquery of the ids of these messages' tickets: for words that were looked up already."""
    statement = text("SELECT m.ticket_id FROM json_each(:found) f CROSS JOIN message m ON m.id = f.value")
    return statement.bindparams(found=f"[{','.join(map(str, messages))}]")


def messages_matching(connection: Connection, words: Sequence[str]) -> array[int]:
    """Row ids of the messages that match, ascending: the bare index, no message is read."""
    statement = text("SELECT rowid FROM message_fts WHERE message_fts MATCH :match")
    result = connection.execute(statement, {"match": match_all(words)})
    return array("q", itertools.chain.from_iterable(result.cursor))  # type: ignore[arg-type]
