"""A slice of the simulated quarter in every test run; the whole of it is `python -m tests.simulation`."""

from __future__ import annotations

from pathlib import Path

from simulation.checks import every_check
from simulation.quarter import Quarter

TICKETS = 70


def test_every_figure_is_what_an_independent_count_says_and_what_was_left_undone_surfaces(tmp_path: Path) -> None:
    """Through the real services; the ranking of planted patterns needs more letters than a test run has time for."""
    quarter = Quarter(tmp_path / "desk.db", TICKETS, people=4)
    quarter.run()
    failed = [c for c in every_check(quarter) if not c.holds and not c.what.startswith(("theme ", "the planted wrong"))]
    quarter.desk.close()
    assert not failed, failed
