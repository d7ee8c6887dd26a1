"""Opening what is large: a mail of 25 MB, a thread of 2,000 messages, against an ordinary ticket."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author
from supportdesk.settings import Settings

from .desk_of import LOGIN
from .rows import Row, in_turn
from .start import HOME, SCRIPT
from .terminal import ENTER, Terminal

LINE = "I have been waiting for the parcel with my order for two weeks now and nobody answers the phone. "


def rows() -> Iterator[Row]:
    """Enter to the painted review, each in a store of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ordinary = _store(folder / "ordinary.db", [LINE * 4] * 3)
        large = _store(folder / "large.db", [(LINE + "\n") * (25_000_000 // (len(LINE) + 1))])
        long = _store(folder / "long.db", [f"{LINE}({n})" for n in range(2_000)])
        env = {**HOME, "SUPPORTDESK_CONFIG": name}

        def opened(store: Path) -> float:
            with Terminal([SCRIPT, "--store", str(store)], env=env) as terminal:
                terminal.until(b"1 ticket waiting")
                terminal.settle(1.0)
                pressed = time.perf_counter()
                terminal.press(ENTER)
                if b"taken by you" not in terminal.seen:
                    terminal.until(b"taken by you", 120)
                return time.perf_counter() - pressed

        for what, store in (("a mail of 25 MB", large), ("a thread of 2,000 messages", long)):
            yield in_turn(
                f"opening {what}", lambda s=store: opened(s), lambda: opened(ordinary), "an ordinary ticket", 2
            )  # type: ignore[misc]


def _store(file: Path, texts: list[str]) -> Path:
    desk = open_desk(file, Settings(), login=LOGIN)
    sender, start = Address("anna@x.example", "Anna Wolf"), datetime.now(UTC) - timedelta(days=40)
    messages = tuple(
        IncomingMessage(Author.CUSTOMER, text, sender=sender, sent_at=start + timedelta(minutes=n))
        for n, text in enumerate(texts)
    )
    desk.intake.take([IncomingTicket("one", "Waiting for my parcel", sender, messages)])
    for _ in desk.preparing.run():
        pass
    desk.close()
    return file
