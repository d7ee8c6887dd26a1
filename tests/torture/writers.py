"""Processes that write to one store at once: killed at any moment, or racing each other."""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TextIO

from torture.forks import Child

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.words import Author, DecisionKind
from supportdesk.errors import StoreTrouble
from supportdesk.services.clock import SystemClock
from supportdesk.services.ports import NewTicket
from supportdesk.settings import Settings
from supportdesk.store.verify import verify

_ROUND = 50
"""Writes of each process between two turns."""

_TICKETS = 50
"""Tickets the notes go to: a thread of thousands is another figure."""

Write = Callable[[], object]


def _notes(file: Path, me: str, ticket: int) -> Callable[[TextIO, TextIO], None]:
    def work(_ears: TextIO, mouth: TextIO) -> None:
        desk = open_desk(file, Settings(), login="lea")
        print("ready", file=mouth, flush=True)
        for count in itertools.count():
            desk.review.note(ticket, "lea", f"{me}:{count}")
            print(f"{me}:{count}", file=mouth, flush=True)

    return work


def _rounds(opened: Callable[[], Write]) -> Callable[[TextIO, TextIO], None]:
    """Write as often as each line says; 0 is the end."""

    def work(ears: TextIO, mouth: TextIO) -> None:
        write = opened()
        print("ready", file=mouth, flush=True)
        for line in iter(ears.readline, "0\n"):
            for _ in range(int(line)):
                _persistently(write)
            print("done", file=mouth, flush=True)

    return work


def _persistently(write: Write) -> None:
    """Who waited too long is told so and tries again, as a person would."""
    while True:
        try:
            write()
        except StoreTrouble as trouble:
            if "busy" not in str(trouble):
                raise
        else:
            return


def _counting(file: Path, ticket: int, me: int) -> Write:
    desk = open_desk(file, Settings(), login="lea")

    def write() -> None:
        with desk.store.write() as tx:
            found = tx.tickets.get(ticket)
            tx.tickets.change(ticket, expect=found.version, reopened=found.reopened + 1)
            tx.records.append("lea", "counted", ticket, {"by": me}, desk.clock.now())

    return write


def _deciding(file: Path, ticket: int) -> Write:
    desk = open_desk(file, Settings(), login="lea")
    pause = Decision(DecisionKind.PAUSE, wake_on_message=True)

    def write() -> None:
        desk.review.take(ticket, "lea")
        desk.review.decide(ticket, "lea", pause, rest_not_judged=True)

    return write


def _committing(file: Path) -> Write:
    connection = sqlite3.connect(file, isolation_level=None, timeout=60)
    connection.execute("PRAGMA synchronous=FULL")

    def write() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE counter SET n = n + 1")
        connection.execute("COMMIT")

    return write


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


def kill_cycles(file: Path, cycles: int, writers: int = 4, seed: int = 6) -> dict[str, int]:
    """Kill writers at random moments; count what they had confirmed and what of it is not there."""
    make_desk(file, _TICKETS)
    chance = random.Random(seed)
    confirmed: list[str] = []
    torn = 0
    running = [Child(_notes(file, f"0.{n}", n % _TICKETS + 1)) for n in range(writers)]
    for cycle in range(cycles):
        time.sleep(chance.random() * 0.05)
        victim = chance.randrange(writers)
        confirmed += running[victim].kill()
        running[victim] = Child(_notes(file, f"{cycle + 1}.{victim}", cycle % _TICKETS + 1))
    for process in running:
        confirmed += process.kill()
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


def race(folder: Path, processes: int, times: int) -> dict[str, float]:
    """Every process counts one field up, each time with a record; bare commits take turns with them, for the ratio."""
    file = folder / "desk.db"
    ticket = make_desk(file)
    figures = _beside_bare(
        folder, [Child(_rounds(partial(_counting, file, ticket, n))) for n in range(processes)], times
    )
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
    figures = _beside_bare(folder, [Child(_rounds(partial(_deciding, file, n + 1))) for n in range(processes)], times)
    with closing(sqlite3.connect(file)) as connection:
        kept, records = connection.execute(
            "SELECT count(*), (SELECT count(*) FROM audit WHERE action = 'decided_pause') FROM decision"
        ).fetchone()
    lost = processes * times - min(kept, records)
    return {"lost": lost, "torn": len(verify(file).differences), **figures}


def _beside_bare(folder: Path, ours: list[Child], times: int) -> dict[str, float]:
    plain = folder / "bare.db"
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE counter (n)")
        connection.execute("INSERT INTO counter VALUES (0)")
        connection.commit()
    bare = [Child(_rounds(partial(_committing, plain))) for _ in ours]
    spent = {"ours": 0.0, "bare": 0.0}
    # In turns, so that a disk that is slow for a while is slow for both.
    for first in range(0, times, _ROUND):
        count = min(_ROUND, times - first)
        spent["ours"] += _round(ours, count)
        spent["bare"] += _round(bare, count)
    for process in (*ours, *bare):
        process.tell("0")
        process.end()
    total = len(ours) * times
    return {
        "writes": total,
        "ours_per_s": round(total / spent["ours"]),
        "bare_per_s": round(total / spent["bare"]),
        "ratio": round(spent["bare"] / spent["ours"], 3),
    }


def _round(processes: list[Child], count: int) -> float:
    began = time.monotonic()
    for process in processes:
        process.tell(str(count))
    for process in processes:
        assert process.hear() == "done"
    return time.monotonic() - began
