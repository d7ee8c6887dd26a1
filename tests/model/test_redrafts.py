"""New drafts at the workstation: as asked, as they come, called off, never over words a person typed unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from conftest import StandingClock
from model.openai_server import Call, Reply, answer, serving
from textual.widgets import Static

from screens.redraft import RedraftDialog
from screens.review import ReviewScreen
from supportdesk.app import DeskApp
from supportdesk.bootstrap import open_desk
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author
from supportdesk.services.desk import Desk
from supportdesk.services.ports import NewTicket
from supportdesk.settings import AssistantSettings, Settings, WorkstationSettings

FIRST = "Hello,\n\nour shop is open on Saturdays.\n\nKind regards"
SECOND = "Hello,\n\nwe are sorry for the delay. Our shop is open on Saturdays.\n\nKind regards"


def opener(folder: Path, url: str, clock: StandingClock) -> Callable[[], Desk]:
    def opened() -> Desk:
        chosen = AssistantSettings(model="openai/double", base_url=url, timeout=20)
        desk = open_desk(folder / "desk.db", Settings(assistant=chosen), login="lea", clock=clock)
        with desk.store.write() as tx:
            ticket = tx.tickets.add(NewTicket("Hours", "anna@example.com", "Anna", "mail"), clock.now())
            words = "Hello, could you tell me when your shop in Bremen is open on Saturdays?"
            sender = Address("anna@example.com", "Anna")
            tx.tickets.add_message(ticket, IncomingMessage(Author.CUSTOMER, words, sender), clock.now())
        desk.preparing.one(ticket)
        return desk

    return opened


def script(call: Call) -> Reply:
    if "redraft" in call.keys:
        return Reply(answer(call, redraft={"text": SECOND}), pause=0.4)
    return Reply(answer(call, reply={"text": FIRST}))


class Sitting:
    """The app with the ticket's review open."""

    def __init__(self, app: DeskApp, pilot: object) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, what: Callable[[], object], seconds: float = 60.0) -> None:
        for _ in range(int(seconds / 0.05)):
            await self.pilot.pause(0.05)  # type: ignore[attr-defined]
            if what():
                return
        raise AssertionError("it did not come to that")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)  # type: ignore[attr-defined]

    def words(self) -> str:
        screen = next(s for s in self.app.screen_stack if isinstance(s, ReviewScreen))
        return screen.sitting.words

    async def open(self) -> None:
        await self.until(lambda: self.app.station.clerk.is_open)
        await self.pilot.pause(0.3)  # type: ignore[attr-defined]
        await self.press("enter")
        await self.until(lambda: isinstance(self.app.screen, ReviewScreen) and self.app.screen.sitting.holds)

    async def ask(self, instruction: str) -> RedraftDialog:
        await self.press("r")
        await self.until(lambda: isinstance(self.app.screen, RedraftDialog))
        await self.press(*(c if c != " " else "space" for c in instruction), "enter")
        assert isinstance(self.app.screen, RedraftDialog)
        return self.app.screen


def run(folder: Path, clock: StandingClock, url: str, story: Callable[[Sitting], object]) -> None:
    async def go() -> None:
        app = DeskApp(opener(folder, url, clock), WorkstationSettings())
        async with app.run_test(size=(150, 44)) as pilot:
            sitting = Sitting(app, pilot)
            await sitting.open()
            await story(sitting)  # type: ignore[misc]

    asyncio.run(go())


def test_a_draft_is_watched_as_it_comes_compared_and_taken(tmp_path: Path, clock: StandingClock) -> None:
    """The words grow on screen; what changed is marked; ^s makes it the next revision, the first stays."""

    async def story(it: Sitting) -> None:
        assert it.words() == FIRST
        dialog = await it.ask("apologise")
        grown: list[str] = []
        await it.until(lambda: dialog._proposal or grown.append(dialog._heard))
        partial = {words for words in grown if words and words != SECOND}
        assert partial
        assert all(SECOND.startswith(words) for words in partial)
        await it.until(lambda: "words new" in str(dialog.query_one("#says", Static).content))
        await it.press("ctrl+s")
        await it.until(lambda: it.words() == SECOND)
        desk = it.app.station.desk
        assert [r.text for r in desk.review.revisions(1)] == [FIRST, SECOND]
        taken = [r for r in desk.review.history(1) if r.action == "took_redraft"]
        assert taken[0].body["by"] == "openai/double"

    with serving(script) as server:
        run(tmp_path, clock, server.url, story)
        assert "apologise" in server.calls[-1].text
        assert server.calls[-1].body["stream"] is True


def test_words_a_person_typed_are_replaced_only_when_asked_twice(tmp_path: Path, clock: StandingClock) -> None:
    """The first ^s says what it would replace; Esc leaves everything as it was."""

    async def story(it: Sitting) -> None:
        it.app.station.desk.review.edit(1, "lea", "My own words.")
        screen = it.app.screen
        assert isinstance(screen, ReviewScreen)
        await screen.sitting.read()
        screen.show_case()
        dialog = await it.ask("shorter")
        await it.until(lambda: dialog._proposal)
        await it.press("ctrl+s")
        assert it.app.screen is dialog
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, ReviewScreen))
        assert it.words() == "My own words."

    with serving(script) as server:
        run(tmp_path, clock, server.url, story)
        assert "My own words." in server.calls[-1].text


def test_a_draft_that_is_being_written_can_be_called_off(tmp_path: Path, clock: StandingClock) -> None:
    """Esc ends the call at once, nothing is changed, and the next one works."""

    async def story(it: Sitting) -> None:
        dialog = await it.ask("slowly")
        await it.until(lambda: dialog._heard or dialog._off)
        await it.press("escape")
        await it.until(lambda: "Called off" in str(dialog.query_one("#says", Static).content))
        await it.press("escape")
        await it.until(lambda: isinstance(it.app.screen, ReviewScreen))
        assert it.words() == FIRST
        assert len(it.app.station.desk.review.revisions(1)) == 1

    def slow(call: Call) -> Reply:
        return Reply(answer(call, redraft={"text": SECOND}, reply={"text": FIRST}), pause=2.0)

    with serving(slow) as server:
        run(tmp_path, clock, server.url, story)


def test_what_was_sent_can_be_read_under_the_preparation(tmp_path: Path, clock: StandingClock) -> None:
    """Model, tokens, prompts with versions, and each message as it left."""

    async def story(it: Sitting) -> None:
        from widgets.made import made_points
        from widgets.points import PointList

        screen = it.app.screen
        assert isinstance(screen, ReviewScreen)
        made = " ".join(f"{p.lead} {p.text}" for p in made_points(screen.case, clock.now()))  # type: ignore[arg-type]
        assert "openai/double · just now" in made
        assert "150 tokens" in made
        assert "reply@1" in made
        screen.action_review_sent()
        await it.until(lambda: it.app.screen is not screen and it.app.screen.query(PointList))
        shown = " ".join(p.text for p in it.app.screen.query_one(PointList).points)
        assert "could you tell me when your shop in Bremen" in shown
        assert "You prepare customer support tickets" in shown

    with serving(script) as server:
        run(tmp_path, clock, server.url, story)
