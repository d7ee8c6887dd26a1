"""Does the store still say what was recorded? Chain, rows, sent replies and guards; each difference is named."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from supportdesk.domain.decision import digest
from supportdesk.errors import StoreTrouble
from supportdesk.store import guards, tallies
from supportdesk.store.chain import COVERED, ERASED, GENESIS
from supportdesk.store.decisions import bound_by
from supportdesk.store.links import DAMAGE, Stretch, look_along, read_only


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
    look = _Look(file, anchor)
    try:
        with closing(read_only(file)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            look.at(connection)
    except DAMAGE as error:
        look.differences.append(f"the file is damaged: {error}")
    return Verified(look.links, look.rows, look.head, tuple(look.differences))


class _Look:
    """One look through a store."""

    def __init__(self, file: Path, anchor: str) -> None:
        self.file = file
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
            except DAMAGE as error:
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
        last = self._connection.execute("SELECT coalesce(max(rowid), 0) FROM audit").fetchone()[0]
        shares = _shares(last)
        helpers = [_helper(self.file, *share, self.anchor) for share in shares[:-1]]
        own = look_along(self._connection, *shares[-1], self.anchor)
        found = [*map(_heard, helpers), own]
        for stretch in found:
            self.links += stretch.links
            self.rows += stretch.rows
            yield from stretch.differences
        self.head = own.head
        if self.anchor and not any(stretch.anchored for stretch in found):
            yield "the anchor is not in the chain: records were cut off or rewritten"
        for name, end in zip(COVERED, own.heads.split(","), strict=True):
            query = f"SELECT count(*) FROM {name} NOT INDEXED WHERE rowid > ?"  # noqa: S608 (our own names)
            if more := self._connection.execute(query, (int(end),)).fetchone()[0]:
                yield f"{more} rows of {name} are in no record"

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


_SHARE = 40_000
"""Links from which another process is worth its start."""


def _shares(last: int) -> list[tuple[int, int]]:
    """Stretches of the chain, one a processor; the last one is ours, and smaller, as there is more to look at."""
    count = max(1, min(os.cpu_count() or 1, 8, last // _SHARE)) if sys.executable else 1
    cut = [last * n // count for n in range(count)] + [last]
    if count > 1:
        cut[-2] += (last - cut[-2]) // 4
    return list(pairwise(cut))


def _helper(file: Path, before: int, last: int, anchor: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "supportdesk.store.links", str(file), str(before), str(last), anchor]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603 (ourselves)


def _heard(helper: subprocess.Popen[str]) -> Stretch:
    out, _ = helper.communicate()
    if helper.returncode:
        return Stretch(differences=["a part of the chain could not be looked at"])
    return Stretch(**json.loads(out))


def _names() -> set[str]:
    return {statement.split()[2] for statement in (*guards.statements(), *tallies.statements())}
