"""The installed console script in a real pseudo-terminal: painted, worked with, left, status 0."""

from __future__ import annotations

import json
from pathlib import Path

import day
import pytest
from terminal import command, terminal

MAIL = """\
From: Anna Wolf <anna@example.com>
To: help@shop.example
Subject: Opening hours
Message-ID: <m1@example.com>
Date: Thu, 12 Mar 2026 08:00:00 +0000

Hello,
could you tell me when your shop in Bremen is open on Saturdays?
Anna
"""
ARTICLE = "# Opening hours\n\nOur shop in Bremen is open on Saturdays from 10:00 to 16:00.\n"


@pytest.mark.slow
def test_the_sample_desk_is_painted_in_a_terminal_and_ctrl_q_leaves() -> None:
    """Its tickets are on screen while the assistant still prepares them; ctrl+q ends with status 0."""
    with terminal("demo") as seat:
        seat.until("tickets waiting for us")
        assert seat.leave() == 0


@pytest.mark.slow
def test_a_whole_review_from_mail_to_reply(tmp_path: Path) -> None:
    """Read, try too early, be told why, write, answer, approve, quit; then the reply leaves and is in the thread."""
    store = tmp_path / "desk.db"
    (tmp_path / "in.eml").write_text(MAIL)
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "hours.md").write_text(ARTICLE)
    command("articles", "import", str(tmp_path / "kb"), store=store)
    command("import", str(tmp_path / "in.eml"), store=store)
    command("prepare", store=store)
    with terminal("--store", str(store)) as seat:
        seat.until("Opening hours")
        seat.press("enter")
        seat.until("when your shop in Bremen is open")
        seat.until("taken by you")
        seat.press("ctrl+s")
        seat.until("in the way")
        seat.until("Facts: not answered yet")
        seat.press("escape")
        seat.settle(still=0.4)
        seat.press("e")
        seat.until("Esc Done")
        seat.press("ctrl+end")
        seat.type("See you soon!")
        seat.press("escape")
        seat.until("revision 2")
        seat.press("c")
        for confirmed in ("1/4", "2/4", "3/4", "4/4"):
            seat.press("ctrl+y")
            seat.until(f"Checks {confirmed}")
        seat.press("ctrl+s")
        seat.until("Sends to anna@example.com, in 15 s, as a reply to message 1")
        seat.settle(still=0.5)
        seat.press("ctrl+s")
        seat.until("leaves for anna@example.com")
        assert seat.leave() == 0
    assert "1 sent" in command("send", "--now", store=store)
    case = json.loads(command("show", "1", "--json", store=store))
    assert [message["from"] for message in case["messages"]] == ["customer", "agent"]
    assert "See you soon!" in case["messages"][1]["text"]
    (mail,) = (tmp_path / "outbox" / "new").iterdir()
    assert "In-Reply-To: <m1@example.com>" in mail.read_text()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_short_day_at_the_desk_with_the_keyboard_only(tmp_path: Path) -> None:
    """Routine approvals take at most 12 keys each, from opening a ticket to the queue again; others are decided too."""
    done = day.work(tmp_path, (80, 24), 4)
    print(done)
    assert len(done.routine) == 3
    assert max(done.routine) <= day.MOST_KEYS
    assert len(done.others) == 1
