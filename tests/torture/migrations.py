"""Making and upgrading a store, killed at any moment: whole or not at all."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from torture.flips import filled_store
from torture.forks import forked, killed_after

from supportdesk.bootstrap import open_desk
from supportdesk.settings import Settings
from supportdesk.store import guards, migrate
from supportdesk.store.verify import verify

_STEP = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, words TEXT NOT NULL) STRICT")
    op.execute("ALTER TABLE ticket ADD COLUMN later INTEGER NOT NULL DEFAULT 0")
    for _ in range(20):
        op.execute("INSERT INTO later (ticket_id, words) SELECT id, hex(randomblob(500)) FROM ticket")
    op.execute("UPDATE ticket SET later = 20, version = version + 1")
"""


def migration_kills(folder: Path, kills: int, seed: int = 6) -> dict[str, int]:
    """Kill processes that make a new store, and processes that upgrade one, half each."""
    chance = random.Random(seed)
    made = _making(folder, kills // 2, chance)
    upgraded = _upgrading(folder, kills - kills // 2, chance)
    return {
        "kills": kills,
        "before": made[0] + upgraded[0],
        "within": made[1] + upgraded[1],
        "after": made[2] + upgraded[2],
        "half_done": made[3] + upgraded[3],
    }


def _making(folder: Path, kills: int, chance: random.Random) -> tuple[int, int, int, int]:
    file = folder / "new" / "desk.db"

    def make() -> None:
        open_desk(file, Settings(), login="lea").close()

    def clean() -> None:
        shutil.rmtree(file.parent, ignore_errors=True)

    whole = len(guards.statements())

    def state() -> tuple[bool, bool]:
        if not file.exists():
            return True, False
        with closing(sqlite3.connect(file)) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
            ours = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone()[0]
        return tables == 0, tables > 0 and ours >= whole

    return _cycles(kills, chance, clean, make, state, file)


def _upgrading(folder: Path, kills: int, chance: random.Random) -> tuple[int, int, int, int]:
    scripts = folder / "migrations"
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "0002_later.py").write_text(_STEP)
    old, file = folder / "old.db", folder / "older" / "desk.db"
    filled_store(old, 200)

    def renew() -> None:
        shutil.rmtree(file.parent, ignore_errors=True)
        file.parent.mkdir()
        shutil.copy(old, file)

    def upgrade() -> None:
        migrate.SCRIPTS, migrate.HEAD = scripts, "0002"
        open_desk(file, Settings(), login="lea").close()

    def state() -> tuple[bool, bool]:
        with closing(sqlite3.connect(file)) as connection:
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            columns = [c[1] for c in connection.execute("PRAGMA table_info(ticket)")]
            there = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone()[0]
            rows = connection.execute("SELECT count(*) FROM later").fetchone()[0] if there else 0
            moved = "later" in columns and connection.execute("SELECT min(later) FROM ticket").fetchone()[0] == 20
        whole = version == "0002" and rows == 4000 and moved
        return version == "0001" and not there and "later" not in columns, whole

    return _cycles(kills, chance, renew, upgrade, state, file)


def _cycles(
    kills: int,
    chance: random.Random,
    prepare: Callable[[], None],
    work: Callable[[], None],
    state: Callable[[], tuple[bool, bool]],
    file: Path,
) -> tuple[int, int, int, int]:
    """Counts of what a kill left: nothing done and too early, nothing done, all done, and half done."""
    prepare()
    began = time.monotonic()
    assert os.waitpid(forked(work), 0)[1] == 0
    takes = time.monotonic() - began
    before = within = after = half = 0
    for _ in range(kills):
        prepare()
        killed_after(chance.random() * takes, work)
        begun = _begun(file)
        nothing, whole = state()
        if nothing:
            before, within = (before + 1, within) if not begun else (before, within + 1)
        elif whole:
            after += 1
        half += not nothing and not whole
        # Whatever was left, the next start makes it whole.
        assert os.waitpid(forked(work), 0)[1] == 0
        half += not state()[1] or bool(verify(file).differences)
    return before, within, after, half


def _begun(file: Path) -> bool:
    return file.exists() and file.with_name(file.name + "-wal").exists()
