"""`python -m tests.torture`: kills, races and spoilt guards, for minutes; prints one line a figure."""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile.gate_attacks import make_store
from hostile.gate_mutants import mutants, surviving
from torture.writers import kill_cycles, race

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
    return f"{built - len(alive)} of {built} noticed ({(built - len(alive)) / built:.1%})"


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["guards", "kills", "races"])
    parser.add_argument("--cycles", type=int, default=1000, help="kill -9 cycles")
    parser.add_argument("--writes", type=int, default=10_000, help="writes of each of 8 racing processes")
    options = parser.parse_args()
    runs = {
        "guards": lambda folder: spoilt_guards(folder),
        "kills": lambda folder: str(kill_cycles(folder / "desk.db", options.cycles)),
        "races": lambda folder: str(race(folder, 8, options.writes)),
    }
    for name in options.what:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name}: {runs[name](Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
