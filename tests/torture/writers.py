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

_ROUND = 50
"""Writes of each process between two turns."""

_START = """
import sys
from pathlib import Path
from supportdesk.bootstrap import open_desk
from supportdesk.settings import Settings
desk = open_desk(Path(sys.argv[1]), Settings(), login="lea")
me, ticket = sys.argv[2], int(sys.argv[3])
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
# A round a line: how many writes. Who waited too long is told so and tries again, as a person would.
_ROUNDS = """
from supportdesk.errors import StoreTrouble
for line in sys.stdin:
    done = 0
    while done < int(line):
        try:
            write()
            done += 1
        except StoreTrouble as trouble:
            if "busy" not in str(trouble):
                raise
    print("done", flush=True)
"""
_COUNTS = (
    _START
    + """
def write():
    with desk.store.write() as tx:
        found = tx.tickets.get(ticket)
        tx.tickets.change(ticket, expect=found.version, reopened=found.reopened + 1)
        tx.records.append("lea", "counted", ticket, {"by": me}, desk.clock.now())
"""
    + _ROUNDS
)
_DECISIONS = (
    _START
    + """
from supportdesk.domain.decision import Decision
from supportdesk.domain.words import DecisionKind
pause = Decision(DecisionKind.PAUSE, wake_on_message=True)
mine = ticket + int(me)
def write():
    desk.review.take(mine, "lea")
    desk.review.decide(mine, "lea", pause, rest_not_judged=True)
"""
    + _ROUNDS
)
_BARE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("PRAGMA synchronous=FULL")
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE counter SET n = n + 1")
        connection.execute("COMMIT")
    print("done", flush=True)
"""


def make_desk(file: Path, tickets: int = 1) -> int:
    """A desk with some tickets; returns the first's number."""
    clock = SystemClock()
    desk = open_desk(file, Settings(), login="lea", clock=clock)
    with desk.store.write() as tx:
        for number in range(tickets):
            ticket = tx.tickets.add(NewTicket("Hello", "anna@example.com", "Anna", "mail"), clock.now())
            message = IncomingMessage(author=Author.CUSTOMER, text=f"Hello? {number}")
            tx.tickets.add_message(ticket, message, clock.now())
    desk.close()
    return 1


def start(script: str, file: Path, me: str, ticket: int) -> subprocess.Popen[str]:
    """A writer that has opened the store."""
    command = [sys.executable, "-c", script, str(file), me, str(ticket)]
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
    """Every process counts one field up, each time with a record; bare commits take turns with them, for the ratio."""
    file = folder / "desk.db"
    ticket = make_desk(file)
    figures = _beside_bare(folder, [start(_COUNTS, file, str(n), ticket) for n in range(processes)], times)
    with closing(sqlite3.connect(file)) as connection:
        counted, records = connection.execute(
            "SELECT reopened, (SELECT count(*) FROM audit WHERE action = 'counted') FROM ticket"
        ).fetchone()
    total = processes * times
    return {"lost": total - min(counted, records), "torn": len(verify(file).differences), **figures}


def decisions(folder: Path, processes: int, times: int) -> dict[str, float]:
    """Every process takes a ticket of its own and decides, gate and all; two transactions a decision."""
    file = folder / "desk.db"
    make_desk(file, processes)
    figures = _beside_bare(folder, [start(_DECISIONS, file, str(n), 1) for n in range(processes)], times)
    with closing(sqlite3.connect(file)) as connection:
        kept, records = connection.execute(
            "SELECT count(*), (SELECT count(*) FROM audit WHERE action = 'decided_pause') FROM decision"
        ).fetchone()
    lost = processes * times - min(kept, records)
    return {"lost": lost, "torn": len(verify(file).differences), **figures}


def _beside_bare(folder: Path, ours: list[subprocess.Popen[str]], times: int) -> dict[str, float]:
    plain = folder / "bare.db"
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE counter (n)")
        connection.execute("INSERT INTO counter VALUES (0)")
        connection.commit()
    bare = [start(_BARE, plain, str(n), 0) for n in range(len(ours))]
    spent = {"ours": 0.0, "bare": 0.0}
    # In turns, so that a disk that is slow for a while is slow for both.
    for first in range(0, times, _ROUND):
        count = min(_ROUND, times - first)
        spent["ours"] += _round(ours, count)
        spent["bare"] += _round(bare, count)
    for process in (*ours, *bare):
        process.communicate()
        assert process.returncode == 0
    total = len(ours) * times
    return {
        "writes": total,
        "ours_per_s": round(total / spent["ours"]),
        "bare_per_s": round(total / spent["bare"]),
        "ratio": round(spent["bare"] / spent["ours"], 3),
    }


def _round(processes: list[subprocess.Popen[str]], count: int) -> float:
    began = time.monotonic()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{count}\n")
        process.stdin.flush()
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
    return time.monotonic() - began
