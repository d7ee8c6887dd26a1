"""Escalation clocks over a weekend, a holiday, and the night the clocks change, at a desk in Berlin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision
from supportdesk.domain.escalation import Step
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.people import Person
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, DecisionKind
from supportdesk.settings import settings_from


@pytest.mark.parametrize(
    ("begin", "holidays", "missed"),
    [
        # Friday 16:30 in winter; half an hour then, three and a half from Monday 9:00 in summer time.
        (datetime(2026, 3, 27, 15, 30, tzinfo=UTC), (), datetime(2026, 3, 30, 10, 30, tzinfo=UTC)),
        # The same with Monday a holiday.
        (datetime(2026, 3, 27, 15, 30, tzinfo=UTC), ("2026-03-30",), datetime(2026, 3, 31, 10, 30, tzinfo=UTC)),
        # Friday 16:30 in summer; Monday 9:00 is in winter time.
        (datetime(2026, 10, 23, 14, 30, tzinfo=UTC), (), datetime(2026, 10, 26, 11, 30, tzinfo=UTC)),
    ],
)
def test_four_open_hours_are_four_open_hours(
    tmp_path: Path,
    clock,
    begin: datetime,
    holidays: tuple[str, ...],
    missed: datetime,  # type: ignore[no-untyped-def]
) -> None:
    """Nothing is missed a minute before, everything a minute after, and a clock set back in between gains nothing."""
    clock.at = begin
    settings = settings_from({"hours": {"zone": "Europe/Berlin", "holidays": list(holidays)}}, "settings.toml")
    desk = open_desk(tmp_path / "berlin.db", settings, login="lea", clock=clock)
    for login, role in (("ana", "agent"), ("ben", "agent"), ("app", "approver")):
        desk.staff.put("lea", Person(login, role=role))
    letter = IncomingMessage(
        author=Author.CUSTOMER, text="May I return it?", subject="Return", sender=Address("c@example.com", ""),
        sent_at=begin, message_id="letter@example.com",
    )  # fmt: skip
    desk.intake.take([letter])
    desk.preparing.one(1)
    desk.review.take(1, "ana")
    decision = Decision(DecisionKind.ESCALATE, "risk", owner="app", backup="ben", expected="May we?")
    desk.review.decide(1, "ana", decision, rest_not_judged=True)

    def steps() -> set[Step]:
        desk.escalations.watch()
        return {event.step for event in desk.escalations.all()[0].events}

    assert Step.STARTED in steps()
    assert desk.escalations.all()[0].acknowledge_by == missed
    clock.forward(minutes=(missed - begin) / timedelta(minutes=1) - 1)
    clock.at -= timedelta(days=2)
    assert Step.ACKNOWLEDGE_BREACHED not in steps()
    clock.forward(minutes=2)
    assert {Step.ACKNOWLEDGE_BREACHED, Step.HANDED_TO_BACKUP} <= steps()
    desk.close()
