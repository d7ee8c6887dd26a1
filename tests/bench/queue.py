"""The queue at a million tickets against a thousand, at the keyboard."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .desk_of import LARGE, SMALL, desk_of, file_of
from .rows import ROUNDS, Row, in_turn, p95
from .start import HOME, SCRIPT
from .terminal import DOWN, END, ENTER, PAGE_DOWN, UP, Terminal
from .terminal import HOME as TOP

KEYS = {"down": DOWN, "up": UP, "page": PAGE_DOWN, "end": END, "home": TOP}


def rows() -> Iterator[Row]:
    """Keys, memory, other orders and filters, and Enter."""
    against = f"the same at {SMALL:,} tickets"
    many = f"{LARGE:,} tickets"
    with tempfile.TemporaryDirectory() as folder:
        env = {**HOME, "SUPPORTDESK_CONFIG": folder}

        def at(size: int) -> Terminal:
            terminal = Terminal([SCRIPT, "--store", str(file_of(size))], env=env)
            terminal.until(b"most pressing first")
            terminal.settle(1.5)
            return terminal

        with at(LARGE) as large, at(SMALL) as small:
            for terminal in (large, small):
                _keys(terminal, 2)
            yield in_turn(f"key to paint p95, {many}", lambda: _keys(large), lambda: _keys(small), against, 1.3)
            yield in_turn(f"resident memory, {many}", large.resident, small.resident, against, 1.3, 1)
        yield in_turn(f"Enter to review, {many}", lambda: _enter(at, LARGE), lambda: _enter(at, SMALL), against, 1.3)
    yield from asyncio.run(_changes(many))


def _keys(terminal: Terminal, times: int = 12) -> float:
    taken = [terminal.press(key)[0] for _ in range(times) for key in KEYS.values()]
    return p95(taken)


def _enter(at: Callable[[int], Terminal], size: int) -> float:
    with at(size) as terminal:
        terminal.press(DOWN)
        pressed = time.perf_counter()
        terminal.press(ENTER)
        if b"taken by you" not in terminal.seen:
            terminal.until(b"taken by you")
        return time.perf_counter() - pressed


async def _changes(many: str) -> list[Row]:
    """Until the first rows of another order or filter are painted, against one second."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from seats import seated

    from screens.queue import QueueScreen

    desk = desk_of(LARGE)
    found: dict[str, list[float]] = {}
    async with seated(desk, "lea") as seat:
        screen = seat.app.screen
        assert isinstance(screen, QueueScreen)
        field = screen.query_one("#filter")
        ways: list[tuple[str, Callable[[], None]]] = [
            ("another order", screen.action_queue_sort),
            ("another filter", lambda: setattr(field, "value", "queue:billing")),
            ("a rarer filter", lambda: setattr(field, "value", "trigger:privacy is:unread older:2d")),
            ("no filter", lambda: setattr(field, "value", "")),
        ]
        for _ in range(ROUNDS):
            for name, way in ways:
                before = screen._query
                began = time.perf_counter()
                way()
                while screen._query is before:
                    await asyncio.sleep(0)
                while screen._shown != screen._query or not seat.app.screen.query_one("#tickets").current_row:  # type: ignore[attr-defined]
                    await asyncio.sleep(0.002)
                found.setdefault(name, []).append(time.perf_counter() - began)
                await asyncio.sleep(0.3)
    desk.close()
    return [
        Row(f"{name}, {many}", sorted(taken)[len(taken) // 2], 1.0, "one second", 1.0) for name, taken in found.items()
    ]
