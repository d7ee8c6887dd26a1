"""Would the attacks notice a guard that was spoilt? A slice here; all of them in `python -m tests.torture`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hostile.gate_attacks import make_store
from hostile.gate_mutants import mutants, surviving

SLICE = 37
"""Every so many; a prime, so that every kind of guard is met."""


def test_spoilt_guards_are_noticed(tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """At least 95 of 100 guards with one condition gone or turned round let an attack through or stop honest work."""
    file = tmp_path / "desk.db"
    make_store(file, clock)
    connection = sqlite3.connect(file)
    every = mutants(connection)
    connection.close()
    assert len(every) > 300
    built, alive = surviving(file, every[::SLICE])
    assert built > 20
    assert len(alive) <= 0.05 * built, [f"{m.trigger}: {m.what}" for m in alive]
