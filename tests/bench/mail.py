"""Importing a mailbox, store and full-text index included, against a bare parse of it by the standard library.

Each measurement is a process of its own, on both processors or bound to one; both sides take turns. Where Debian's
notmuch is installed, its `notmuch new` on the same mails is a third. SUPPORTDESK_BENCH_MAILS makes it shorter.
"""

from __future__ import annotations

import email
import email.policy
import mailbox
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.settings import Settings

from .rows import Row, in_turn

MESSAGES = int(os.environ.get("SUPPORTDESK_BENCH_MAILS", "20000"))
ROUNDS = 2
_LONG = (1_000, 200_000)
"""Messages between which memory must stay flat."""
_WORDS = (
    "order", "invoice", "delivery", "battery", "refund", "account", "login", "parcel", "monday", "please", "app",
    "bike", "saddle", "charge", "twice", "customer", "address", "change", "cancel", "subscription", "week",
    "thanks", "broken", "wheel", "shop", "service", "number", "answer", "question", "phone", "again", "email",
    "warranty", "repair", "paid", "price", "discount", "return", "damaged", "missing", "colour", "size", "helmet",
    "light", "lock", "tyre", "pump",
)  # fmt: skip


def rows() -> Iterator[Row]:
    """Reading alone, the whole import on two processors and on one, notmuch, and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box = folder / "inbox.mbox"
        write_box(box, MESSAGES)
        bare = "mailbox + email(policy.default)"
        yield _turns(f"read {MESSAGES:,} mails", box, _read, _parse, bare, 1 / 1.5)
        yield _turns(f"import {MESSAGES:,} mails", box, _import, _parse, bare, 1 / 1.5)
        yield _turns(f"import {MESSAGES:,} mails, one processor", box, _import, _parse, bare, 1 / 0.8, bound=True)
        if shutil.which("notmuch"):
            maildir = folder / "maildir"
            _as_maildir(box, maildir)
            yield _turns(f"import {MESSAGES:,} mails", box, _import, _notmuch, "notmuch new", 1.0, maildir)
        small, large = (min(n, MESSAGES * 10) for n in _LONG)
        yield _memory(folder, small, large)


def write_box(box: Path, count: int) -> None:
    """An mbox of so many different mails: letters and answers, a third of them not plain."""
    with box.open("wb") as file:
        for number in range(count):
            file.write(_mail(number))


def _mail(number: int) -> bytes:
    chance = random.Random(number)
    body = "\n".join(" ".join(chance.choices(_WORDS, k=12)) for _ in range(chance.randint(3, 40)))
    reply = f"In-Reply-To: <m{number - 1}@x.example>\nReferences: <m{number - 1}@x.example>\n" if number % 3 else ""
    kind, text = "text/plain; charset=utf-8", body
    if number % 6 == 0:
        kind = 'multipart/alternative; boundary="b"'
        html = "".join(f"<p>{line}</p>" for line in body.splitlines())
        text = (
            f"--b\nContent-Type: text/plain\n\n{body}\n\n--b\nContent-Type: text/html\n\n<html>{html}</html>\n\n--b--\n"
        )
    elif number % 6 == 3:
        text = body.replace("e", "é", 40)
    return (
        f"From c{number}@x.example Mon Mar  9 09:00:00 2026\nFrom: Customer {number} <c{number}@x.example>\n"
        f"To: help@shop.example\nSubject: {' '.join(chance.choices(_WORDS, k=4))}\nMessage-ID: <m{number}@x.example>\n"
        f"{reply}Date: Mon, 09 Mar 2026 09:{number % 60:02}:00 +0000\nMIME-Version: 1.0\n"
        f"Content-Type: {kind}\n\n{text}\n\n"
    ).encode()


def _turns(
    what: str,
    box: Path,
    ours: Callable[..., None],
    theirs: Callable[..., None],
    against: str,
    goal: float,
    *more: Path,
    bound: bool = False,
) -> Row:
    """Both sides in turn, each in a process of its own."""
    return in_turn(
        what,
        lambda: _apart(ours, box, bound=bound)[0],
        lambda: _apart(theirs, box, *more, bound=bound)[0],
        against,
        goal,
        ROUNDS,
    )


def _apart(call: Callable[..., None], *places: Path, bound: bool = False) -> tuple[float, int]:
    """Seconds and the most memory (KiB, children included) of a call in a fresh process."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_told, args=(theirs, call, places, bound))
    process.start()
    theirs.close()
    found: tuple[float, int] = ours.recv()
    process.join()
    return found


def _told(pipe: Any, call: Callable[..., None], places: tuple[Path, ...], bound: bool) -> None:
    if bound and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    started = time.perf_counter()
    call(*places)
    took = time.perf_counter() - started
    most = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    pipe.send((took, most))


def _memory(folder: Path, small: int, large: int) -> Row:
    """The most memory of importing many mails against that of a few."""
    found = []
    for count in (small, large):
        box = folder / f"{count}.mbox"
        write_box(box, count)
        found.append(_apart(_import, box)[1])
        box.unlink()
    return Row(f"memory (KiB), {large:,} mails", found[1], found[0], f"{small:,} mails", 1.3)


def _read(box: Path) -> None:
    with open_source(box) as source:
        assert sum(1 for _ in source)


def _parse(box: Path) -> None:
    for key in (opened := mailbox.mbox(box, create=False)).iterkeys():
        message = email.message_from_bytes(opened.get_bytes(key), policy=email.policy.default)
        _ = (message["From"], message["Subject"], message["Message-ID"], message["Date"])
        body = message.get_body(("plain", "html"))
        assert body is not None and body.get_content()


def _import(box: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = open_desk(Path(folder) / "desk.db", Settings(), login="lea")
        with open_source(box) as source:
            report = desk.intake.take(source)
        assert report.messages and not report.set_aside and not report.duplicates
        desk.close()


def _as_maildir(box: Path, maildir: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    opened = mailbox.mbox(box, create=False)
    for number, key in enumerate(opened.iterkeys()):
        (maildir / "cur" / f"{number}:2,S").write_bytes(opened.get_bytes(key))


def _notmuch(_box: Path, maildir: Path) -> None:
    shutil.rmtree(maildir / ".notmuch", ignore_errors=True)
    config = maildir.parent / "notmuch"
    config.write_text(f"[database]\npath={maildir}\n[user]\nname=x\nprimary_email=x@y.example\n[new]\ntags=new\n")
    command = [shutil.which("notmuch") or "notmuch", f"--config={config}", "new", "--quiet"]
    subprocess.run(command, check=True, stdout=sys.stderr)
