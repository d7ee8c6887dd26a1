"""What all screens share: the way to the desk, who sits here, what the time is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from supportdesk.services.desk import Desk
    from supportdesk.services.ports.work import Attendant

Result = TypeVar("Result")


class Clerk:
    """Carries calls to the desk, never on the event loop: writes one after the other, reads beside them."""

    def __init__(self, open_desk: Callable[[], Desk]) -> None:
        """Nothing is opened yet."""
        self._open = open_desk
        self._desk: Desk | None = None
        self._acts = ThreadPoolExecutor(1, "desk-acts")
        self._looks = ThreadPoolExecutor(1, "desk-looks")
        self._posts = ThreadPoolExecutor(1, "desk-posts")
        self._surveys = ThreadPoolExecutor(1, "desk-surveys")
        self._asks = ThreadPoolExecutor(2, "desk-asks")

    @property
    def desk(self) -> Desk:
        """The opened desk."""
        if self._desk is None:
            raise RuntimeError("the desk is not open yet")
        return self._desk

    @property
    def is_open(self) -> bool:
        """Whether the desk is open."""
        return self._desk is not None

    async def open(self) -> Desk:
        """Open the desk. Raises DeskError when it cannot be."""
        self._desk = await self._in(self._acts, self._open)
        return self._desk

    async def act(self, call: Callable[[Desk], Result]) -> Result:
        """Change something; acts happen in the order they were asked for."""
        desk = self.desk
        return await self._in(self._acts, lambda: call(desk))

    async def look(self, call: Callable[[Desk], Result]) -> Result:
        """Read something."""
        desk = self.desk
        return await self._in(self._looks, lambda: call(desk))

    async def survey(self, call: Callable[[Desk], Result]) -> Result:
        """Read much: nothing that a person waits for stands behind it."""
        desk = self.desk
        return await self._in(self._surveys, lambda: call(desk))

    async def aside(self, call: Callable[[], Result]) -> Result:
        """Do something off the event loop that needs no desk."""
        return await self._in(self._surveys, call)

    async def post(self, call: Callable[[Desk], Result]) -> Result:
        """Do something with the outside world that may take long."""
        desk = self.desk
        return await self._in(self._posts, lambda: call(desk))

    async def ask(self, call: Callable[[Desk], Result]) -> Result:
        """Ask the assistant, which may take minutes; nothing else waits for it."""
        desk = self.desk
        return await self._in(self._asks, lambda: call(desk))

    def close(self) -> None:
        """Finish what was begun and let go of the desk."""
        if self._desk is not None:
            self._desk.redrafting.stop()
        for pool in (self._asks, self._posts, self._surveys, self._looks, self._acts):
            pool.shutdown(wait=True, cancel_futures=pool is not self._acts)
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    async def _in(self, pool: ThreadPoolExecutor, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(pool, call)


@dataclass
class PaneLayout:
    """How a person has the review's panes; it stays from ticket to ticket."""

    order: list[str] = field(default_factory=lambda: ["thread", "prepared", "right"])
    """Columns, left to right."""
    shares: dict[str, int] = field(default_factory=lambda: {"thread": 12, "prepared": 9, "right": 12})
    """Shares of the width."""
    lines: dict[str, int] = field(default_factory=dict)
    """Most lines of a pane of the right column, where a person has set them."""


@dataclass
class Station:
    """One person's workstation."""

    clerk: Clerk
    """The way to the desk."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """The person's own keys, by command id."""
    views: Mapping[str, str] = field(default_factory=dict)
    """The person's own views of the queue: names and filters."""
    keep: Path | None = None
    """The settings file that may be changed; None where nothing is to be kept."""
    last_outbox: int = 0
    """Number of the last reply approved here, for calling it back."""
    panes: PaneLayout = field(default_factory=PaneLayout)
    """How the review's panes are laid out."""
    attendant: Attendant | None = None
    """Whoever starts a back office where none runs; None where none is to be started."""

    @property
    def desk(self) -> Desk:
        """The opened desk."""
        return self.clerk.desk

    @property
    def login(self) -> str:
        """Who sits here; empty before the desk is open."""
        return self.clerk.desk.login if self.clerk.is_open else ""

    def now(self) -> datetime:
        """The desk's time, UTC."""
        return self.clerk.desk.clock.now() if self.clerk.is_open else datetime.now(UTC)
