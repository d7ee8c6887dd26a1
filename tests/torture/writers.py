"""Processes that write to one store at once: killed at any moment, or racing each other."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.words import Author
from supportdesk.services.clock import SystemClock
from supportdesk.services.ports import NewTicket
from supportdesk.settings import Settings
from supportdesk.store.verify import verify

_START = """
import sys
from pathlib import Path
from supportdesk.bootstrap import open_desk
from supportdesk.settings import Settings
desk = open_desk(Path(sys.argv[1]), Settings(), login="lea")
me, ticket, times = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("ready", flush=True)
"""
_NOTES = (
    _START
    + """
count = 0
while True:
    desk.review.note(ticket, "lea", f"{me}:{count}")
    print(f"{me}:{count}", flush=True)
    count += 1
"""
)
_COUNTS = (
    _START
    + """
from supportdesk.errors import StoreTrouble
sys.stdin.readline()
done = 0
while done < times:
    # A writer that waited too long is told so and tries again, as a person would.
    try:
        with desk.store.write() as tx:
            tx.tickets.change(ticket, reopened=tx.tickets.get(ticket).reopened + 1)
        done += 1
    except StoreTrouble as trouble:
        if "busy" not in str(trouble):
            raise
"""
)
_BARE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("PRAGMA synchronous=FULL")
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[4])):
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE counter SET n = n + 1")
    connection.execute("COMMIT")
"""


def make_desk(file: Path) -> int:
    """A desk with one ticket; returns its number."""
    clock = SystemClock()
    desk = open_desk(file, Settings(), login="lea", clock=clock)
    with desk.store.write() as tx:
        ticket = tx.tickets.add(NewTicket("Hello", "anna@example.com", "Anna", "mail"), clock.now())
        tx.tickets.add_message(ticket, IncomingMessage(author=Author.CUSTOMER, text="Hello?"), clock.now())
    desk.close()
    return ticket


def start(script: str, file: Path, me: str, ticket: int, times: int = 0) -> subprocess.Popen[str]:
    """A writer that has opened the store."""
    command = [sys.executable, "-c", script, str(file), me, str(ticket), str(times)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill_cycles(file: Path, cycles: int, writers: int = 4, seed: int = 6) -> dict[str, int]:
    """Kill writers at random moments; count what they had confirmed and what of it is not there."""
    ticket = make_desk(file)
    chance = random.Random(seed)
    confirmed: list[str] = []
    torn = 0
    running = [start(_NOTES, file, f"0.{n}", ticket) for n in range(writers)]
    for cycle in range(cycles):
        time.sleep(chance.random() * 0.05)
        victim = chance.randrange(writers)
        confirmed += _kill(running[victim])
        running[victim] = start(_NOTES, file, f"{cycle + 1}.{victim}", ticket)
    for process in running:
        confirmed += _kill(process)
    torn += len(verify(file).differences)
    with closing(sqlite3.connect(file)) as connection:
        kept = [text for (text,) in connection.execute("SELECT text FROM message WHERE author = 'internal'")]
    return {
        "cycles": cycles,
        "confirmed": len(confirmed),
        "lost": len(set(confirmed) - set(kept)),
        "twice": len(kept) - len(set(kept)),
        "torn": torn,
    }


def _kill(process: subprocess.Popen[str]) -> list[str]:
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate()
    return [line for line in out.split("\n")[:-1] if line]


def race(folder: Path, processes: int, times: int) -> dict[str, float]:
    """Every process counts one field up; the same with bare commits, for the ratio."""
    file = folder / "desk.db"
    ticket = make_desk(file)
    ours = _timed([start(_COUNTS, file, str(n), ticket, times) for n in range(processes)])
    desk = open_desk(file, Settings(), login="lea")
    counted = desk.queue.get(ticket).reopened
    desk.close()
    plain = folder / "bare.db"
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE counter (n)")
        connection.execute("INSERT INTO counter VALUES (0)")
        connection.commit()
    bare = _timed([start(_BARE, plain, str(n), ticket, times) for n in range(processes)])
    total = processes * times
    return {"lost": total - counted, "ours_per_s": total / ours, "bare_per_s": total / bare, "ratio": bare / ours}


def _timed(ready: list[subprocess.Popen[str]]) -> float:
    began = time.monotonic()
    for process in ready:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in ready:
        process.communicate()
        assert process.returncode == 0
    return time.monotonic() - began
