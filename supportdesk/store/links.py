"""Holding a stretch of the chain against the rows it covers.

Knows SQLite and the chain only, so that a process of its own starts at once and takes a share of the work:
`python -m supportdesk.store.links FILE BEFORE LAST ANCHOR`.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from supportdesk.store.chain import COVERED, GENESIS, ORIGIN, body_digest, digest_of, link_hash

DAMAGE = (sqlite3.Error, ValueError, LookupError, TypeError, OverflowError, zlib.error)
"""What reading a file that was altered can end in."""

_LINKS = (
    "SELECT id, at, actor, action, ticket_id, body, salt, rows_to, rows, previous, hash"
    " FROM audit NOT INDEXED WHERE rowid > ? AND rowid <= ? ORDER BY rowid"
)


@dataclass
class Stretch:
    """What a look along some links found."""

    links: int = 0
    """How many there were."""
    rows: int = 0
    """Rows held against them."""
    head: str = GENESIS
    """Hash of the last one."""
    heads: str = ORIGIN
    """The last row of every covered table, as it says."""
    anchored: bool = False
    """Whether the anchor was among them."""
    differences: list[str] = field(default_factory=list)
    """Everything that is not as it was recorded, one sentence each."""


def look_along(connection: sqlite3.Connection, before: int, last: int, anchor: str = "") -> Stretch:
    """Look along the links after `before` up to `last`; that the one before them stands is another's to say."""
    found = Stretch()
    try:
        if before:
            row = plain(connection, "SELECT hash, rows_to FROM audit WHERE id = ?", before).fetchone()
            found.head, found.heads = row or (GENESIS, ORIGIN)
        found.differences.extend(_along(connection, before, last, anchor, found))
    except DAMAGE as error:
        found.differences.append(f"the file is damaged: {error}")
    return found


def _along(connection: sqlite3.Connection, number_before: int, last: int, anchor: str, found: Stretch) -> Iterator[str]:
    erased = _erased(connection)
    heads = found.heads.split(",")
    streams = [_Stream(connection, name, int(start)) for name, start in zip(COVERED, heads, strict=True)]
    head, before, links = found.head, found.heads, 0
    for number, at, actor, action, ticket, body, salt, rows_to, rows, previous, hashed in plain(
        connection, _LINKS, number_before, last
    ):
        links += 1
        if previous != head:
            yield f"record {number} does not follow record {number_before}: one between them is gone or changed"
        told, bound = rows, ""
        if number in erased:
            salt, told, bound, kept = erased[number]
            if body != kept:
                yield f"record {number} ({action} by {actor}) was changed"
        bound = bound or body_digest(salt, body)
        if hashed != link_hash(previous, at, actor, action, ticket, bound, rows_to, rows):
            yield f"record {number} ({action} by {actor}) was changed"
        if rows_to != before:
            was, heads = heads, rows_to.split(",")
            yield from _rows(streams, number, salt, was, heads, told, found)
        elif told:
            yield f"record {number} tells of rows that are not there"
        head, number_before, before = hashed, number, rows_to
        found.anchored = found.anchored or hashed == anchor
    found.links, found.head, found.heads = links, head, before


def _rows(
    streams: list[_Stream], link: int, salt: str, before: list[str], after: list[str], told: str, found: Stretch
) -> Iterator[str]:
    digests = []
    for at in [at for at, was in enumerate(before) if was != after[at]]:
        end = int(after[at])
        count = end - int(before[at])
        found.rows += count
        digests.append(f"{COVERED[at]}:{digest_of(salt, streams[at].up_to(end, count))}")
    if " ".join(digests) != told:
        for digest in set(digests) - set(told.split()) or {"a row"}:
            yield f"{_which(digest.partition(':')[0], before, after)} differs from what record {link} says"


def _which(name: str, before: list[str], after: list[str]) -> str:
    if name not in COVERED:
        return name
    at = COVERED.index(name)
    start, end = int(before[at]), int(after[at])
    return f"{name} {end}" if end == start + 1 else f"one of {name} {start + 1} to {end}"


def _erased(connection: sqlite3.Connection) -> dict[int, tuple[str, str, str, str]]:
    """Salt, rows, the body's digest and the body that stayed, of every link something was erased from."""
    query = "SELECT link, salt, rows, body_digest, body FROM erasure NOT INDEXED ORDER BY rowid"
    return {link: (salt, rows, bound, body) for link, salt, rows, bound, body in plain(connection, query)}


class _Stream:
    """A covered table's rows in order, read once."""

    def __init__(self, connection: sqlite3.Connection, name: str, start: int) -> None:
        # From the very first row: one put in before it with a lower number must not be overlooked.
        query = f"SELECT rowid, * FROM {name} NOT INDEXED WHERE rowid > ? ORDER BY rowid"  # noqa: S608 (our own names)
        self._rows = plain(connection, query, start or -(2**63))
        self._held: list[tuple[Any, ...]] = []

    def up_to(self, end: int, count: int) -> list[tuple[Any, ...]]:
        """The rows not given yet up to a number; there are `count` when none is missing."""
        if not self._held:
            rows = self._rows.fetchmany(count)
            if not rows or rows[-1][0] <= end:
                return rows
        else:
            rows = self._held + self._rows.fetchmany(max(count - len(self._held), 0))
        self._held = [row for row in rows if row[0] > end]
        return [row for row in rows if row[0] <= end]


def plain(connection: sqlite3.Connection, query: str, *values: object) -> sqlite3.Cursor:
    """Rows as plain tuples."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query, values)


def read_only(file: Path) -> sqlite3.Connection:
    """A connection that only reads."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


if __name__ == "__main__":
    with closing(read_only(Path(sys.argv[1]))) as its:
        print(json.dumps(asdict(look_along(its, int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))))
