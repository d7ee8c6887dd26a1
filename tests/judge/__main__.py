"""`python -m tests.judge [--only SET ...] [--json PATH]`: accuracy, with counts and intervals."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from . import check, corpora, identifiers, themes, triage
from .centroids import trained
from .rows import NotThere, Row, table

Measured = tuple[list[Row], list[str]]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say what could not be measured.

    Figures are figures: a goal that is not met changes the table, not the exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.judge", description="Accuracy of the desk's rules.")
    parser.add_argument("--only", nargs="+", choices=sorted(SETS), help="measure these sets only")
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write the rows as JSON")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    remarks: list[str] = []
    for name in options.only or SETS:
        try:
            found, missing = SETS[name]()
        except NotThere as error:
            remarks.append(f"{name}: {error}")
            continue
        rows += found
        remarks += missing
    if trained() is None and {"triage", "corpora"} & set(options.only or SETS):
        remarks.append("baseline for triggers: no building set of tickets to learn from")
    if rows:
        print(table(rows))
        print("\nBrackets: 95 % Wilson interval. Baseline: recall or recall/precision of the plain method.")
        goals = [row for row in rows if row.met]
        print(f"Goals met: {sum(row.met == 'yes' for row in goals)} of {len(goals)}.")
    for remark in remarks:
        print(f"not measured - {remark}", file=sys.stderr)
    if options.json:
        payload = {"rows": [row.as_json() for row in rows], "not_measured": remarks}
        options.json.write_text(json.dumps(payload, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if rows else 1


def _plain(rows: Callable[[], list[Row]]) -> Callable[[], Measured]:
    """A set that is measured whole or not at all."""
    return lambda: (rows(), [])


SETS: dict[str, Callable[[], Measured]] = {
    "triage": _plain(triage.rows),
    "check": _plain(check.rows),
    "identifiers": _plain(identifiers.rows),
    "corpora": corpora.rows,
    "themes": _plain(themes.rows),
}

if __name__ == "__main__":
    sys.exit(main())
