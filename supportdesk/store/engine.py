"""Opening the store and its transactions: WAL, FULL, BEGIN IMMEDIATE for every write; one sentence a trouble."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from supportdesk.errors import StoreTrouble
from supportdesk.paths import private_folder
from supportdesk.store.authorizer import authorise

BUSY_MILLISECONDS = 10_000
"""How long a writer waits for another before it gives up."""

CONNECTIONS = 40
"""How many connections are kept; opening one costs more than most transactions."""

_NAP = 0.0005
"""Seconds between two tries to begin writing."""

_TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()

_OPENED: WeakKeyDictionary[Engine, tuple[Path, tuple[int, int]]] = WeakKeyDictionary()
"""Which file each engine opened: device and inode."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    # Each of a workstation's connections has its own cache; the system's own holds the pages for all of them.
    "PRAGMA cache_size=-3000",
    "PRAGMA mmap_size=0",
)


def make_engine(file: Path, *, reshape: bool = False, reading: bool = False) -> Engine:
    """An engine on a store file, which is made (0600, its folder 0700) if it is not there.

    Only with `reshape` may its connections change the store's shape: for migrations. With `reading` they write nothing.

    Raises StoreTrouble when the file cannot be made, opened or is no store.
    """
    _make_private(file)
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args={
            "timeout": BUSY_MILLISECONDS / 1000,
            "check_same_thread": False,
            "isolation_level": None,
            "cached_statements": 512,
        },
        # As many as the back office has threads, made when they are needed; the one last used is taken first.
        pool_size=CONNECTIONS,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
        if reading:
            # For good: switched for each reading, it would make SQLite compile every statement again.
            connection.execute("PRAGMA query_only=ON").close()
        if not reshape:
            _guard(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        raw = cast("sqlite3.Connection", connection.connection.driver_connection)
        if connection.get_execution_options().get("writes"):
            _begin_writing(raw)
        else:
            raw.execute("BEGIN")

    _OPENED[engine] = file, _which(file)
    return engine


def _begin_writing(connection: sqlite3.Connection) -> None:
    """BEGIN IMMEDIATE, asked for often: SQLite's own waiting sleeps longer each time, and the store lies idle."""
    ends = time.monotonic() + BUSY_MILLISECONDS / 1000
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() >= ends:
                    raise
            time.sleep(_NAP)
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")


def _guard(connection: sqlite3.Connection) -> None:
    # FTS5 and json_each declare their tables when they are first touched, which needs rights that are taken away below.
    names = "SELECT name FROM sqlite_master WHERE name IN ('message_fts', 'article_fts')"
    for (name,) in connection.execute(names).fetchall():
        connection.execute(f"SELECT 1 FROM {name} LIMIT 0").close()  # noqa: S608 (one of two literals)
    connection.execute("SELECT 1 FROM json_each('[]')").close()
    connection.set_authorizer(authorise)


def _make_private(file: Path) -> None:
    try:
        private_folder(file.parent)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreTrouble(f"Cannot open the store {file}: {error.strerror or error}. Nothing was changed.") from error
    with contextlib.closing(os.fdopen(descriptor, "rb")) as opened:
        head = opened.read(16)
    if head and head != b"SQLite format 3\x00":
        raise StoreTrouble(f"{file} is not a supportdesk store; it was left as it is. Name another with --store.")


@contextlib.contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """One transaction: committed when the block ends, rolled back when it raises.

    Raises StoreTrouble, in one sentence, for everything that is the store's own fault.
    """
    turn = _turn(engine) if writes else contextlib.nullcontext()
    _still_there(engine)
    try:
        with turn, translated(), engine.connect().execution_options(writes=writes) as connection, connection.begin():
            yield connection
        if writes:
            # Committed into a file that has lost its name is not kept, and must not be called so.
            _still_there(engine)
    except StoreTrouble as trouble:
        if str(trouble) == _RESHAPED:
            # Fresh connections know the new shape, and open the search index before they lose the right to.
            engine.dispose()
        raise


def _still_there(engine: Engine) -> None:
    """Raise StoreTrouble when the file is not the one that was opened: SQLite would go on writing to the lost one."""
    file, opened = _OPENED[engine]
    if _which(file) != opened:
        raise StoreTrouble(
            f"The store {file} was replaced or removed while it was open here. What was confirmed before that is in "
            "the file that was there; nothing is written to the new one. Leave and start again."
        )


def _which(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """A writer's turn among this process's threads: SQLite's own way of waiting sleeps, up to 100 ms at a time."""
    lock = _TURNS.setdefault(engine, threading.Lock())
    mine = lock.acquire(timeout=BUSY_MILLISECONDS / 1000)
    try:
        yield
    finally:
        if mine:
            lock.release()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the database's troubles into StoreTrouble; guards' refusals pass as StoreTrouble with their own words."""
    try:
        yield
    except DBAPIError as error:
        raise StoreTrouble(_sentence(str(error.orig))) from error
    except sqlite3.Error as error:
        raise StoreTrouble(_sentence(str(error))) from error


_RESHAPED = "The store was written anew by another process meanwhile. Nothing was changed; try again."
_TROUBLES = (
    ("locked", "The store is busy: another process has held it for too long. Nothing was changed; try again."),
    ("readonly", "The store is read-only for you. Nothing was changed; check the permissions of its file and folder."),
    ("vtable constructor", _RESHAPED),
    ("full", "The disk is full. Nothing was changed; make room and try again."),
    ("unable to open", "The store's file cannot be opened; check its folder's permissions and free space."),
    ("malformed", "The store is damaged. Nothing was changed; restore a backup, or run `supportdesk verify`."),
    ("not a database", "The store's file is not a database; it was left as it is."),
    ("disk I/O", "The disk failed while the store was used. What was confirmed before is kept; check the disk."),
)


def _sentence(words: str) -> str:
    if words.startswith("gate:"):
        return f"The store refused: {words.removeprefix('gate:').strip()}."
    for sign, sentence in _TROUBLES:
        if sign in words:
            return sentence
    return f"The store refused: {words}."
