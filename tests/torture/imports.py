"""The same mailbox imported twice, in parts, in parallel, and after kills anywhere: the same desk every time."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.services import intake
from supportdesk.settings import Settings
from supportdesk.store.verify import verify

_FORK = get_context("fork")
_TOGETHER = 7
"""Messages a transaction, so that a small mailbox has many places to be killed in."""


def write_parts(folder: Path, threads: int = 40, parts: int = 3) -> list[Path]:
    """A mailbox and its parts: threads of one to four mails in a jumble, some twice, some that cannot be read."""
    chance = random.Random(5)
    mails: list[bytes] = []
    for number in range(threads):
        before: list[str] = []
        for place in range(chance.randint(1, 4)):
            known = f"<{number}.{place}@x.example>"
            refs = f"In-Reply-To: {before[-1]}\nReferences: {' '.join(before)}\n" if before else ""
            mark = "Re: " if place else ""
            who = f"c{number}@x.example" if place % 2 == 0 else "help@shop.example"
            to = "help@shop.example" if place % 2 == 0 else f"c{number}@x.example"
            when = f"{1 + place:02} Mar 2026 {number % 24:02}:{number % 60:02}:00 +0000"
            body = f"{chance.random()} " * chance.randint(1, 400)
            mails.append(
                f"From: {who}\nTo: {to}\nSubject: {mark}Matter {number}\nMessage-ID: {known}\n{refs}Date: {when}\n\n"
                f"{body}\n".encode()
            )
            before.append(known)
    chance.shuffle(mails)
    mails += mails[:5]
    mails.insert(3, b"no header at all, and nothing a mail has\n\nx\n")
    head = b"From x@x.example Mon Mar  9 09:00:00 2026\n"
    cuts = sorted(chance.sample(range(1, len(mails)), parts - 1))
    found = []
    for name, some in zip(
        ("all", *(f"part{n}" for n in range(parts))),
        (mails, *(mails[a:b] for a, b in zip((0, *cuts), (*cuts, len(mails)), strict=True))),
        strict=True,
    ):
        path = folder / f"{name}.mbox"
        path.write_bytes(b"".join(head + mail + b"\n" for mail in some))
        found.append(path)
    return found


def dump(file: Path) -> object:
    """What a desk holds, in an order and without numbers that depend on when it came."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        tickets = connection.execute(
            "SELECT id, subject, requester_email, requester_name, channel, status, reopened, created_at, updated_at,"
            " thread_version, stale, press FROM ticket"
        ).fetchall()
        messages = (
            "SELECT author, sender_email, to_json, cc_json, sent_at, kind, message_id, references_json, remarks_json,"
            " text, raw, fingerprint FROM message WHERE ticket_id = ? ORDER BY sent_at, message_id"
        )
        found = sorted((t[1:], connection.execute(messages, (t[0],)).fetchall()) for t in tickets)
        aside = sorted(connection.execute("SELECT sha256, reason FROM set_aside"))
        index = connection.execute("SELECT count(*) FROM message_fts").fetchone()
        raw = sorted(connection.execute("SELECT sha256, size FROM raw"))
    return found, aside, index, raw


def import_into(file: Path, *boxes: Path) -> None:
    """Import mailboxes, one after another, in small transactions."""
    intake.BATCH = _TOGETHER
    desk = open_desk(file, Settings(), login="lea")
    for box in boxes:
        with open_source(box, own_addresses=frozenset({"help@shop.example"}), processes=1) as source:
            desk.intake.take(source)
    desk.close()


def _begun(file: Path, *boxes: Path) -> BaseProcess:
    process = _FORK.Process(target=import_into, args=(file, *boxes))
    process.start()
    return process


def twice(file: Path, boxes: Sequence[Path], chance: random.Random) -> None:
    """The whole, and the whole again."""
    _begun(file, boxes[0], boxes[0]).join()


def in_parts(file: Path, boxes: Sequence[Path], chance: random.Random) -> None:
    """The parts, in any order."""
    some = list(boxes[1:])
    chance.shuffle(some)
    _begun(file, *some).join()


def in_parallel(file: Path, boxes: Sequence[Path], chance: random.Random) -> None:
    """The parts by a process each, and the whole by another."""
    for process in [_begun(file, box) for box in boxes]:
        process.join()


def killed(file: Path, boxes: Sequence[Path], chance: random.Random) -> None:
    """The whole, killed at random up to three times, and then to its end."""
    for _ in range(chance.randint(1, 3)):
        process = _begun(file, boxes[0])
        time.sleep(chance.uniform(0.0, 1.5))
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    _begun(file, boxes[0]).join()


WAYS: tuple[Callable[[Path, Sequence[Path], random.Random], None], ...] = (twice, in_parts, in_parallel, killed, killed)


def imports(folder: Path, runs: int) -> dict[str, int]:
    """So many imports in all these ways; how many gave another desk, or one whose records do not verify."""
    boxes = write_parts(folder)
    empty = folder / "empty.db"
    open_desk(empty, Settings(), login="lea").close()
    with contextlib.closing(sqlite3.connect(empty)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    expected: object = None
    figures = {"runs": 0, "kills": 0, "other": 0, "broken": 0}
    for number in range(-1, runs):
        file = folder / f"desk{number}.db"
        shutil.copy(empty, file)
        way = WAYS[number % len(WAYS)] if number >= 0 else twice
        way(file, boxes, random.Random(number))
        found = dump(file)
        if number < 0:
            expected = found
        else:
            figures["runs"] += 1
            figures["kills"] += way is killed
            figures["other"] += found != expected
            figures["broken"] += bool(verify(file).differences)
        for left in folder.glob(f"desk{number}.db*"):
            left.unlink()
    return figures
