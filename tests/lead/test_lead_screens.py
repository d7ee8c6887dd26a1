"""The lead's screens: what they say, what they do, and that nothing is cut at 80×24."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seats import seated
from textual.widgets import Input

from supportdesk.domain.escalation import EscalationState
from supportdesk.domain.theme import ThemeState
from supportdesk.domain.words import Status
from supportdesk.services.desk import Desk
from supportdesk.services.exercises import Exercises
from widgets.points import PointList


async def test_an_owner_acknowledges_and_decides_with_the_keyboard(desk: Desk, escalate: Callable[..., int]) -> None:
    """Mine first, with what is asked; ^k takes it on, d and a form decide; the ticket is the reviewer's again."""
    number = escalate(expected="May we take it back after 40 days?")
    desk.escalations.watch()
    async with seated(desk, "app", size=(80, 24)) as seat:
        await seat.press("E")
        assert "Waiting for you" in seat.text
        assert "May we take it back after 40 days?" in seat.text
        assert "acknowledge in" in seat.text
        await seat.press("ctrl+k")
        assert desk.escalations.open(number).escalation.state is EscalationState.ACKNOWLEDGED
        await seat.press("d")
        await seat.until("Decide escalation")
        await seat.pilot.pause(0.4)
        await seat.press("j", "enter")
        await seat.press("ctrl+s")
        assert "what the reviewer should do" in seat.text
        await seat.type("Offer a repair instead")
        await seat.press("ctrl+s")
        await seat.until("Decided: refuse")
    decided = desk.escalations.open(number)
    assert (decided.escalation.outcome, decided.escalation.instruction) == ("refuse", "Offer a repair instead")
    assert (decided.ticket.status, decided.ticket.assignee) == (Status.OPEN, "ana")


async def test_who_may_not_decide_is_told_why(desk: Desk, escalate: Callable[..., int]) -> None:
    """A colleague sees every escalation, and a refusal says whose it is."""
    number = escalate()
    async with seated(desk, "ana", size=(80, 24)) as seat:
        await seat.press("E", "ctrl+k")
        assert "for app, ben or a lead to decide" in seat.text
        await seat.press("r", "d")
        assert seat.screen == "EscalationsScreen", "told at once, not after a form was filled in"
        assert "for app, ben or a lead to decide" in seat.text
    assert desk.escalations.open(number).escalation.state is EscalationState.OPEN


async def test_a_figure_opens_the_tickets_behind_it(desk: Desk, bring: Callable[..., int]) -> None:
    """From the list to a line of a figure to its tickets, and from there into the review."""
    bring("I was charged twice, please refund 20 EUR.", subject="Charged twice")
    async with seated(desk, "lea", size=(120, 36)) as seat:
        await seat.press("M")
        await seat.until("How long open tickets have waited")
        await seat.until("What was changed because of it")
        await seat.press("enter", "enter")
        await seat.until("1 ticket")
        assert "Charged twice" in seat.text
        await seat.press("enter")
        assert seat.screen == "ReviewScreen"
        await seat.press("escape")
        assert seat.screen == "MonitoringScreen"
        await seat.press("escape")
        assert seat.screen == "QueueScreen"


async def test_readiness_says_the_one_thing_to_do(desk: Desk) -> None:
    """Fourteen questions, each with its answer; a gap names the setting that mends it."""
    async with seated(desk, "lea", size=(80, 24)) as seat:
        await seat.press("R")
        assert "Question 1 of 14" in seat.text
        assert "To do" in seat.text
        await seat.press("G")
        assert "no policies of its own" in seat.text


async def test_every_lead_screen_fits_every_size(desk: Desk, escalate: Callable[..., int]) -> None:
    """List, detail and foot are on screen at 80×24, 120×36 and 200×60, and each leads to the next."""
    escalate()
    for size in ((80, 24), (120, 36), (200, 60)):
        async with seated(desk, "lea", size=size) as seat:
            for key, words in (("E", "Escalations"), ("M", "Monitoring"), ("R", "Readiness")):
                await seat.press(key)
                await seat.until(words)
                assert "Help" in seat.lines[-1]
                assert all(len(line) <= size[0] for line in seat.text.split("\n"))
            await seat.press("escape")
            assert seat.screen == "QueueScreen"


async def test_a_theme_is_confirmed_only_after_three_looks(desk: Desk, bring: Callable[..., int]) -> None:
    """f proposes, d before looking says what to do first, Enter on three examples, then d confirms with an owner."""
    for place in ("Bremen", "Kiel", "Jena", "Ulm", "Trier", "Celle"):
        bring(f"The tracking link for my parcel to {place} shows an error page.", subject="Tracking link error")
    async with seated(desk, "lea", size=(120, 36)) as seat:
        await seat.press("I")
        assert "f looks for themes" in seat.text
        await seat.press("f")
        await seat.until("proposed that the register did not have")
        await seat.press("d")
        await seat.pilot.pause(0.4)
        assert "Look at 3 more of its examples first" in seat.text
        await seat.press("escape", "enter")
        detail = seat.app.screen.query_one("#lead-detail", PointList)
        looks = [p for p in detail.points if isinstance(p.key, tuple) and p.key[0] == "look"]
        for point in looks[:3]:
            detail.stand_on(point.key)
            await seat.press("enter")
            await seat.until("its first letter")
            await seat.press("escape")
        await seat.press("tab", "d")
        await seat.pilot.pause(0.4)
        for _ in range(3):
            await seat.press("enter")
        await seat.type("lea")
        await seat.press("ctrl+s")
        await seat.until("Confirmed")
    assert [(t.state, t.owner) for t in desk.themes.all(ThemeState.CONFIRMED)] == [(ThemeState.CONFIRMED, "lea")]


async def test_the_other_lead_screens_say_what_fills_them(desk: Desk) -> None:
    """Nothing promised, nothing learned: each empty list says where its entries come from."""
    async with seated(desk, "lea", size=(80, 24)) as seat:
        await seat.press("P")
        assert "Nothing is promised" in seat.text
        await seat.press("M")
        await seat.press("G")
        await seat.until("People can read what waits")


async def test_an_exercise_says_at_once_whether_the_fault_was_seen(desk: Desk) -> None:
    """Off until announced; then the palette's command shows one, and pointing at the words is answered kindly."""
    exercises = Exercises(desk.store, desk.clock, 1)
    with_exercises = replace(desk, exercises=exercises)
    async with seated(with_exercises, "ana", size=(80, 24)) as seat:
        seat.app.action_lead_exercise()
        await seat.quiet()
        assert "not announced" in seat.text
    exercises.announce("lea")
    async with seated(with_exercises, "ana", size=(80, 24)) as seat:
        seat.app.action_lead_exercise()
        await seat.until("nothing here can be sent")
        wrong = exercises.show("ana").quote
        seat.app.screen.query_one("#wrong", Input).value = wrong
        await seat.press("ctrl+s")
        await seat.until("Well seen")
    assert exercises.team() == (1, 1)


async def test_the_form_to_escalate_names_who_there_is_and_takes_nobody_else(
    desk: Desk, bring: Callable[..., int]
) -> None:
    """The people and roles stand beside the question; a login nobody has is refused before anything is done."""
    bring("I will hand this to my lawyer.")
    async with seated(desk, "ana") as seat:
        await seat.press("enter")
        await seat.until("taken by you")
        await seat.press("f5")
        assert "Escalate #1" in seat.text
        assert "Who decides: ana, app, ben, lea; or agent, approver, lead" in seat.text
        form = seat.app.screen
        form.query_one("#field-expected").value = "May we?"  # type: ignore[attr-defined]
        for owner, backup, words in (
            ("zzz", "app", "Nobody active here answers to “zzz”"),
            ("app", "app", "must be somebody else"),
        ):
            form.query_one("#field-owner").value = owner  # type: ignore[attr-defined]
            form.query_one("#field-backup").value = backup  # type: ignore[attr-defined]
            await seat.pilot.pause(0.4)
            await seat.press("ctrl+s")
            assert words in seat.painted("#dialog")
        assert desk.escalations.all() == ()
