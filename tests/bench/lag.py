"""How late the event loop comes while ten other processes write, against 16 ms: one picture of sixty a second."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, DecisionKind
from supportdesk.errors import DeskError
from supportdesk.settings import Settings

from .desk_of import LOGIN, SMALL, file_of
from .rows import ROUNDS, Row

WRITERS, SECONDS, REST = 10, 3.0, 0.2


def rows() -> Iterator[Row]:
    """99 of 100 turns of the loop come no later than this; a bare loop's turns beside it, to know the machine."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "desk.db"
        shutil.copy(file_of(SMALL), store)
        spawn = multiprocessing.get_context("spawn")
        stop = spawn.Event()
        writers = [spawn.Process(target=_write, args=(str(store), n, stop)) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            ours, bare = asyncio.run(_lags(store))
        finally:
            stop.set()
            for writer in writers:
                writer.join(10)
        yield Row(f"loop lag p99, {WRITERS} writers (s)", ours, 0.016, "16 ms", 1.0)
        yield Row("loop lag p99 of a bare loop there (s)", bare, 0.016, "16 ms, for comparison", 1.0)


def _write(store: str, number: int, stop: object) -> None:
    desk = open_desk(Path(store), Settings(), login=LOGIN)
    turn = 0
    while not stop.is_set():  # type: ignore[attr-defined]
        turn += 1
        ticket = 2 + (number * 90 + turn) % 900
        sender = Address(f"w{number}@x.example")
        message = IncomingMessage(Author.CUSTOMER, f"Again {number} {turn}", sender=sender, sent_at=datetime.now(UTC))
        try:
            desk.intake.take([IncomingTicket(f"w{number}-{turn}", "Again", sender, (message,))])
            desk.review.take(ticket, LOGIN)
            desk.review.decide(ticket, LOGIN, Decision(DecisionKind.PAUSE, wake_on_message=True), rest_not_judged=True)
        except DeskError:
            pass
        time.sleep(REST)
    desk.close()


async def _lags(store: Path) -> tuple[float, float]:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from seats import seated

    desk = open_desk(store, Settings(), login=LOGIN)
    await asyncio.sleep(4)
    bare = sorted([await _p99() for _ in range(ROUNDS)])[ROUNDS // 2]
    async with seated(desk, LOGIN):
        await asyncio.sleep(1)
        ours = sorted([await _p99() for _ in range(ROUNDS)])[ROUNDS // 2]
    desk.close()
    return ours, bare


async def _p99() -> float:
    late: list[float] = []
    ends = time.perf_counter() + SECONDS
    while time.perf_counter() < ends:
        wanted = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        late.append(time.perf_counter() - wanted)
    return sorted(late)[int(len(late) * 0.99)]
