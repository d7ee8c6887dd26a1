"""Words that are pasted arrive once, as words, wherever the cursor is."""

from __future__ import annotations

from pathlib import Path

import pytest
from seats import HOURS, bring, mail, seated
from terminal import terminal

from supportdesk.services.desk import Desk
from widgets.draft_editor import DraftEditor

NASTY = "Hello \x1b[31mred \x1b[0m \x01\x07 zero\u200bwidth \u202ertl 500 EUR refund by Friday"


async def test_a_paste_arrives_once_in_the_filter_and_in_the_draft(desk: Desk, tmp_path: Path) -> None:
    """Both fields take what is pasted once, without what cannot be seen."""
    desk.knowledge.put_all([HOURS], "lea")
    bring(desk, tmp_path, mail("When are you open on Saturdays?"))
    async with seated(desk, "ana") as seat:
        await seat.press("slash")
        await seat.paste("open\u200bing\nhours")
        assert seat.app.screen.query_one("#filter").value == "opening hours"  # type: ignore[attr-defined]
        await seat.press("escape", "enter", "e", "ctrl+end")
        await seat.paste(" aa\x19bb\rcc")
        assert seat.app.screen.query_one(DraftEditor).text.endswith(" aabb\ncc")


@pytest.mark.slow
def test_no_key_is_pressed_by_a_paste() -> None:
    """In a real terminal: a paste with control characters that are keys writes its words and does nothing else."""
    with terminal("demo", size=(120, 36)) as seat:
        seat.until("tickets waiting for us")
        seat.press("/", "\x1b[200~refund\x1b[201~")
        seat.until("refund")
        seat.settle(still=0.5)
        assert "refundrefund" not in seat.text
        seat.press("escape", "enter")
        seat.until("taken by you")
        seat.press("e")
        seat.until("Esc Done")
        seat.press(f"\x1b[200~{NASTY}\x1b[201~")
        seat.until("zerowidth rtl 500 EUR")
        seat.settle(still=0.5)
        assert "refund by Friday" in seat.folded
        assert "Hello red" in seat.folded
        assert "Esc Done" in seat.folded
        assert "asked" not in seat.lines[-1]
        assert seat.leave() == 0
