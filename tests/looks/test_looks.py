"""How each screen looks, at three sizes, light, dark and without colour; each picture beside what it must say."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from seats import Seat, seated
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension

from supportdesk.bootstrap import open_desk
from supportdesk.demo import LOGIN, SampleClock, open_sample_desk, sample_settings
from supportdesk.services.desk import Desk

SIZES = ((80, 24), (120, 36), (200, 60))
START = datetime.fromisoformat("2026-03-12T09:00:00+00:00")
TICKET = "Charged twice for Go in March"


class StillClock(SampleClock):
    """The sample's own time, standing still."""

    def now(self) -> datetime:
        return START


class Picture(SVGImageSnapshotExtension):
    """A picture of a screen."""

    _file_extension = file_extension = "svg"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample desk, prepared once."""
    folder = tmp_path_factory.mktemp("sample")
    open_sample_desk(folder, StillClock(START)).close()
    return folder / "sample.db"


@pytest.fixture
def sample(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy of the sample desk at a time that stands still, in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    file = tmp_path / "sample.db"
    shutil.copy(prepared, file)
    desk = open_desk(file, sample_settings(), login=LOGIN, clock=StillClock(START))
    return replace(desk, close=lambda: None)


async def on_ticket(seat: Seat, *keys: str) -> None:
    """Open the ticket the pictures show, then press keys."""
    await seat.press("slash")
    await seat.type("GO-3117")
    await seat.until("Charged twice")
    await seat.press("enter", "enter")
    await seat.until("taken by you")
    await seat.press(*keys)


SCREENS: dict[str, tuple[tuple[str, ...], str]] = {
    "thread": ((), "requester"),
    "prepared": (("tab",), "Summary"),
    "draft": (("tab", "tab"), "Dear Daniel"),
    "checklist": (("tab", "tab", "tab", "tab"), "Commitments"),
    "not-yet": (("ctrl+s",), "in the way"),
    "reroute": (("f4",), "Which queue"),
    "escalate": (("f5",), "Because of"),
    "pause": (("f7",), "Until"),
    "settle": (("full_stop", "enter"), "How"),
    "help": (("question_mark",), "What the keys do"),
}


def picture(seat: Seat) -> str:
    """The screen as an SVG."""
    return seat.app.export_screenshot(title="supportdesk")


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("theme", ["desk-dark", "desk-light"])
async def test_the_queue(sample: Desk, size: tuple[int, int], theme: str, snapshot: SnapshotAssertion) -> None:
    """Most pressing first, columns aligned, the escalations named in words."""
    async with seated(sample, size=size, theme=theme) as seat:
        assert "escalation" in seat.text
        assert "Battery hissing" in seat.text
        assert picture(seat) == snapshot(extension_class=Picture)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_the_review_and_its_dialogs(
    sample: Desk, size: tuple[int, int], name: str, snapshot: SnapshotAssertion
) -> None:
    """Every pane and dialog fits: what it must say is on screen."""
    keys, words = SCREENS[name]
    async with seated(sample, size=size) as seat:
        await on_ticket(seat, *keys)
        assert words in seat.text
        assert picture(seat) == snapshot(extension_class=Picture)


async def test_without_colour_everything_is_still_said(
    sample: Desk, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    """NO_COLOR: the cursor, the open items and the findings have signs of their own."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with seated(sample, size=(120, 36)) as seat:
        await on_ticket(seat, "tab", "tab", "tab")
        assert "›✖" in seat.text
        assert picture(seat) == snapshot(extension_class=Picture)
