"""How fast the back office is against a model that takes half a second, and what the screen notices of it.

Server, back office and screen are three processes.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .rows import Row

TICKETS, CALLS, DELAY = 200, 16, 0.5
"""Tickets, calls at once, and seconds until the server answers."""
LATE = 0.020
"""Seconds the screen's loop may be late."""
# The server stands among the tests; it is imported by a process of its own.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def _serve(pipe: Any) -> None:
    from model.openai_server import Call, Reply, Server, answer

    seen: list[float] = []

    def script(call: Call) -> Reply:
        seen.append(time.monotonic())
        return Reply(answer(call), delay=DELAY)

    server = Server(script)
    pipe.send(server.url)
    while pipe.recv() == "seen":
        pipe.send(list(seen))
    server.close()


def rows() -> Iterator[Row]:
    """Seconds from the first call to the end, against the ideal; and how late a screen's loop is meanwhile."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,))
    process.start()
    url = ours.recv()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _fill(folder, url, TICKETS, CALLS)
            worker = subprocess.Popen(
                [sys.executable, "-m", "supportdesk", "work", "--once"],
                env={**os.environ, "SUPPORTDESK_STORE": str(folder / "desk.db"), "SUPPORTDESK_CONFIG": name},
                stdout=subprocess.PIPE,
                text=True,
            )
            busy = asyncio.run(_lag(folder / "desk.db", 600.0, worker))
            worker.communicate()
            ended = time.monotonic()
            ours.send("seen")
            seen = ours.recv()
    finally:
        ours.send("end")
        process.join(10)
    ideal = TICKETS / CALLS * DELAY
    # Start-up is over when the first call arrives: litellm, word lists and settings are loaded.
    what = f"{TICKETS} tickets through a model, {CALLS} at once"
    yield Row(what, ended - seen[0], ideal, f"the ideal, at {DELAY} s an answer", 1.1)
    yield Row("loop lag p99 meanwhile (s)", busy / 1000, LATE, "20 ms", 1.0)


def _fill(folder: Path, url: str, tickets: int, calls: int) -> None:
    from supportdesk.bootstrap import open_desk
    from supportdesk.channels.sources import open_source
    from supportdesk.settings import Settings

    chosen = {"model": "openai/double", "base_url": url, "concurrency": calls}
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in chosen.items())
    (folder / "settings.toml").write_text(f"[assistant]\n{lines}\n")
    rows = [
        {
            "id": f"t{n}",
            "subject": f"Question {n}",
            "messages": [{"from": "customer", "text": f"Hello, when is your shop number {n} open?"}],
        }
        for n in range(tickets)
    ]
    (folder / "tickets.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    desk = open_desk(folder / "desk.db", Settings(), login="lea")
    with open_source(folder / "tickets.jsonl") as source:
        desk.intake.take(source)
    desk.close()


async def _lag(store: Path, seconds: float, until: subprocess.Popen[str] | None = None) -> float:
    """How late the event loop of an open queue is, at the 99th percentile, in milliseconds."""
    from supportdesk.app import DeskApp
    from supportdesk.bootstrap import open_desk
    from supportdesk.settings import Settings, WorkstationSettings

    late: list[float] = []
    app = DeskApp(lambda: open_desk(store, Settings(), login="lea"), WorkstationSettings())
    async with app.run_test(size=(150, 44)) as pilot:
        await pilot.pause(2.0)
        end = time.monotonic() + seconds
        while time.monotonic() < end and (until is None or until.poll() is None):
            before = time.monotonic()
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - before - 0.01)
    return 1000 * sorted(late)[int(len(late) * 0.99)]
