"""Does the store still say what was recorded? Chain, rows, sent replies and guards; each difference is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supportdesk.domain.decision import digest
from supportdesk.errors import StoreTrouble
from supportdesk.store import guards, tallies
from supportdesk.store.chain import COVERED, ERASED, GENESIS, ORIGIN, body_digest, digest_of, link_hash
from supportdesk.store.decisions import bound_by


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look through the whole store found."""

    links: int
    """Links of the chain."""
    rows: int
    """Rows held against it."""
    head: str
    """Hash of the last link; keep it elsewhere, and a cut-off end shows too."""
    differences: tuple[str, ...]
    """Everything that is not as it was recorded, one sentence each; empty when all is well."""


def verify(file: Path, anchor: str = "") -> Verified:
    """Look through a store, which is only read; with `anchor`, also whether that link is still in the chain.

    Raises StoreTrouble when there is no store to look through.
    """
    if not file.is_file():
        raise StoreTrouble(f"There is no store {file}.")
    look = _Look(anchor)
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            look.at(connection)
    except _DAMAGE as error:
        look.differences.append(f"the file is damaged: {error}")
    return Verified(look.links, look.rows, look.head, tuple(look.differences))


class _Look:
    """One look through a store."""

    def __init__(self, anchor: str) -> None:
        self.anchor = anchor
        self.links = 0
        self.rows = 0
        self.head = GENESIS
        self.differences: list[str] = []

    def at(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for look in (self._guards, self._chain, self._kept, self._sent, self._flags, self._whole):
            try:
                self.differences += look()
            except _DAMAGE as error:
                self.differences.append(f"the file is damaged: {error}")

    def _guards(self) -> Iterator[str]:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        there = {row["name"]: row["sql"] for row in self._connection.execute(query)}
        for statement in (*guards.statements(), *tallies.statements()):
            name = statement.split()[2]
            if name not in there:
                yield f"the guard {name} is missing"
            elif there.pop(name) != statement:
                yield f"the guard {name} was changed"
        yield from (f"{name} is a trigger nobody knows" for name in there if name not in _names())

    def _chain(self) -> Iterator[str]:
        erased = self._erased()
        streams = [_Stream(self._connection, name) for name in COVERED]
        anchored = not self.anchor
        links, head, last, before = 0, self.head, 0, ORIGIN
        heads = before.split(",")
        for number, at, actor, action, ticket, body, salt, rows_to, rows, previous, hashed in _plain(
            self._connection, _LINKS
        ):
            links += 1
            if previous != head:
                yield f"record {number} does not follow record {last}: something between them is gone or changed"
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
                yield from self._rows(streams, number, salt, was, heads, told)
            elif told:
                yield f"record {number} tells of rows that are not there"
            head, last, before = hashed, number, rows_to
            anchored = anchored or hashed == self.anchor
        self.links, self.head = links, head
        if not anchored:
            yield "the anchor is not in the chain: records were cut off or rewritten"
        for name, stream in zip(COVERED, streams, strict=True):
            if more := stream.rest():
                yield f"{more} rows of {name} are in no record"

    def _rows(
        self, streams: list[_Stream], link: int, salt: str, before: list[str], after: list[str], told: str
    ) -> Iterator[str]:
        found = []
        for at in [at for at, was in enumerate(before) if was != after[at]]:
            end = int(after[at])
            count = end - int(before[at])
            self.rows += count
            found.append(f"{COVERED[at]}:{digest_of(salt, streams[at].up_to(end, count))}")
        if " ".join(found) != told:
            known = set(told.split())
            for digest in set(found) - known or {"something"}:
                name = digest.partition(":")[0]
                yield f"{_which(name, before, after)} differs from what record {link} says"

    def _erased(self) -> dict[int, tuple[str, str, str, str]]:
        """Salt, rows, the body's digest and the body that stayed, of every link something was erased from."""
        query = "SELECT link, salt, rows, body_digest, body FROM erasure NOT INDEXED ORDER BY rowid"
        return {link: (salt, rows, bound, body) for link, salt, rows, bound, body in _plain(self._connection, query)}

    def _kept(self) -> Iterator[str]:
        for row in self._connection.execute("SELECT sha256, size, body FROM raw NOT INDEXED"):
            self.rows += 1
            try:
                content = zlib.decompress(row["body"])
            except zlib.error:
                content = b""
            if len(content) != row["size"] or hashlib.sha256(content).hexdigest() != row["sha256"]:
                yield f"the kept file {row['sha256'][:12]} was changed"
        if self._connection.execute("SELECT count(*) FROM message WHERE raw <> ''").fetchone()[0]:
            keys = {row[0] for row in self._connection.execute("SELECT sha256 FROM raw NOT INDEXED")}
            gone = "SELECT id, raw FROM message NOT INDEXED WHERE raw <> ''"
            for row in self._connection.execute(gone):
                if row["raw"] not in keys:
                    yield f"the mail of message {row['id']} is gone"

    def _sent(self) -> Iterator[str]:
        query = (
            "SELECT o.id AS entry, o.state, a.* FROM outbox o NOT INDEXED LEFT JOIN approval a ON a.id = o.approval_id"
        )
        told = self._told("delivery_sent", "settled_uncertain")
        for row in self._connection.execute(query):
            if row["payload"] is None:
                yield f"outbox entry {row['entry']} has no approval"
            elif row["digest"] != ERASED and digest({**json.loads(row["payload"]), **bound_by(row)}) != row["digest"]:
                yield f"approval {row['id']} does not match its digest"
            if row["state"] == "sent" and row["entry"] not in told:
                yield f"outbox entry {row['entry']} is sent, and no record says so"

    def _told(self, *actions: str) -> set[Any]:
        marks = ", ".join("?" * len(actions))
        query = f"SELECT body FROM audit NOT INDEXED WHERE action IN ({marks})"  # noqa: S608 (marks only)
        return {json.loads(row["body"]).get("outbox") for row in self._connection.execute(query, actions)}

    def _flags(self) -> Iterator[str]:
        records = self._connection.execute(
            "SELECT ticket_id, body FROM audit NOT INDEXED WHERE action = 'lowered_flag'"
        )
        told = {(row["ticket_id"], json.loads(row["body"]).get("kind")) for row in records}
        query = "SELECT id, ticket_id, kind FROM flag NOT INDEXED WHERE cleared_at IS NOT NULL"
        for row in self._connection.execute(query):
            if (row["ticket_id"], row["kind"]) not in told:
                yield f"flag {row['id']} ({row['kind']}) of ticket {row['ticket_id']} is down, and no record says so"

    def _whole(self) -> Iterator[str]:
        for (words,) in self._connection.execute("PRAGMA integrity_check(20)"):
            if words != "ok":
                yield f"the file is damaged: {words}"


_DAMAGE = (sqlite3.Error, ValueError, LookupError, TypeError, OverflowError, zlib.error)
"""What reading a file that was altered can end in."""

_LINKS = (
    "SELECT id, at, actor, action, ticket_id, body, salt, rows_to, rows, previous, hash"
    " FROM audit NOT INDEXED ORDER BY rowid"
)


def _which(name: str, before: list[str], after: list[str]) -> str:
    if name not in COVERED:
        return "a row"
    at = COVERED.index(name)
    start, end = int(before[at]), int(after[at])
    return f"{name} {end}" if end == start + 1 else f"one of {name} {start + 1} to {end}"


class _Stream:
    """A covered table's rows in order, read once."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._rows = _plain(connection, f"SELECT rowid, * FROM {name} NOT INDEXED ORDER BY rowid")  # noqa: S608
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

    def rest(self) -> int:
        """How many rows were not given."""
        return len(self._held) + sum(1 for _ in self._rows)


def _plain(connection: sqlite3.Connection, query: str) -> sqlite3.Cursor:
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query)


def _names() -> set[str]:
    return {statement.split()[2] for statement in (*guards.statements(), *tallies.statements())}
