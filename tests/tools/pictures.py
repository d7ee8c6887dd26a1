"""Draw the README's pictures with the app itself, on the sample desk: `docs/pictures/*.svg`."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

PICTURES = (
    ("queue", (120, 36), ()),
    ("review", (150, 42), ("tab",)),
    ("not-yet", (120, 36), ("ctrl+s",)),
    ("narrow", (80, 24), ("tab", "tab")),
)
THEMES = {"dark": "desk-dark", "light": "desk-light"}


async def draw(folder: Path) -> None:
    """Every picture, in dark and in light."""
    from seats import seated

    from supportdesk.bootstrap import open_desk
    from supportdesk.demo import LOGIN, SampleClock, open_sample_desk, sample_settings

    start = datetime.fromisoformat("2026-03-12T09:00:00+00:00")

    class StillClock(SampleClock):
        """The sample's own time, standing still, so that a picture changes only when the app does."""

        def now(self) -> datetime:
            return start

    prepared = Path(tempfile.mkdtemp())
    open_sample_desk(prepared, StillClock(start)).close()
    for name, size, keys in PICTURES:
        for label, theme in THEMES.items():
            with tempfile.TemporaryDirectory() as place:
                file = Path(shutil.copy(prepared / "sample.db", place))
                desk = open_desk(file, sample_settings(), login=LOGIN, clock=StillClock(start))
                async with seated(desk, size=size, theme=theme) as seat:
                    if name != "queue":
                        await seat.press("slash")
                        await seat.type("GO-3117")
                        await seat.until("Charged twice")
                        await seat.press("enter", "enter")
                        await seat.until("taken by you")
                        await seat.press(*keys)
                    svg = seat.app.export_screenshot(title="supportdesk")
                desk.close()
            # Rich names its styles after the content; a fixed name keeps the difference of two pictures small.
            svg = re.sub(r"terminal-\d+", f"terminal-{name}-{label}", svg)
            (folder / f"{name}-{label}.svg").write_text(svg, encoding="utf-8")
            print(f"docs/pictures/{name}-{label}.svg")
    shutil.rmtree(prepared)


def main() -> None:
    """Draw them where the README looks for them."""
    os.environ["TZ"] = "UTC"
    for variable in ("NO_COLOR", "TEXTUAL_THEME"):
        os.environ.pop(variable, None)
    time.tzset()
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(folder))


if __name__ == "__main__":
    main()
