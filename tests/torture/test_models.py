"""A slice of what `python -m tests.torture traitors redactions offices` does for minutes."""

from __future__ import annotations

from pathlib import Path

import pytest
from torture import models


def test_a_traitor_does_no_harm(tmp_path: Path) -> None:
    """Injected threads, answers an attacker would write: nothing lowered, sent, leaked, planted or painted."""
    found = models.traitors(tmp_path, 25, seed=77)
    assert [
        name for name, count in found.items() if count and name not in ("threads", "prepared offline instead")
    ] == []
    assert found["prepared offline instead"] != found["threads"]


def test_identifiers_stay_home_and_come_back() -> None:
    """Asserted on the server's side; the restored text is the very text."""
    assert models.redactions(25, seed=78) == {
        "threads": 25,
        "left home": 0,
        "not restored": 0,
        "not by model": 0,
        "not the same text": 0,
    }


@pytest.mark.slow
def test_killed_back_offices_prepare_each_ticket_once_within_the_budget(tmp_path: Path) -> None:
    """kill -9 of the back office alone; the process that makes its calls ends by itself."""
    found = models.worker_kills(tmp_path, 3, seed=79, tickets=12)
    assert found["prepared once"] == 12
    assert (found["prepared twice"], found["still waiting"]) == (0, 0)
    assert int(str(found["beyond it by calls"])) <= int(str(found["calls at a time"]))
    assert int(str(found["calls written down"])) >= int(str(found["calls made"]))
