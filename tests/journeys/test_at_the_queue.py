"""A person at the queue: filters, views, picks, settings, first steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from seats import seated

from supportdesk.app import DeskApp
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.query import QueueQuery, parse_query
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Status
from supportdesk.errors import BadInput
from supportdesk.services.desk import Desk
from supportdesk.settings import load_settings
from widgets.queue_table import QueueTable

TEXTS = {
    "charge": "I was charged twice for order 88213, refund me.",
    "smoke": "The battery is on fire, there is smoke everywhere!",
    "hours": "When are you open on Saturdays?",
    "wide": "東京から注文しました。荷物はどこですか。",
}


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Four prepared tickets."""
    for number, (name, text) in enumerate(TEXTS.items()):
        sender = Address(f"{name}@example.com", "山田 太郎" if name == "wide" else name.title())
        at = desk.clock.now() - timedelta(hours=number + 1)
        message = IncomingMessage(Author.CUSTOMER, text, sender=sender, sent_at=at)
        desk.intake.take([IncomingTicket(name, f"About {name}", sender, (message,))])
    for _ in desk.preparing.run():
        pass
    return desk


async def test_a_filter_is_completed_and_its_matches_are_shown(filled: Desk) -> None:
    """Tab takes what is offered; words show where they stand while they are typed."""
    async with seated(filled, "ana", size=(160, 40)) as seat:
        await seat.press("slash")
        await seat.type("trig")
        await seat.press("tab")
        await seat.type("saf")
        await seat.press("tab")
        assert seat.app.screen.query_one("#filter").value == "trigger:safety"  # type: ignore[attr-defined]
        await seat.until("1 ticket ")
        await seat.press("escape", "slash")
        await seat.type("charged")
        await seat.until("I was charged twice")
        await seat.press("escape")
        await seat.until("4 tickets")


async def test_a_ticket_is_found_by_its_number(filled: Desk) -> None:
    """`#2` and `id:2` show that ticket alone, however it stands; a number by itself puts it before what says it."""
    others = [i for i in filled.queue.ids(QueueQuery()) if i != 2]
    with filled.store.write() as tx:
        tx.tickets.change(2, status=Status.SOLVED.value)
        at = filled.clock.now()
        tx.tickets.add_message(others[-1], IncomingMessage(Author.CUSTOMER, "There are 2 of us.", sent_at=at), at)
    async with seated(filled, "ana") as seat:
        for typed, found in (("#2", [2]), ("id:2", [2]), ("2", [2, others[-1]]), ("#99", [])):
            await seat.press("slash", *(["ctrl+u"] if typed else []))
            seat.app.screen.query_one("#filter").value = typed  # type: ignore[attr-defined]
            await seat.until(f"{len(found)} ticket" if found else "No ticket")
            query = parse_query(typed, "ana")
            assert (list(filled.queue.ids(query)), filled.queue.count(query)) == (found, len(found)), typed
        seat.app.screen.query_one("#filter").value = "2"  # type: ignore[attr-defined]
        await seat.until("2 tickets")
        await seat.press("enter", "enter")
        await seat.until("#2 About")
    with pytest.raises(BadInput, match="id:2 or #2"):
        parse_query("id:two")


async def test_a_filter_that_makes_no_sense_is_answered(filled: Desk) -> None:
    """In words, under the line."""
    async with seated(filled, "ana") as seat:
        await seat.press("slash")
        await seat.type("colour:red ")
        await seat.until("Unknown filter colour:")


async def test_picked_tickets_are_assigned_tagged_and_paused_together(filled: Desk) -> None:
    """x picks; a dialog says what it will do; the records have a link for each."""
    async with seated(filled, "ana") as seat:
        await seat.press("x", "x")
        assert "2 tickets picked" in seat.text
        await seat.press("a")
        assert "Who looks after these 2 tickets?" in seat.text
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("Done for 2 tickets")
        mine = [i for i in range(1, 5) if filled.queue.get(i).assignee == "ana"]
        assert len(mine) == 2
        await seat.press("g", "x", "T")
        await seat.type("vip")
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("Done for 1 ticket")
        await seat.press("G", "f7")
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("Done for 1 ticket")
    assert sum(filled.queue.get(i).status is Status.PAUSED for i in range(1, 5)) == 1
    assert sum("vip" in filled.queue.get(i).tags for i in range(1, 5)) == 1
    assert all(any(r.action == "assigned" for r in filled.review.history(i)) for i in mine)


async def test_somebody_elses_ticket_is_left_alone_and_said_so(filled: Desk) -> None:
    """What one may not do to one ticket is not done to it among many."""
    ids = filled.queue.ids(QueueQuery())
    filled.review.take(ids[0], "ben")
    async with seated(filled, "ana") as seat:
        await seat.press("x", "x", "f7")
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("Done for 1 ticket")
        assert f"Not for #{ids[0]}: ben has had this ticket" in " ".join(seat.text.split())
    assert filled.queue.get(ids[0]).status is not Status.PAUSED


async def test_views_have_counts_and_are_kept(filled: Desk, tmp_path: Path) -> None:
    """A filter gets a name, stands beside the queue with its count, and is there the next time."""
    async with seated(filled, "ana") as seat:
        seat.app.station.keep = tmp_path / "settings.toml"
        await seat.press("slash")
        await seat.type("charged")
        await seat.press("enter", "V")
        await seat.type("Money")
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("Kept in")
        await seat.press("escape", "v")
        await seat.until("Money")
        line = next(line for line in seat.lines if "Money" in line)
        assert "Money" in line.split("│")[0]
    assert load_settings(tmp_path / "settings.toml").workstation.views == {"Money": "charged"}


async def test_the_cursor_stays_with_its_ticket_when_others_arrive(filled: Desk) -> None:
    """Live refresh moves the rows, not the person."""
    async with seated(filled, "ana") as seat:
        await seat.press("G")
        table = seat.app.screen.query_one("#tickets")
        before = table.current_id  # type: ignore[attr-defined]
        sender = Address("new@example.com", "New")
        message = IncomingMessage(Author.CUSTOMER, "My flat is on fire!", sender=sender, sent_at=filled.clock.now())
        filled.intake.take([IncomingTicket("new", "About now", sender, (message,))])
        await seat.until("About now")
        assert table.current_id == before  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_wide_letters_do_not_break_the_columns(filled: Desk, size: tuple[int, int]) -> None:
    """Every row ends where the others end."""
    from rich.cells import cell_len

    async with seated(filled, "ana", size=size) as seat:
        assert {cell_len(line) for line in seat.lines} == {size[0]}
        headings = next(line for line in seat.lines if "subject" in line)
        at = headings.index("flags")
        rows = [line for line in seat.lines if "About" in line]
        assert len(rows) == 4
        assert all(cell_len(line[: at - 1]) == at - 1 for line in rows)


async def test_settings_are_explained_checked_and_written(filled: Desk, tmp_path: Path) -> None:
    """From the palette to the file."""
    async with seated(filled, "ana") as seat:
        seat.app.station.keep = tmp_path / "settings.toml"
        await seat.app.run_action("app_settings")
        await seat.until("[delivery]")
        listed = seat.app.screen.query_one("#settings-list")
        listed.stand_on("delivery.recall_seconds")  # type: ignore[attr-defined]
        await seat.until("How long an approved reply can be called back.")
        await seat.press("enter", "end", "backspace", "backspace")
        await seat.type("soon")
        assert "is a number" in seat.text
        await seat.press(*["backspace"] * 4)
        await seat.type("30")
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("Kept")
        await seat.press("escape")
    assert load_settings(tmp_path / "settings.toml").delivery.recall_seconds == 30


async def test_a_first_run_imports_a_mailbox(desk: Desk, tmp_path: Path) -> None:
    """Enter on the empty desk leads to tickets without a shell."""
    from seats import mail

    box = tmp_path / "hello.eml"
    box.write_text(mail("When are you open?"))
    async with seated(desk, "ana") as seat:
        await seat.press("enter")
        assert "How to begin" in seat.text
        await seat.press("j", "enter")
        field = seat.app.screen.query_one("#field-path")
        field.value = str(box)  # type: ignore[attr-defined]
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        await seat.until("1 ticket prepared")
        await seat.press("escape")
        await seat.until("Opening hours")


async def test_the_first_rows_are_there_before_the_desk_is(filled: Desk) -> None:
    """A glance at the store while the desk is being opened; Enter waits for it."""
    import threading

    from supportdesk.settings import WorkstationSettings
    from supportdesk.store.glance import glance

    gate = threading.Event()

    def opener() -> Desk:
        gate.wait(10)
        return replace(filled, close=lambda: None)

    app = DeskApp(opener, WorkstationSettings(), glance=lambda: glance(filled.file))
    async with app.run_test(size=(120, 36)) as pilot:
        for _ in range(100):
            text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
            if "About smoke" in text:
                break
            await pilot.pause(0.02)
        assert "About smoke" in text
        assert not app.station.clerk.is_open
        gate.set()
        while not app.station.clerk.is_open:
            await pilot.pause(0.01)


async def test_a_look_that_comes_back_to_a_closed_workstation_is_no_fault(filled: Desk) -> None:
    """Its widgets are gone by then; one that misses them on a screen still there is."""
    import asyncio

    from textual.css.query import NoMatches
    from textual.worker import WorkerFailed

    async def late(app: DeskApp, *, closed: bool) -> None:
        while app._running and closed:
            await asyncio.sleep(0)
        app.screen.query_one("#gone")

    async with seated(filled, "ana") as seat:
        app = seat.app
        app.run_worker(late(app, closed=True))
    assert app.return_code in (None, 0)
    with pytest.raises(WorkerFailed) as failed:
        async with seated(filled, "ana") as seat:
            app = seat.app
            app.run_worker(late(app, closed=False))
            await seat.pilot.pause()
    assert isinstance(failed.value.error, NoMatches)


async def test_the_cursor_waits_at_the_top_until_somebody_moves_it(filled: Desk) -> None:
    """More pressing tickets may come above it meanwhile; once placed, it stays with its ticket."""

    def arrive(name: str, text: str) -> None:
        sender = Address(f"{name}@example.com", name.title())
        message = IncomingMessage(Author.CUSTOMER, text, sender=sender, sent_at=filled.clock.now())
        filled.intake.take([IncomingTicket(name, f"About {name}", sender, (message,))])
        for _ in filled.preparing.run():
            pass

    async with seated(filled, "ana") as seat:
        table = seat.app.screen.query_one(QueueTable)
        assert table.place == 1
        arrive("gas", "There is a strong smell of gas and my child is dizzy, please help at once!")
        await seat.press("r")
        assert table.place == 1
        await seat.press("j", "k")
        stood_on = table.current_id
        arrive("spark", "Sparks fly from the heater, it burned my hand and the curtain is on fire!")
        await seat.press("r")
        assert table.current_id == stood_on
