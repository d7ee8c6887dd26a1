"""How fast the back office is against a model that takes half a second.

Run: python tests/bench/back_office.py [TICKETS] [CALLS]

A figure, not a test: it depends on the machine. The server runs in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DELAY = 0.5
# In place of this folder, whose files are named like modules others import.
sys.path[0] = str(Path(__file__).resolve().parents[1])


def _serve(pipe: Any) -> None:
    from model.openai_server import Reply, Server, answer

    server = Server(lambda call: Reply(answer(call), delay=DELAY))
    pipe.send(server.url)
    pipe.recv()
    server.close()


def main(tickets: int = 200, calls: int = 16) -> None:
    """Print seconds, the ideal, and their ratio."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    url = ours.recv()
    from supportdesk.bootstrap import back_office
    from supportdesk.channels.sources import open_source
    from supportdesk.services.work import BackOffice
    from supportdesk.settings import AssistantSettings, Settings

    chosen = AssistantSettings(model="openai/double", base_url=url, concurrency=calls)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [
            {
                "id": f"t{n}",
                "subject": f"Question {n}",
                "messages": [{"from": "customer", "text": f"Hello, when is your shop number {n} open?"}],
            }
            for n in range(tickets + 1)
        ]
        (folder / "tickets.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
        desk, office = back_office(folder / "desk.db", Settings(assistant=chosen))
        with open_source(folder / "tickets.jsonl") as source:
            desk.intake.take(source)
        # Start-up is over when the first ticket is prepared: word lists and litellm are loaded, a connection is open.
        office.run(lambda _: None, limit=1)
        again = BackOffice(
            office._preparing,
            office._claims,
            threads=office._threads,
            batch=office._batch,
            assistant=office._assistant,
        )
        begun, spent = time.perf_counter(), time.process_time()
        prepared, failed, _ = again.run(lambda _: None, once=True)
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        assistant = office._assistant
        if assistant is not None:
            assistant.abandon()  # type: ignore[attr-defined]
        desk.close()
    ideal = tickets / calls * DELAY
    print(f"{prepared} tickets, {failed} failed, {took:.2f} s; ideal {ideal:.2f} s; ratio {took / ideal:.2f}")
    print(f"own processor time {1000 * spent / max(prepared, 1):.1f} ms a ticket")
    ours.send(None)
    process.join(10)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
