"""Draw the README's pictures with the app itself, on the sample desk: `make pictures`."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from supportdesk.app import DeskApp
from supportdesk.demo import open_sample_desk
from supportdesk.settings import WorkstationSettings

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (150, 42)


async def draw(theme: str, ending: str) -> None:
    """The queue, a review and a refused approval, in one theme."""
    with tempfile.TemporaryDirectory() as folder:
        app = DeskApp(lambda: open_sample_desk(Path(folder)), WorkstationSettings(theme=theme))
        app.animation_level = "none"
        async with app.run_test(size=SIZE) as pilot:
            for _ in range(600):
                await asyncio.sleep(0.1)
                if app.station.clerk.is_open:
                    break
            await asyncio.sleep(2)
            await pilot.pause()
            keep(app, f"queue{ending}")
            await pilot.press(*["j"] * 10, "enter")
            await asyncio.sleep(2)
            await pilot.pause()
            keep(app, f"review{ending}")
            await pilot.press("ctrl+s")
            await asyncio.sleep(1)
            await pilot.pause()
            keep(app, f"refused{ending}")


def keep(app: DeskApp, name: str) -> None:
    """Write what is on screen now."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn = app.export_screenshot(title="supportdesk", simplify=True)
    # A picture in a README fetches no fonts from anywhere.
    (PICTURES / f"{name}.svg").write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL))


def main() -> int:
    """Draw every picture in dark and light."""
    for theme, ending in (("desk-dark", ""), ("desk-light", "-light")):
        asyncio.run(draw(theme, ending))
    print(", ".join(sorted(picture.name for picture in PICTURES.glob("*.svg"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
