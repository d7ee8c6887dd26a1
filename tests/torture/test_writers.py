"""A slice of the torture: `python -m tests.torture` does it for minutes."""

from __future__ import annotations

from pathlib import Path

from torture.writers import kill_cycles, race


def test_killed_writers_lose_nothing_they_confirmed(tmp_path: Path) -> None:
    """Six kills among two writers: every confirmed note is there once, and the chain verifies."""
    figures = kill_cycles(tmp_path / "desk.db", 6, writers=2)
    assert figures["confirmed"] > 0
    assert (figures["lost"], figures["twice"], figures["torn"]) == (0, 0, 0)


def test_racing_writers_lose_no_update(tmp_path: Path) -> None:
    """Two processes count the same field up."""
    assert race(tmp_path, 2, 10)["lost"] == 0
