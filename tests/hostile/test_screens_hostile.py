"""Outside text on every screen: painted, and without a control byte, whatever it holds."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from seats import Seat, seated

from supportdesk.channels.sources import open_source
from supportdesk.domain.evidence import Article
from supportdesk.driver import passing
from supportdesk.services.desk import Desk
from supportdesk.settings import settings_from

SEQUENCES = {
    "asks": "\x1b]11;?\x1b\\",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "clear": "\x1b[2J\x1b[H",
    "colour": "\x1b[31;5m",
    "c1": "\x9b31m\x9d0;owned\x9c",
    "dcs": "\x1bP+q544e\x1b\\",
    "bare": "\x1b\x00\x07\x08\x0b\x0c\x7f",
    "bidi": "\u202egnp.exe\u202c\u2066x\u2069\u200f",
    "zero": "a\u200bb\ufeffc\u2060d\u00ade",
    "halves": "\x1b\x1b[[31m31m",
    "markup": "[@click=app.quit]quit[/] [/nope] [bold]b[/bold] [red",
    "wide": "日本語 👩‍👩‍👧‍👦 ﷽ العربية",
    "surrogate": "\ud800x",
}
GROUPS = {
    "controls": " ".join(SEQUENCES[n] for n in ("asks", "title", "clipboard", "link", "clear", "colour", "c1", "dcs")),
    "pieces": " ".join(SEQUENCES[n] for n in ("bare", "halves", "surrogate")),
    "invisible": " ".join(SEQUENCES[n] for n in ("bidi", "zero")),
    "markup": SEQUENCES["markup"],
    "wide": SEQUENCES["wide"],
}
"""Sequences that come together: each dialog is opened once for each group."""
CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
FILE = base64.b64encode(b"x").decode()


def hostile_ticket(name: str, sequence: str) -> dict[str, object]:
    """A ticket with a sequence in everything a stranger can write; each place has a word to find it by."""
    attachment = {"name": f"fileword{sequence}.png", "media_type": "image/png", "content_base64": FILE}
    message = {
        "from": "customer",
        "text": f"bodyword {sequence} bodyend. Please refund me 49 EUR {sequence}now?",
        "at": "2026-03-12T08:00:00+00:00",
        "name": f"sender{sequence}word",
        "email": "a@example.com",
        "attachments": [attachment],
    }
    requester = {"email": "a@example.com", "name": f"sender{sequence}word"}
    return {
        "id": name,
        "channel": "mail",
        "subject": f"{name}word {sequence}",
        "requester": requester,
        "messages": [message],
        "records": {f"order{sequence}": f"recordword{sequence}"},
    }


def take_in(desk: Desk, folder: Path, tickets: list[dict[str, object]]) -> None:
    """Import tickets as they are and prepare them."""
    file = folder / "hostile.jsonl"
    file.write_text("\n".join(json.dumps(t) for t in tickets), encoding="utf-8")
    with open_source(file) as source:
        desk.intake.take(source)
    for _ in desk.preparing.run():
        pass


def check(seat: Seat, *words: str) -> None:
    """The words were really painted, no widget needed the net, and nothing controls the terminal."""
    text = seat.text
    for word in words:
        assert word in text, f"{word} was never painted:\n{text}"
    assert seat.app.net.caught == 0, "a widget painted without cleaning first"
    assert not CONTROL.search("".join(seat.lines))
    width = seat.app.size.width
    assert {strip.cell_length for strip in seat.app.screen._compositor.render_strips()} == {width}


async def test_the_queue_paints_hostile_tickets_harmlessly(desk: Desk, tmp_path: Path) -> None:
    """Subjects and senders with every sequence: shown, aligned, inert."""
    take_in(desk, tmp_path, [hostile_ticket(name, sequence) for name, sequence in SEQUENCES.items()])
    async with seated(desk, "ana", size=(200, 40)) as seat:
        check(seat, *(f"{name}word" for name in SEQUENCES), "sender")


@pytest.mark.parametrize("name", GROUPS)
async def test_the_review_and_its_dialogs_paint_hostile_text_harmlessly(desk: Desk, tmp_path: Path, name: str) -> None:
    """Thread, preparation, draft, findings and every dialog over them, wide and one pane at a time."""
    sequence = GROUPS[name]
    writable = sequence.encode("utf-8", "replace").decode()
    take_in(desk, tmp_path, [hostile_ticket(name, sequence), hostile_ticket("another", sequence)])
    desk.knowledge.put_all([Article("hours", f"titleword {writable}", f"lineword {writable} refund")], "lea")
    macros = {"workstation": {"macros": {f"reply {writable}": f"macroword {writable} for {{name}}"}}}
    desk = replace(desk, settings=settings_from(macros, "test"))
    desk.review.take(1, "ana")
    desk.review.edit(1, "ana", f"draftword {writable} We will refund you 49 EUR {writable} by Friday.")
    dialogs = {
        **dict.fromkeys(("ctrl+s", "f4", "f5", "f6", "f7", "n", "question_mark", "ctrl+p"), ()),
        "t": ("edited the draft",),
        "o": ("anotherword",),
        "m": ("macroword",),
        "a": ("titleword",),
        "full_stop,enter": ("refund",),
    }
    async with seated(desk, "ana", size=(160, 44)) as seat:
        await open_ticket(seat, name)
        check(seat, f"{name}word", "bodyword", "bodyend", "fileword", "sender", "recordword", "draftword")
        await seat.press("h")
        check(seat, "bodyword")
        for keys, words in dialogs.items():
            await seat.press(*keys.split(","))
            check(seat, *words)
            assert seat.screen != "ReviewScreen", keys
            if keys == "a":
                await seat.press("enter")
                check(seat, "lineword")
                await seat.press("escape")
            await seat.press("escape")
            assert seat.screen == "ReviewScreen", keys
        await seat.press("m", "enter", "escape")
        check(seat, "macroword", "draftword")
    async with seated(desk, "ana", size=(80, 24)) as seat:
        await open_ticket(seat, name)
        check(seat, "bodyword")
        for word in ("recordword", "draftword"):
            await seat.press("tab")
            if word == "recordword":
                await seat.press("G")
            check(seat, word)


async def open_ticket(seat: Seat, name: str) -> None:
    """Open the ticket with this word in its subject."""
    await seat.press("slash")
    await seat.type(f"{name}word")
    await seat.press("enter", "enter")
    await seat.until("bodyword")


async def test_naughty_strings_are_painted_line_by_line(desk: Desk, tmp_path: Path, corpora: Path) -> None:
    """The big list of naughty strings as one mail: every row of it can be painted, and nothing else happens."""
    naughty = json.loads((corpora / "weird" / "blns.json").read_text("utf-8"))
    ticket = hostile_ticket("blns", "")
    ticket["messages"][0]["text"] = "\n".join(["firstword", *naughty, "lastword"])  # type: ignore[index]
    take_in(desk, tmp_path, [ticket])
    async with seated(desk, "ana", size=(100, 30)) as seat:
        await seat.press("enter", "f")
        thread = seat.app.screen.query_one("#thread")
        rows = thread.layout_rows  # type: ignore[attr-defined]
        painted = []
        for row in rows:
            strip = thread._paint(row, thread.line_width)  # type: ignore[attr-defined]
            assert strip.cell_length == thread.line_width  # type: ignore[attr-defined]
            assert not CONTROL.search(strip.text)
            painted.append(strip.text)
        words = "\n".join(painted)
        assert "firstword" in words
        assert "lastword" in words
        assert len(rows) > len(naughty)
        while thread.scroll_offset.y < thread.max_scroll_y:
            await seat.press("pagedown")
            check(seat)


@pytest.mark.parametrize("sequence", [s for n, s in SEQUENCES.items() if n not in ("markup", "wide", "colour")])
def test_the_driver_refuses_what_textual_never_says(sequence: str) -> None:
    """The second net: painted text stays, foreign control bytes do not."""
    safe = "\x1b[1;38;2;1;2;3mtext\x1b[0m\x1b[3;4H日本\n"
    assert passing(safe) == safe
    left = passing(f"{safe}begin{sequence}end{safe}")
    assert "begin" in left
    assert "end" in left
    own = left.replace(safe, "")
    spoken = re.compile("\x1b\\[[0-9;]*[mH]|\x1b\\]52;c;[A-Za-z0-9+/=]*\x07|\x07")
    assert not CONTROL.search(spoken.sub("", own).replace("\u200b", "").replace("\ufeff", "").replace("\u2060", ""))
