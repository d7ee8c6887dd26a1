"""`python -m tests.simulation [TICKETS] [--seed N]`: a simulated quarter, and what must show."""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from pathlib import Path

from .checks import every_check
from .quarter import Quarter

MEMORY = Path("/dev/shm")


def main() -> int:
    """Run it, print every check; exit status 1 when one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("tickets", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    # What a quarter keeps alive is little beside what it makes; looking for rubbish so often takes a tenth of the time.
    gc.set_threshold(100_000, 50, 100)
    began = time.perf_counter()

    def told(number: int) -> None:
        if number % 500 == 0:
            print(f"{number:,} tickets, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)

    # What is measured is the figures, not the disk: in memory where the system offers it.
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        quarter = Quarter(Path(folder) / "desk.db", options.tickets, options.seed, told)
        planted = quarter.run()
        print(f"{options.tickets:,} tickets in {time.perf_counter() - began:.0f} s; planted: {planted.themes}")
        checks = list(every_check(quarter))
        quarter.desk.close()
    for check in checks:
        print(f"{'ok ' if check.holds else 'NO '} {check.what}: {check.found}")
    held = sum(check.holds for check in checks)
    print(f"{held} of {len(checks)} hold.")
    return int(held < len(checks))


if __name__ == "__main__":
    sys.exit(main())
