# ruff: noqa: S608 (every name put into a statement is our own)
"""The chain of records: each link binds its own content, the link before it, and every row kept since."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from supportdesk.domain.decision import canonical

COVERED = (
    "message",
    "attachment",
    "preparation",
    "revision",
    "finding",
    "commitment",
    "settlement",
    "seen",
    "answer",
    "decision",
    "approval",
    "escalation_event",
)
"""Append-only tables whose rows the chain covers; `raw` covers itself, its key being its content's hash."""

GENESIS = "0" * 64
"""The hash before the first link."""

HEADS = "SELECT " + ", ".join(f"coalesce((SELECT max(rowid) FROM {name}), 0)" for name in COVERED)
"""The last row of every covered table."""

Rows = Callable[[str, tuple[object, ...]], Iterable[Any]]


def link_hash(previous: str, content: tuple[object, ...]) -> str:
    """The hash of one link: SHA-256 over the previous hash and at, actor, action, ticket, body, rows_to, rows."""
    return hashlib.sha256(canonical([previous, *content])).hexdigest()


def rows_between(rows: Rows, before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, str]:
    """A digest a table over the rows kept between two states; tables without new rows are left out."""
    return {
        name: rows_digest(rows, name, before.get(name, 0), end)
        for name, end in after.items()
        if end != before.get(name, 0)
    }


def rows_digest(rows: Rows, name: str, start: int, end: int) -> str:
    """The digest of a table's rows after `start` up to `end`, read from the rows and never from an index."""
    found = hashlib.sha256()
    query = f"SELECT * FROM {name} NOT INDEXED WHERE rowid > ? AND rowid <= ? ORDER BY rowid"
    for row in rows(query, (start, end)):
        found.update(canonical(list(row)))
        found.update(b"\n")
    return found.hexdigest()
