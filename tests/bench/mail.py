"""Importing a mailbox against a bare parse of the same file by the standard library."""

from __future__ import annotations

import email
import email.policy
import mailbox
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.settings import Settings

from .rows import Row, side_by_side

MESSAGES = 4000
_WORDS = ("order", "invoice", "delivery", "battery", "refund", "account", "login", "parcel", "monday", "please", "app")


def rows() -> Iterator[Row]:
    """Reading alone, and the whole import into a store with its search index."""
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "inbox.mbox"
        box.write_bytes(b"".join(_mail(number) for number in range(MESSAGES)))
        bare = "mailbox + email(policy.default)"
        yield side_by_side(f"read {MESSAGES} mails", lambda: _read(box), lambda: _parse(box), bare, 1 / 1.5)
        yield side_by_side(f"import {MESSAGES} mails", lambda: _import(box), lambda: _parse(box), bare, 1 / 0.8)


def _mail(number: int) -> bytes:
    chance = random.Random(number)
    body = "\n".join(" ".join(chance.choices(_WORDS, k=12)) for _ in range(chance.randint(3, 40)))
    reply = f"In-Reply-To: <m{number - 1}@x.example>\nReferences: <m{number - 1}@x.example>\n" if number % 3 else ""
    return (
        f"From c{number}@x.example Mon Mar  9 09:00:00 2026\nFrom: Customer {number} <c{number}@x.example>\n"
        f"To: help@shop.example\nSubject: {' '.join(chance.choices(_WORDS, k=4))}\nMessage-ID: <m{number}@x.example>\n"
        f"{reply}Date: Mon, 09 Mar 2026 09:{number % 60:02}:00 +0000\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{body}\n\n"
    ).encode()


def _read(box: Path) -> None:
    with open_source(box) as source:
        assert sum(1 for _ in source) == MESSAGES


def _parse(box: Path) -> None:
    count = 0
    for key in (opened := mailbox.mbox(box, create=False)).iterkeys():
        message = email.message_from_bytes(opened.get_bytes(key), policy=email.policy.default)
        _ = (message["From"], message["Subject"], message["Message-ID"], message["Date"])
        body = message.get_body()
        count += bool(body and body.get_content())
    assert count == MESSAGES


def _import(box: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = open_desk(Path(folder) / "desk.db", Settings(), login="lea")
        with open_source(box) as source:
            assert desk.intake.take(source).messages == MESSAGES
        desk.close()
