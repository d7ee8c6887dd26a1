"""How each screen looks, at three sizes, light, dark and without colour; each picture beside what it must say."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from unittest import mock

import pytest
import stage
from seats import Seat, seated
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension
from textual.widgets import Input, TextArea

from screens.review import ReviewScreen
from screens.sitting import Sitting
from supportdesk.domain.query import QueueQuery
from supportdesk.services.desk import Desk
from widgets.draft_editor import DraftEditor
from widgets.footline import FootLine

pytestmark = pytest.mark.timeout(600)

SIZES = ((80, 24), (120, 36), (200, 60))

STEPS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("thread", (), "requester"),
    ("rests-here", ("enter",), "rest on this line"),
    ("prepared", ("tab",), "Summary"),
    ("draft", ("tab",), "Dear Daniel"),
    ("explained", ("@60 days",), "✖ fact, contradicted"),
    ("findings", ("full_stop",), "contradicted"),
    ("settle", ("enter",), "How"),
    ("checklist", ("escape", "c"), "Commitments"),
    ("answer", ("enter",), "Your answer"),
    ("not-yet", ("escape", "ctrl+s"), "in the way"),
    ("reroute", ("escape", "f4"), "Which queue"),
    ("escalate", ("escape", "f5"), "Because of"),
    ("reject", ("escape", "f6"), "What is wrong"),
    ("pause", ("escape", "f7"), "Until"),
    ("note", ("escape", "n"), "never sees it"),
    ("history", ("escape", "t"), "prepared"),
    ("others", ("escape", "o"), "Invoice for February"),
    ("saved-replies", ("escape", "m"), "Thanks for waiting"),
    ("articles", ("escape", "a"), "Cancelling Fernweh Go"),
    ("article", ("enter",), "up to 3 days"),
    ("help", ("escape", "escape", "question_mark"), "What the keys do"),
    ("editing", ("escape", "e", "ctrl+home", "O", "h", "comma", "space"), "not kept yet"),
    ("changes", ("escape", "d"), "{+"),
)
"""One sitting with one ticket: (name of the picture, keys, what it must say); @ puts the draft's cursor on words."""

MAIN_ONES = frozenset({"thread", "prepared", "draft", "findings", "checklist", "not-yet", "escalate", "changes"})
"""Those that are drawn in light and without colour as well."""


class Picture(SVGImageSnapshotExtension):
    """A picture of a screen."""

    _file_extension = file_extension = "svg"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stage, prepared once."""
    file = tmp_path_factory.mktemp("stage") / "stage.db"
    stage.open_stage(file).close()
    return file


@pytest.fixture
def desk(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy of the stage at a time that stands still, in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    file = tmp_path / "stage.db"
    shutil.copy(prepared, file)
    return stage.open_stage(file)


@contextlib.asynccontextmanager
async def at_the_ticket(desk: Desk, size: tuple[int, int], theme: str) -> AsyncIterator[Seat]:
    """Sit down with the stage's main ticket; nothing that depends on how long it takes is shown."""
    still = (mock.patch.object(Sitting, "seconds", 0.0), mock.patch("screens.review_writing.KEEP_AFTER", 3600.0))
    with stage.fixed_checks(), still[0], still[1]:
        async with seated(desk, size=size, theme=theme) as seat:
            ticket = next(t for t in desk.queue.page(list(desk.queue.ids(QueueQuery()))) if t.subject == stage.MAIN)
            seat.app.push_screen(ReviewScreen(seat.app.station, ticket.id, ticket))
            await seat.until("taken by you")
            yield seat


async def do(seat: Seat, keys: tuple[str, ...]) -> None:
    """Press keys, or click on words of the draft."""
    for key in keys:
        if key.startswith("@"):
            editor = seat.app.screen.query_one(DraftEditor)
            before = editor.text[: editor.text.index(key[1:])]
            editor.move_cursor((before.count("\n"), len(before) - before.rfind("\n") - 1))
            await seat.quiet()
        else:
            await seat.press(key)


async def picture(seat: Seat) -> str:
    """The screen as an SVG, without what passes by itself: words in the foot line, blinking cursors."""
    for screen in seat.app.screen_stack:
        for foot in screen.query(FootLine):
            foot.hush()
        for field in (*screen.query(Input), *screen.query(TextArea)):
            field.cursor_blink = False
    svg, before = "", None
    while svg != before:  # what a timer still brings has come when two pictures in a row are the same
        await seat.quiet()
        await asyncio.sleep(0.3)
        before, svg = svg, seat.app.export_screenshot(title="supportdesk")
    # Rich names its styles after the content; a fixed name keeps the difference of two pictures small.
    return re.sub(r"terminal-\d+", "terminal", svg)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("theme", ["desk-dark", "desk-light"])
async def test_the_queue(desk: Desk, size: tuple[int, int], theme: str, snapshot: SnapshotAssertion) -> None:
    """Most pressing first, columns aligned whatever the script, the escalations named in words."""
    async with seated(desk, size=size, theme=theme) as seat:
        assert "escalation" in seat.text
        assert "Battery hissing" in seat.text
        assert await picture(seat) == snapshot(extension_class=Picture)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_the_review_and_its_dialogs(desk: Desk, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    """Every pane and dialog of a sitting fits: what it must say is on screen."""
    async with at_the_ticket(desk, size, "desk-dark") as seat:
        for name, keys, words in STEPS:
            await do(seat, keys)
            assert words in seat.text, f"{name}:\n{seat.text}"
            if name != "history":  # how many looks it tells of depends on how fast they were kept
                assert await picture(seat) == snapshot(name=f"{name}-{size[0]}x{size[1]}", extension_class=Picture)


@pytest.mark.parametrize("look", ["light", "no-colour"])
async def test_light_and_without_colour_everything_is_still_said(
    desk: Desk, look: str, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    """The cursor, the open items and the findings have signs of their own, not only colours."""
    if look == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    async with at_the_ticket(desk, (120, 36), "desk-light" if look == "light" else "desk-dark") as seat:
        for name, keys, words in STEPS:
            await do(seat, keys)
            assert words in seat.text, f"{name}:\n{seat.text}"
            if name == "findings":
                assert "›✖" in seat.text
            if name in MAIN_ONES:
                assert await picture(seat) == snapshot(name=f"{name}-{look}", extension_class=Picture)
