"""Content kept as it came: once each, by its hash, compressed."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Mapping

from sqlalchemy import Connection, select, text

from supportdesk.errors import NotFound
from supportdesk.store.tables import RawRow, table

_RAW = table(RawRow)
_KEEP = "INSERT INTO raw (sha256, size, body) VALUES (?, ?, ?)"
_AT_ONCE = 400


def keep(connection: Connection, content: bytes) -> str:
    """Keep content, once; returns its SHA-256 in hex."""
    sha256 = hashlib.sha256(content).hexdigest()
    statement = text("INSERT OR IGNORE INTO raw (sha256, size, body) VALUES (:sha256, :size, :body)")
    known = connection.execute(select(_RAW.c.size).where(_RAW.c.sha256 == sha256)).first()
    if known is None:
        body = zlib.compress(content, 1)
        connection.execute(statement, {"sha256": sha256, "size": len(content), "body": body})
    return sha256


def keep_all(connection: sqlite3.Connection, contents: Mapping[str, bytes]) -> None:
    """Keep contents by their SHA-256 in hex, each once."""
    waiting = list(contents)
    known: set[str] = set()
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        known.update(row[0] for row in connection.execute(f"SELECT sha256 FROM raw WHERE sha256 IN ({marks})", some))  # noqa: S608 (marks only)
    connection.executemany(_KEEP, [(s, len(c), zlib.compress(c, 1)) for s, c in contents.items() if s not in known])


def load(connection: Connection, sha256: str) -> bytes:
    """Kept content. Raises NotFound."""
    body = connection.execute(select(_RAW.c.body).where(_RAW.c.sha256 == sha256)).scalar()
    if body is None:
        raise NotFound("That file's content is not kept in this store.")
    return zlib.decompress(body)
