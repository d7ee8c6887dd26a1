"""The store's troubles: one clear sentence each, nothing overwritten, nothing acknowledged lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from journeys.test_one_tickets_way import bring

from supportdesk.bootstrap import open_desk
from supportdesk.errors import StoreTrouble
from supportdesk.services.desk import Desk
from supportdesk.settings import Settings
from supportdesk.store import engine
from supportdesk.store.backup import backup, restore
from supportdesk.store.verify import verify


def reopen(desk: Desk) -> Desk:
    return open_desk(desk.file, Settings(), login="lea", clock=desk.clock)


def settled(desk: Desk) -> bytes:
    """Closed, all in one file; returns its bytes."""
    desk.close()
    with closing(sqlite3.connect(desk.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return desk.file.read_bytes()


def test_a_store_somebody_holds_too_long_is_said_to_be_busy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting has an end; nothing was changed."""
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 50)
    other = reopen(desk)
    with closing(sqlite3.connect(desk.file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreTrouble, match="busy"):
            other.review.note(1, "lea", "hello")
    other.close()


def test_a_store_from_a_newer_version_is_left_as_it_is(desk: Desk) -> None:
    """The sentence says what to upgrade."""
    desk.close()
    with closing(sqlite3.connect(desk.file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = settled(desk)
    with pytest.raises(StoreTrouble, match=r"newer supportdesk.*Upgrade"):
        reopen(desk)
    assert settled(desk) == before


@pytest.mark.parametrize("content", [b"From: somebody\n\nhello" * 100, b"x", b"\x00" * 4096])
def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path, clock, content: bytes) -> None:  # type: ignore[no-untyped-def]
    """A mailbox named by mistake is not overwritten."""
    file = tmp_path / "inbox.mbox"
    file.write_bytes(content)
    with pytest.raises(StoreTrouble, match="left as it "):
        open_desk(file, Settings(), login="lea", clock=clock)
    assert file.read_bytes() == content


def test_a_truncated_store_is_said_to_be_damaged(desk: Desk, tmp_path: Path) -> None:
    """Half a file: a sentence, from the desk and from verify, and the half is kept."""
    bring(desk, tmp_path)
    whole = settled(desk)
    half = whole[: len(whole) // 2]
    desk.file.write_bytes(half)
    assert verify(desk.file).differences
    with pytest.raises(StoreTrouble, match="damaged"):
        opened = reopen(desk)
        try:
            for ticket in (1, 2):
                opened.review.open(ticket, "ana")
            opened.review.take(1, "ana")
        finally:
            opened.close()
    assert desk.file.read_bytes()[:4096] == half[:4096]


@pytest.mark.parametrize("how", ["replaced", "removed", "restored"])
def test_a_store_replaced_under_the_desk_is_noticed_and_not_written_to(desk: Desk, tmp_path: Path, how: str) -> None:
    """Neither into the lost file nor into the new one; the sentence says what to do; a new start goes on."""
    ticket = bring(desk, tmp_path)
    desk.review.note(ticket, "lea", "before")
    copy = tmp_path / "copy.db"
    backup(desk.file, copy)
    if how == "removed":
        desk.file.unlink()
    elif how == "replaced":
        copy.rename(desk.file)
    else:
        restore(copy, desk.file)
    there = desk.file.read_bytes() if desk.file.exists() else b""
    for act in (lambda: desk.review.note(ticket, "lea", "after"), lambda: desk.review.open(ticket, "lea")):
        with pytest.raises(StoreTrouble, match="replaced or removed while it was open"):
            act()
    assert (desk.file.read_bytes() if desk.file.exists() else b"") == there
    desk.close()
    if how != "removed":
        opened = reopen(desk)
        assert [m.text for m in opened.review.open(ticket, "lea").thread.messages][-1] == "before"
        opened.close()
        assert verify(desk.file).differences == ()


def test_a_store_that_may_only_be_read_says_so(desk: Desk, tmp_path: Path) -> None:
    """On a disk that is mounted read-only, or for somebody without the rights; nothing is changed."""
    desk.close()
    place = tmp_path / "only"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount")
    try:
        shutil.copy(desk.file, place / "desk.db")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        with pytest.raises(StoreTrouble, match=r"Read-only.*Nothing was changed"):
            open_desk(place / "desk.db", Settings(), login="lea", clock=desk.clock)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_loses_nothing_that_was_confirmed(desk: Desk, tmp_path: Path) -> None:
    """A process that may not write more than so much; what it confirmed is there, and a desk with room goes on."""
    ticket = bring(desk, tmp_path)
    desk.close()
    script = """
import resource, signal, sys
from pathlib import Path
from supportdesk.bootstrap import open_desk
from supportdesk.errors import StoreTrouble
from supportdesk.settings import Settings
desk = open_desk(Path(sys.argv[1]), Settings(), login="lea")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = Path(sys.argv[1]).stat().st_size + 200_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
kept = 0
try:
    while True:
        desk.review.note(int(sys.argv[2]), "lea", f"note {kept} " + "x" * 20_000)
        kept += 1
except StoreTrouble as trouble:
    print(kept, trouble)
"""
    command = [sys.executable, "-c", script, str(desk.file), str(ticket)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ}, check=False)
    kept, _, words = done.stdout.partition(" ")
    assert "disk" in words, done
    opened = reopen(desk)
    notes = [m for m in opened.review.open(ticket, "ana").thread.messages if m.text.startswith("note ")]
    assert len(notes) == int(kept) > 0
    opened.review.note(ticket, "lea", "room again")
    opened.close()
    assert verify(desk.file).differences == ()
