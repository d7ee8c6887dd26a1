"""What waits for an escalation is not answered by the way: the dialog says so and asks, the records keep it."""

from __future__ import annotations

from pathlib import Path

import pytest
from seats import Seat, bring, mail, seated

from supportdesk.domain.cautions import cautions
from supportdesk.domain.decision import Decision
from supportdesk.domain.escalation import Outcome, Ruling
from supportdesk.domain.words import AnswerValue, DecisionKind, Settled
from supportdesk.services.desk import Desk

LETTER = "Hello,\n\nthe battery caught fire and there is smoke, my daughter burned her hand!\n\nAnna"
NOBODY = "On the escalation path: safety. Nobody has decided an escalation."


@pytest.fixture
def burning(desk: Desk, tmp_path: Path) -> Desk:
    """A desk with a ticket about safety."""
    bring(desk, tmp_path, mail(LETTER))
    return desk


def ready(desk: Desk) -> None:
    """All is confirmed but the decision."""
    desk.review.take(1, "ana")
    case = desk.review.edit(1, "ana", "Hello Anna,\n\nI am so sorry. Is she all right?\n\nKind regards")
    desk.review.see(1, "ana", range(len(case.thread.messages)))
    for finding in case.open_findings:
        desk.review.settle(1, "ana", finding.fingerprint, Settled.OVERRIDE, "as it should be")
    for item in case.items:
        desk.review.answer(1, "ana", item, AnswerValue.CONFIRMED)


async def approving(seat: Seat) -> None:
    """Open the ticket and ask for approval."""
    await seat.press("enter")
    await seat.until("taken by you")
    await seat.press("ctrl+s")
    await seat.pilot.pause(0.4)


async def test_an_answer_without_an_escalation_is_weighed_and_recorded(burning: Desk) -> None:
    """The pane and the dialog say it; ^s alone sends nothing; a yes does, and stands in the records."""
    ready(burning)
    async with seated(burning, "ana", size=(150, 42)) as seat:
        await approving(seat)
        assert NOBODY in seat.painted("#dialog")
        await seat.press("ctrl+s")
        assert burning.sending.entries() == ()
        assert "Nobody has decided an escalation: say yes" in seat.painted("#dialog")
        await seat.press("escape")
        assert NOBODY in seat.painted("#prepared")
        await seat.press("ctrl+s")
        await seat.pilot.pause(0.4)
        await seat.press("down", "ctrl+s")
        assert seat.screen == "QueueScreen", seat.text
    assert len(burning.sending.entries()) == 1
    (decided,) = [r for r in burning.review.history(1) if r.action == "decided_approve"]
    assert decided.body["weighed"] is True


async def test_after_the_escalation_was_decided_nothing_more_is_asked(burning: Desk) -> None:
    """The dialog says that it was, and that a colleague's note is newer than what the customer wrote."""
    burning.review.take(1, "ana")
    escalate = Decision(DecisionKind.ESCALATE, "risk", owner="app", backup="lea", expected="May we answer?")
    burning.review.decide(1, "ana", escalate, rest_not_judged=True)
    (escalation,) = burning.escalations.all()
    burning.escalations.decide(escalation.id, "app", Ruling(Outcome.GRANT, "Answer warmly."))
    ready(burning)
    said = [caution.words for caution in cautions(burning.review.open(1, "ana"))]
    assert (
        said[0] == "On the escalation path: safety. An escalation was decided; what was decided stands in the thread."
    )
    assert said[1].startswith("A note is newer than the requester's last message [2]: “Escalation 1: Granted")
    async with seated(burning, "ana", size=(150, 42)) as seat:
        await approving(seat)
        assert "An escalation was decided" in seat.painted("#dialog")
        assert "A note is newer" in seat.painted("#dialog")
        await seat.press("ctrl+s")
        assert seat.screen == "QueueScreen", seat.text
