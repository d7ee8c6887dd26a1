"""`make bench`: one table, each row a ratio taken side by side in one run; `--json FILE` writes it too."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from .rows import Row

PARTS = ("start", "queue", "threads", "search", "lag", "keys", "neomutt", "mail", "rules", "figures", "back_office")


def main() -> int:
    """Measure every part that is there and print the table; never a verdict by exit status."""
    arguments = sys.argv[1:]
    target = Path(arguments.pop(arguments.index("--json") + 1)) if "--json" in arguments else None
    wanted = [a for a in arguments if not a.startswith("--")] or list(PARTS)
    found: list[Row] = []
    print(f"{'what':<44} {'ours':>10} {'theirs':>10} {'ratio':>8} {'goal':>7}  against")
    for part in wanted:
        for row in import_module(f"{__package__}.{part}").rows():
            found.append(row)
            met = "" if row.ratio <= row.goal else "  short"
            print(
                f"{row.what:<44} {row.ours:>10.4f} {row.theirs:>10.4f} {row.ratio:>8.2f} {row.goal:>7.2f}"
                f"  {row.against}{met}",
                flush=True,
            )
    if target is not None:
        target.write_text(json.dumps([row.as_json() for row in found], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
