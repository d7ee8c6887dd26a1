"""`python -m tests.torture [PART...]`: kills, races, full disks and spoilt guards, for minutes; one line a figure."""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import day
from hostile.gate_attacks import make_store
from hostile.gate_mutants import mutants, surviving
from hostile.gate_ways import SHAPE
from hostile.gate_ways_close import ATTACKS, HONEST
from torture import compose, disk, flips, imports, machine, migrations, models, senders, writers

from supportdesk.services.clock import SystemClock


def spoilt_guards(folder: Path) -> str:
    """Every guard deleted, and every condition of it deleted and negated."""
    file = folder / "desk.db"
    make_store(file, SystemClock())
    connection = sqlite3.connect(file)
    every = mutants(connection)
    connection.close()
    built, alive = surviving(file, every)
    for mutant in alive:
        print(f"  not noticed: {mutant.trigger}: {mutant.what}")
    caught = f"{built - len(alive)} of {built} spoilt guards noticed ({(built - len(alive)) / built:.1%})"
    return f"{caught} by {len(ATTACKS)} attacks and {len(HONEST)} honest ways; {len(SHAPE)} ways at the store's shape"


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=1000, help="kills among 4 writers")
    parser.add_argument("--senders", type=int, default=500, help="kills of senders")
    parser.add_argument("--writes", type=int, default=10_000, help="writes of each of 8 racing processes")
    parser.add_argument("--decisions", type=int, default=500, help="whole decisions of each of 8 racing processes")
    parser.add_argument("--flips", type=int, default=1000, help="single bits turned round")
    parser.add_argument("--tickets", type=int, default=20_000, help="tickets, of 11 records each, to look through")
    parser.add_argument("--migrations", type=int, default=100, help="kills while a store is made or upgraded")
    parser.add_argument("--points", type=int, default=60, help="points at which the disk is full")
    parser.add_argument("--desks", type=int, default=200, help="desks on which everybody does anything")
    parser.add_argument("--replies", type=int, default=10_000, help="replies to hostile mail")
    parser.add_argument("--imports", type=int, default=300, help="imports of one mailbox, in parts or killed")
    parser.add_argument("--threads", type=int, default=10_000, help="injected threads and malicious answers")
    parser.add_argument("--private", type=int, default=5000, help="threads with identifiers, through a server")
    parser.add_argument("--offices", type=int, default=300, help="kills of back offices")
    parser.add_argument("--day", type=int, default=50, help="tickets worked by keyboard in a terminal, at two sizes")
    parser.add_argument("what", nargs="*", metavar="PART", help="which parts; all of them by default")
    options = parser.parse_args()
    runs: dict[str, Callable[[Path], object]] = {
        "guards": spoilt_guards,
        "day": lambda folder: day.run(folder, options.day),
        "machine": lambda _: machine.run(options.desks),
        "compose": lambda _: compose.run(options.replies),
        "imports": lambda folder: imports.imports(folder, options.imports),
        "flips": lambda folder: flips.flips(folder / "desk.db", options.flips),
        "verify": lambda folder: flips.look_through(folder / "desk.db", options.tickets),
        "migrations": lambda folder: migrations.migration_kills(folder, options.migrations),
        "disk": lambda folder: disk.full_disks(folder, options.points),
        "kills": lambda folder: writers.kill_cycles(folder / "desk.db", options.cycles),
        "senders": lambda folder: senders.sender_kills(folder, options.senders),
        "races": lambda folder: writers.race(folder, 8, options.writes),
        "traitors": lambda folder: models.traitors(folder, options.threads),
        "redactions": lambda _: models.redactions(options.private),
        "offices": lambda folder: models.worker_kills(folder, options.offices),
        "decisions": lambda folder: writers.decisions(folder, 8, options.decisions),
    }
    if wrong := [name for name in options.what if name not in runs]:
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(runs)}")
    for name in options.what or runs:
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            found = runs[name](Path(folder))
            print(f"{name}: {found}  [{time.monotonic() - began:.0f} s]", flush=True)


if __name__ == "__main__":
    main()
