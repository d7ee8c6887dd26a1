# ruff: noqa: S608 (every name put into a statement is our own)
"""The chain of records: each link binds its own content, the link before it, and every row kept since.

Digests of content are salted, a salt a link: once salt and content are erased, nothing can be guessed from the
digest that stays, and the chain still stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from json import encoder
from typing import Any

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
    "erasure",
)
"""Append-only tables whose rows the chain covers; `raw` covers itself, its key being its content's hash."""

ERASED = "erased"
"""Stands where something had to be erased that may not be empty."""

GENESIS = "0" * 64
"""The hash before the first link."""

ORIGIN = ",".join("0" for _ in COVERED)
"""The last rows before the first link."""

HEADS = " || ',' || ".join(f"coalesce((SELECT max(rowid) FROM {name}), 0)" for name in COVERED)
"""An expression: the last row of every covered table, as `rows_to` has it."""

Rows = Callable[[str, tuple[object, ...]], Iterable[Any]]


def _encoder() -> Callable[[object], str]:
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
    # `json.dumps` makes this anew for every call, at twice the price of using it.
    chunks = make(None, None, encoder.encode_basestring_ascii, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


encode = _encoder()
"""Lists of text, whole numbers and None as JSON without spaces, ASCII only: the same bytes everywhere."""


def link_hash(previous: str, at: int, actor: str, action: str, ticket: int, bound: str, rows_to: str, rows: str) -> str:
    """The hash of one link: over the previous hash and all it says, its particulars by their digest."""
    content = f"{previous} {at} {len(actor)} {len(action)} {actor} {action} {ticket} {bound} {rows_to} {rows}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def body_digest(salt: str, body: str) -> str:
    """The salted digest of a link's particulars."""
    return hashlib.sha256(f"{salt}{body}".encode()).hexdigest()


def digest_of(salt: str, rows: Sequence[Sequence[object]]) -> str:
    """The salted digest of some rows, each with its number first."""
    return hashlib.sha256((salt + encode(rows)).encode("ascii")).hexdigest()


def rows_between(rows: Rows, salt: str, before: str, after: str) -> str:
    """A digest a table over the rows kept between two states, as `name:digest name:digest`."""
    if before == after:
        return ""
    found = []
    for name, start, end in zip(COVERED, before.split(","), after.split(","), strict=True):
        if start != end:
            found.append(f"{name}:{rows_digest(rows, salt, name, int(start), int(end))}")
    return " ".join(found)


def rows_digest(rows: Rows, salt: str, name: str, start: int, end: int) -> str:
    """The digest of a table's rows after `start` up to `end`, read from the rows and never from an index."""
    query = f"SELECT rowid, * FROM {name} NOT INDEXED WHERE rowid > ? AND rowid <= ? ORDER BY rowid"
    return digest_of(salt, [tuple(row) for row in rows(query, (start, end))])
