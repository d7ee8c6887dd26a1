"""Sitting down at the workstation in a test: the real app on a real desk, keys in, painted text out."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot
from textual.widgets import TextArea

from supportdesk.app import DeskApp
from supportdesk.channels.sources import open_source
from supportdesk.domain.evidence import Article
from supportdesk.services.desk import Desk
from supportdesk.settings import WorkstationSettings

HOURS = Article("hours", "Opening hours", "Our shop in Bremen is open on Saturdays from 10:00 to 16:00.")
GOOD_WORDS = "Hello Anna,\n\nour shop in Bremen is open on Saturdays from 10:00 to 16:00.\n\nKind regards"


@dataclass
class Seat:
    """A person at the workstation."""

    app: DeskApp
    pilot: Pilot[Any]

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, and wait until nothing moves any more."""
        for key in keys:
            await self.pilot.press(key)
            await self.quiet()

    async def type(self, words: str) -> None:
        """Type words."""
        names = {" ": "space", ".": "full_stop", ",": "comma", ":": "colon", "/": "slash", "@": "at", "-": "minus"}
        await self.pilot.press(*(names.get(c, c) for c in words))
        await self.quiet()

    async def paste(self, words: str) -> None:
        """Let the terminal paste words."""
        self.app.post_message(events.Paste(words))
        await self.quiet()

    async def quiet(self, seconds: float = 60.0) -> None:
        """Wait until nothing is being read, written, laid out or painted any more."""
        ends = time.monotonic() + seconds
        still = 0
        while still < 2:
            await self.pilot.pause()
            busy = any(not worker.is_finished for worker in self.app.workers)
            still = 0 if busy else still + 1
            if busy:
                await asyncio.sleep(0.01)
            assert time.monotonic() < ends, "the workstation never came to rest"

    async def until(self, words: str, seconds: float = 60.0) -> None:
        """Wait until words are on screen."""
        ends = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < ends, f"{words!r} never came; the screen says:\n{self.text}"
            await self.pilot.pause(0.05)
        await self.quiet()

    @property
    def lines(self) -> list[str]:
        """What is painted, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What is painted."""
        return "\n".join(line.rstrip() for line in self.lines)

    def painted(self, selector: str) -> str:
        """What is painted where one widget is, its lines joined and spaces folded."""
        region = self.app.screen.query_one(selector).region
        strips = self.app.screen._compositor.render_strips()[region.y : region.bottom]
        words = " ".join(strip.crop(region.x, region.right).text for strip in strips)
        return " ".join(words.translate(str.maketrans("╭╮╰╯│─", "      ")).split())

    @property
    def screen(self) -> str:
        """Name of the screen in front."""
        return type(self.app.screen).__name__


@contextlib.asynccontextmanager
async def seated(
    desk: Desk, login: str = "", size: tuple[int, int] = (120, 36), **settings: Any
) -> AsyncIterator[Seat]:
    """Sit down at a desk; it stays open when one gets up."""
    person = desk.staff.get(login) if login else desk.person
    mine = replace(desk, person=person, close=lambda: None)
    app = DeskApp(lambda: mine, WorkstationSettings(**settings))
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        seat = Seat(app, pilot)
        while not app.station.clerk.is_open:
            await pilot.pause(0.01)
        await seat.quiet()
        yield seat
        still_cursors(app)


def still_cursors(app: DeskApp) -> None:
    """Cursors that do not blink, for pictures."""
    for area in app.screen.query(TextArea):
        area.cursor_blink = False


def bring(desk: Desk, folder: Path, *mails: str) -> None:
    """Take mails in and have them prepared."""
    for number, mail in enumerate(mails):
        file = folder / f"{len(list(folder.glob('*.eml')))}-{number}.eml"
        file.write_bytes(mail.encode("utf-8", "surrogateescape"))
        with open_source(file) as source:
            desk.intake.take(source)
    for _ in desk.preparing.run():
        pass


def mail(
    text: str,
    *,
    number: int = 1,
    subject: str = "Opening hours",
    sender: str = "Anna Wolf <anna@example.com>",
    answers: int = 0,
    at: str = "08:00",
) -> str:
    """A customer's mail; `answers` is the number of the one it answers."""
    threading = f"In-Reply-To: <m{answers}@example.com>\nReferences: <m{answers}@example.com>\n" if answers else ""
    return (
        f"From: {sender}\nTo: help@shop.example\nSubject: {subject}\nMessage-ID: <m{number}@example.com>\n{threading}"
        f"Date: Thu, 12 Mar 2026 {at}:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
