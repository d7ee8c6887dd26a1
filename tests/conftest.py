"""What every test may ask for: a private home, a clock that stands still, an empty or a sample desk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportdesk.bootstrap import open_desk
from supportdesk.domain.people import Person
from supportdesk.services.desk import Desk
from supportdesk.settings import Settings
from supportdesk.store import engine


@pytest.fixture(autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's settings, keys or store are read or written by a test."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("SUPPORTDESK_", "XDG_")) and name != "SUPPORTDESK_CORPORA":
            monkeypatch.delenv(name)
    # What a terminal can show is the test's to say, not the machine's it runs on.
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("HOME", str(home))
    for name in ("NO_COLOR", "TEXTUAL_THEME", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)
    return home


class StandingClock:
    """A clock that moves only when a test says so; it can also be set back, as clocks are."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
        self.uptime = 1_000_000
        self.boot_id = "boot-1"

    def now(self) -> datetime:
        return self.at

    def boot(self) -> tuple[str, int]:
        return self.boot_id, self.uptime

    def forward(self, **spans: float) -> None:
        """Let time pass, on both clocks."""
        passed = timedelta(**spans)
        self.at += passed
        self.uptime += round(passed.total_seconds() * 1000)


@pytest.fixture
def clock() -> StandingClock:
    """Thursday 12 March 2026, 09:00 UTC."""
    return StandingClock()


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """A process that is killed loses nothing the system has; only a power cut would, and no test cuts the power."""
    usual = engine._PRAGMAS
    engine._PRAGMAS = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in usual)
    yield
    engine._PRAGMAS = usual


@pytest.fixture(scope="session")
def staffed_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a lead, an approver and two agents, made once: making its tables takes longer than most tests."""
    file = tmp_path_factory.mktemp("staffed") / "desk.db"
    opened = open_desk(file, Settings(), login="lea", clock=StandingClock())
    for login, role in (("ana", "agent"), ("ben", "agent"), ("app", "approver")):
        opened.staff.put("lea", Person(login, role=role))
    opened.close()
    return file


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock, staffed_store: Path) -> Iterator[Desk]:
    """An empty desk with a lead, an approver and two agents; `lea` is at the keyboard."""
    shutil.copy(staffed_store, tmp_path / "desk.db")
    opened = open_desk(tmp_path / "desk.db", Settings(), login="lea", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def corpora() -> Path:
    """Real data beside the checkout; tests that need it are skipped where it is not."""
    named = os.environ.get("SUPPORTDESK_CORPORA")
    places = [Path(named)] if named else [p / "shared" / "corpora" for p in Path(__file__).resolve().parents]
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        pytest.skip("the corpora are not here")
    return found
