"""How fast the back office is against a model that takes half a second, and what the screen notices of it.

Run: python tests/bench/back_office.py [TICKETS] [CALLS]

Figures, not a test: they depend on the machine. Server, back office and screen are three processes.
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
from pathlib import Path
from typing import Any

DELAY = 0.5
# In place of this folder, whose files are named like modules others import.
sys.path[0] = str(Path(__file__).resolve().parents[1])


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


def main(tickets: int = 200, calls: int = 16) -> None:
    """Print seconds, the ideal, their ratio, the processor time of a ticket, and the lag of a screen meanwhile."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,))
    process.start()
    url = ours.recv()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _fill(folder, url, tickets, calls)
            quiet = asyncio.run(_lag(folder / "desk.db", 3.0))
            started = time.monotonic()
            worker = subprocess.Popen(
                [sys.executable, "-m", "supportdesk", "work", "--once"],
                env={**os.environ, "SUPPORTDESK_STORE": str(folder / "desk.db"), "SUPPORTDESK_CONFIG": name},
                stdout=subprocess.PIPE,
                text=True,
            )
            busy = asyncio.run(_lag(folder / "desk.db", 600.0, worker))
            out = worker.communicate()[0]
            ended = time.monotonic()
            ours.send("seen")
            seen = ours.recv()
    finally:
        ours.send("end")
        process.join(10)
    ideal = tickets / calls * DELAY
    # Start-up is over when the first call arrives: litellm, word lists and settings are loaded.
    took = ended - seen[0]
    print(out.strip().splitlines()[-1])
    print(f"start-up {seen[0] - started:.2f} s; {took:.2f} s for {len(seen)} calls")
    answered = seen[-1] + DELAY - seen[0]
    print(f"ideal {ideal:.2f} s; ratio {took / ideal:.2f}; until the last answer {answered / ideal:.2f}")
    print(f"screen's event loop, late at the 99th percentile: {busy:.1f} ms; with nothing to do {quiet:.1f} ms")


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


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
