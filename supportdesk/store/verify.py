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
from supportdesk.store import guards
from supportdesk.store.chain import COVERED, GENESIS, link_hash, rows_digest
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
    except (sqlite3.Error, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
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
            except (sqlite3.Error, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
                self.differences.append(f"the file is damaged: {error}")

    def _guards(self) -> Iterator[str]:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        there = {row["name"]: row["sql"] for row in self._connection.execute(query)}
        for statement in guards.statements():
            name = statement.split()[2]
            if name not in there:
                yield f"the guard {name} is missing"
            elif there.pop(name) != statement:
                yield f"the guard {name} was changed"
        yield from (f"{name} is a trigger nobody knows" for name in there if name not in _names())

    def _chain(self) -> Iterator[str]:
        before = dict.fromkeys(COVERED, 0)
        anchored = not self.anchor
        last = 0
        for link in self._connection.execute("SELECT * FROM audit NOT INDEXED ORDER BY rowid"):
            self.links += 1
            content = tuple(link[k] for k in ("at", "actor", "action", "ticket_id", "body", "rows_to", "rows"))
            if link["previous"] != self.head:
                yield f"record {link['id']} does not follow record {last}: something between them is gone or changed"
            if link["hash"] != link_hash(link["previous"], content):
                yield f"record {link['id']} ({link['action']} by {link['actor']}) was changed"
            after: dict[str, int] = json.loads(link["rows_to"])
            told: dict[str, str] = json.loads(link["rows"])
            yield from self._rows(link["id"], before, after, told)
            self.head, last, before = link["hash"], link["id"], after
            anchored = anchored or self.head == self.anchor
        if not anchored:
            yield "the anchor is not in the chain: records were cut off or rewritten"
        for name in COVERED:
            more = self._connection.execute(
                f"SELECT count(*) FROM {name} NOT INDEXED WHERE rowid > ?",  # noqa: S608 (our own names)
                (before.get(name, 0),),
            ).fetchone()[0]
            if more:
                yield f"{more} rows of {name} are in no record"

    def _rows(self, link: int, before: dict[str, int], after: dict[str, int], told: dict[str, str]) -> Iterator[str]:
        for name in COVERED:
            start, end = before.get(name, 0), after.get(name, 0)
            if start == end:
                continue
            self.rows += end - start
            if rows_digest(self._connection.execute, name, start, end) != told.get(name):
                which = f"{name} {end}" if end == start + 1 else f"one of {name} {start + 1} to {end}"
                yield f"{which} differs from what record {link} says"

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
            elif digest({**json.loads(row["payload"]), **bound_by(row)}) != row["digest"]:
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


def _names() -> set[str]:
    return {statement.split()[2] for statement in guards.statements()}
