"""Slices of the torture: `python -m tests.torture` does it for minutes."""

from __future__ import annotations

from pathlib import Path

from torture.disk import full_disks
from torture.flips import flips, look_through
from torture.machine import run
from torture.migrations import migration_kills
from torture.senders import sender_kills


def test_no_order_of_anything_sends_without_an_approval() -> None:
    """A few desks on which everybody does anything."""
    assert run(3, 20)["desks"] == 3


def test_killed_senders_send_nothing_twice_and_lose_nothing_silently(tmp_path: Path) -> None:
    """What is unclear is listed."""
    found = sender_kills(tmp_path, 4)
    assert found["duplicates"] == found["silently_lost"] == found["taken_but_neither_sent_nor_listed"] == 0
    assert found["torn"] == 0


def test_a_full_disk_loses_nothing_confirmed_and_the_desk_goes_on(tmp_path: Path) -> None:
    """One point of many."""
    found = full_disks(tmp_path, 1)
    assert (found["lost"], found["torn"], found["did_not_go_on"]) == (0, 0, 0)
    assert found["met_a_full_disk"]


def test_a_killed_migration_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """A store being made, and one being upgraded."""
    assert migration_kills(tmp_path, 2)["half_done"] == 0


def test_flipped_bits_of_content_are_found(tmp_path: Path) -> None:
    """Some of the thousand."""
    assert flips(tmp_path / "desk.db", 20, 5)["missed"] == 0


def test_looking_through_reads_every_record(tmp_path: Path) -> None:
    """Eleven of each ticket, and the first of the desk."""
    assert look_through(tmp_path / "desk.db", 20, 1)["records"] >= 220
