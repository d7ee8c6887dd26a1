"""The workstation and its back office: started where none runs, seen in a line, paused, gone with its starter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import StandingClock
from model.test_back_office import ROOT, Office

from screens.office_line import OfficeLine
from supportdesk.app import DeskApp
from supportdesk.back_office import Attendant
from supportdesk.bootstrap import open_desk
from supportdesk.domain.calls import Worker
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.words import Author
from supportdesk.services.desk import Desk
from supportdesk.services.ports import NewTicket
from supportdesk.settings import Settings, WorkstationSettings
from supportdesk.store.claims import SqlClaims


def come_to_that(what: Callable[[], object], seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.1)


def write(desk: Desk, words: str) -> int:
    with desk.store.write() as tx:
        ticket = tx.tickets.add(NewTicket("Hours", "anna@example.com", "Anna", "mail"), desk.clock.now())
        tx.tickets.add_message(ticket, IncomingMessage(Author.CUSTOMER, words), desk.clock.now())
    return ticket


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    made = Office(tmp_path)
    for name in ("SUPPORTDESK_CONFIG", "PYTHONPATH", "SUPPORTDESK_LOGIN"):
        monkeypatch.setenv(name, made.environment[name])
    monkeypatch.chdir(ROOT)
    return made


def test_a_back_office_is_started_works_and_ends_with_whoever_started_it(office: Office) -> None:
    """It prepares what comes while it runs; when its input closes it ends cleanly and leaves the list."""
    desk = open_desk(office.store, Settings(), login="lea")
    attendant = Attendant(office.store)
    assert attendant.attend(running=False) == ""
    come_to_that(lambda: desk.office.state().workers)
    ticket = write(desk, "Hello, when are you open?")
    come_to_that(lambda: desk.review.open(ticket, "lea").preparation)
    come_to_that(lambda: desk.office.state().words == "idle")
    attendant.close()
    come_to_that(lambda: not desk.office.state().workers)
    desk.close()


def test_one_that_cannot_stay_says_why_and_is_not_started_over_and_over(office: Office) -> None:
    """A prompt nobody can use: its sentence is passed on, in the log too."""
    office.set("http://127.0.0.1:9/v1")
    (office.folder / "prompts").mkdir()
    (office.folder / "prompts" / "reply.md").write_text("broken")
    attendant = Attendant(office.store)
    attendant.attend(running=False)
    come_to_that(lambda: "reply.md" in attendant.attend(running=False))
    assert attendant._process is None
    assert "reply.md" in office.store.with_name("desk.db.work.log").read_text()
    attendant.close()


def test_who_opens_a_ticket_has_it_claimed_before_all_others(desk: Desk, clock: StandingClock) -> None:
    """Also before one that waits longer; a pause holds for it too."""
    claims = SqlClaims(desk.store, clock)  # type: ignore[arg-type]
    first, second, third = (write(desk, f"Question {n}: when are you open?") for n in range(3))
    assert desk.office.want(third)
    desk.office.pause("lea")
    assert claims.claim("one", 3, 1000) == ()
    desk.office.pause("lea")
    assert claims.claim("one", 1, 1000, wanted=True) == (third,)
    assert claims.claim("two", 2, 1000) == (first, second)
    assert claims.claim("two", 2, 1000) == ()
    desk.preparing.one(third)
    assert not desk.office.want(third)


def test_the_state_of_the_back_office_stands_in_a_line(tmp_path: Path, clock: StandingClock) -> None:
    """Working, waiting, unreachable since when; paused by whom. Nothing where none runs and none is to be started."""

    def opener() -> Desk:
        desk = open_desk(tmp_path / "desk.db", Settings(), login="lea", clock=clock)
        write(desk, "Hello?")
        return desk

    async def go() -> None:
        app = DeskApp(opener, WorkstationSettings())
        async with app.run_test(size=(120, 30)) as pilot:

            async def until(words: str) -> None:
                for _ in range(600):
                    await pilot.pause(0.05)
                    if words in str(app.screen.query_one(OfficeLine).content):
                        return
                raise AssertionError(app.screen.query_one(OfficeLine).content)

            while not app.station.clerk.is_open:
                await pilot.pause(0.05)
            line = app.screen.query_one(OfficeLine)
            await line._read()
            assert not line.display
            claims = SqlClaims(app.station.desk.store, clock)  # type: ignore[arg-type]
            note = "openai/double unreachable since 08:55 UTC"
            claims.beat(Worker("host:1", "working", note, 0, 30_000), 30_000)
            await line._read()
            assert line.display
            await until(f"back office: working, 1 waiting · {note}")
            app.action_app_pause()
            await until("paused by lea, 1 waiting")

    asyncio.run(go())
