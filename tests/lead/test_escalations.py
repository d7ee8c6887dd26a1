"""Nothing escalated is forgotten: clocks, hand-ons, decisions, and the ticket goes on."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from supportdesk.bootstrap import notifier_from
from supportdesk.domain.escalation import EscalationState, Outcome, Ruling, Step, owners_for
from supportdesk.domain.people import Person
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.words import Author, Status
from supportdesk.domain.words import Path as Way
from supportdesk.errors import BadInput, BadSettings, Refused
from supportdesk.services.clocks import clocks_from
from supportdesk.services.desk import Desk
from supportdesk.services.escalation import Escalations
from supportdesk.settings import settings_from

SAFETY = "The battery caught fire and there is smoke in the room, somebody could be hurt!"


def steps(desk: Desk, number: int) -> list[Step]:
    """What happened to an escalation."""
    return [event.step for event in desk.escalations.open(number).escalation.events]


def test_an_unacknowledged_escalation_goes_to_the_backup_then_the_lead(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """Thursday 9:00, four open hours to acknowledge: warned at 12:00, the backup's at 13:00, the lead's at 17:00."""
    number = escalate()
    desk.escalations.watch()
    assert steps(desk, number) == [Step.STARTED]
    clock.forward(hours=3)
    desk.escalations.watch()
    assert steps(desk, number) == [Step.STARTED, Step.ACKNOWLEDGE_WARNED]
    clock.forward(hours=1)
    desk.escalations.watch()
    desk.escalations.watch()
    assert steps(desk, number)[2:] == [Step.ACKNOWLEDGE_BREACHED, Step.HANDED_TO_BACKUP]
    escalation = desk.escalations.open(number).escalation
    assert (escalation.holder, escalation.breached) == ("ben", True)
    clock.forward(hours=4)
    desk.escalations.watch()
    assert steps(desk, number)[4:] == [Step.HANDED_TO_LEAD]
    assert [e.id for e in desk.escalations.views(desk.staff.get("lea")).mine] == [number]
    recorded = [r.action for r in desk.review.history(escalation.ticket_id)]
    assert "escalation_handed_to_backup" in recorded
    assert "escalation_handed_to_lead" in recorded


def test_a_desk_that_was_off_records_every_step_it_missed(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """Three weeks later everything is there, in the order it fell due, with the time it should have been."""
    number = escalate()
    clock.forward(days=21)
    desk.escalations.watch()
    events = desk.escalations.open(number).escalation.events
    assert {e.step for e in events} == {
        Step.STARTED,
        Step.ACKNOWLEDGE_WARNED,
        Step.ACKNOWLEDGE_BREACHED,
        Step.HANDED_TO_BACKUP,
        Step.HANDED_TO_LEAD,
        Step.RESOLVE_WARNED,
        Step.RESOLVE_BREACHED,
    }
    due = [e.due_at for e in events if e.due_at]
    assert due == sorted(due)
    breach = next(e for e in events if e.step is Step.ACKNOWLEDGE_BREACHED)
    assert breach.due_at == datetime(2026, 3, 12, 13, tzinfo=UTC)


def test_a_weekend_pauses_the_clock_but_never_for_safety(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """Friday 16:30 to Monday: an ordinary one has half an hour behind it, safety is long missed."""
    clock.at = datetime(2026, 3, 13, 16, 30, tzinfo=UTC)
    ordinary, urgent = escalate(), escalate(SAFETY)
    clock.forward(hours=24)
    desk.escalations.watch()
    assert steps(desk, ordinary) == [Step.STARTED]
    assert Step.ACKNOWLEDGE_BREACHED in steps(desk, urgent)
    assert Step.RESOLVE_BREACHED in steps(desk, urgent)
    escalation = desk.escalations.open(urgent).escalation
    assert escalation.acknowledge_by == escalation.opened_at + timedelta(minutes=15)


def test_a_wall_clock_set_back_gains_nobody_time(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """The uptime tells how long it really was; nothing recorded is ever earlier than what came before."""
    number = escalate()
    clock.forward(hours=5)
    clock.at -= timedelta(days=400)
    desk.escalations.watch()
    assert Step.ACKNOWLEDGE_BREACHED in steps(desk, number)
    desk.escalations.acknowledge(number, "app")
    escalation = desk.escalations.open(number).escalation
    assert escalation.acknowledged_at is not None
    assert escalation.acknowledged_at >= escalation.opened_at + timedelta(hours=5)
    times = [e.at for e in escalation.events]
    assert times == sorted(times)


def test_after_a_restart_time_is_at_least_as_late_as_the_last_record(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """Another boot has no uptime to compare; the wall clock set back still undoes nothing."""
    number = escalate()
    clock.forward(hours=4)
    desk.escalations.watch()
    before = steps(desk, number)
    clock.boot_id, clock.uptime = "boot-2", 5
    clock.at -= timedelta(days=3)
    desk.escalations.watch()
    assert steps(desk, number) == before
    assert desk.escalations.open(number).escalation.holder == "ben"


def test_acknowledging_in_time_stops_the_first_clock_and_not_the_second(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """Whoever has it still has to decide in time."""
    number = escalate()
    desk.escalations.acknowledge(number, "app")
    clock.forward(days=21)
    desk.escalations.watch()
    assert set(steps(desk, number)) == {Step.STARTED, Step.ACKNOWLEDGED, Step.RESOLVE_WARNED, Step.RESOLVE_BREACHED}
    with pytest.raises(Refused, match="has it already"):
        desk.escalations.acknowledge(number, "lea")


@pytest.mark.parametrize("outcome", [Outcome.GRANT, Outcome.REFUSE, Outcome.ANSWER, Outcome.HAND_BACK])
def test_a_decision_opens_the_ticket_again_with_the_words_in_its_thread(desk: Desk, escalate, outcome: Outcome) -> None:  # type: ignore[no-untyped-def]
    """The reviewer has the decision in front of them, and who should go on has the ticket."""
    number = escalate()
    done = desk.escalations.decide(number, "app", Ruling(outcome, "Offer a replacement."))
    assert done.state is EscalationState.DECIDED
    ticket = desk.queue.get(done.ticket_id)
    assert ticket.status is Status.OPEN
    assert ticket.assignee == ("app" if outcome is Outcome.ANSWER else "ana")
    note = desk.review.open(done.ticket_id, "ana").thread.messages[-1]
    assert note.author is Author.INTERNAL
    assert "Offer a replacement." in note.text
    with pytest.raises(Refused, match="decided it already"):
        desk.escalations.decide(number, "app", Ruling(Outcome.GRANT))


def test_who_may_not_decide(desk: Desk, escalate) -> None:  # type: ignore[no-untyped-def]
    """Not whoever asked, not somebody it is not for, not without words where words are needed."""
    number = escalate()
    with pytest.raises(Refused):
        desk.escalations.decide(number, "ana", Ruling(Outcome.GRANT))
    with pytest.raises(Refused):
        desk.escalations.acknowledge(number, "ana")
    with pytest.raises(BadInput):
        desk.escalations.decide(number, "app", Ruling(Outcome.REFUSE, "  "))
    own = escalate(owner="ana", backup="app")
    with pytest.raises(Refused, match="themselves"):
        desk.escalations.decide(own, "ana", Ruling(Outcome.GRANT))
    desk.staff.put("lea", Person("app", role="approver", active=False))
    with pytest.raises(Refused):
        desk.escalations.decide(number, "app", Ruling(Outcome.GRANT))


def test_what_is_escalated_stands_on_top(desk: Desk, bring, escalate) -> None:  # type: ignore[no-untyped-def]
    """Before every ticket that is due earlier; it stays on the escalation path when it is prepared again."""
    earlier = [bring("When are you open?") for _ in range(3)]
    number = escalate("Which size should I buy?")
    ticket = desk.escalations.open(number).ticket
    assert list(desk.queue.ids(QueueQuery())) == [ticket.id, *earlier]
    assert ticket.path is Way.ESCALATION
    desk.preparing.one(ticket.id)
    assert next(iter(desk.queue.ids(QueueQuery()))) == ticket.id


def test_nothing_is_escalated_to_nobody(desk: Desk, escalate) -> None:  # type: ignore[no-untyped-def]
    """A login nobody has, somebody inactive, or the owner again as backup is refused; a role or a name of the settings
    is not, when it is escalated and when it is redirected.
    """
    desk.staff.put("lea", replace(desk.staff.get("ben"), active=False))
    for owner, backup in (("zzz", "app"), ("app", "zzz"), ("ben", "app"), ("app", "app"), (" app", "app ")):
        with pytest.raises(BadInput, match=r"answers to|somebody else"):
            escalate(owner=owner, backup=backup)
    assert desk.escalations.all() == ()
    number = escalate(owner="app", backup="lead")
    for backup in ("zzz", "lea"):
        with pytest.raises(BadInput):
            desk.escalations.decide(number, "app", Ruling(Outcome.REDIRECT, owner="lea", backup=backup))
    assert escalate(owner="lead", backup="approver")


def test_a_redirected_escalation_starts_anew_with_its_new_owner(desk: Desk, clock, escalate) -> None:  # type: ignore[no-untyped-def]
    """The first clock begins again, the second does not."""
    number = escalate()
    clock.forward(hours=4)
    desk.escalations.watch()
    resolve_by = desk.escalations.open(number).escalation.resolve_by
    with pytest.raises(BadInput, match="nobody"):
        desk.escalations.decide(number, "lea", Ruling(Outcome.REDIRECT, owner="nobody"))
    moved = desk.escalations.decide(number, "lea", Ruling(Outcome.REDIRECT, owner="ben"))
    assert (moved.holder, moved.step, moved.breached) == ("ben", 0, False)
    assert moved.resolve_by == resolve_by
    assert moved.acknowledge_by == datetime(2026, 3, 12, 17, tzinfo=UTC)
    clock.forward(hours=25)
    desk.escalations.watch()
    again = desk.escalations.open(number).escalation
    assert again.breached
    assert sum(e.step is Step.ACKNOWLEDGE_BREACHED for e in again.events) == 2


def test_what_has_no_owner_falls_to_the_lead_at_once(desk: Desk, escalate) -> None:  # type: ignore[no-untyped-def]
    """Somebody who is not here any more would never see it."""
    number = escalate(owner="app", backup="ben")
    for login in ("app", "ben"):
        desk.staff.put("lea", replace(desk.staff.get(login), active=False))
    (start, handed) = desk.escalations.watch()
    assert (start.event.step, handed.event.step) == (Step.STARTED, Step.HANDED_TO_LEAD)
    views = desk.escalations.views(desk.staff.get("lea"))
    assert [e.id for e in views.unowned] == [e.id for e in views.mine] == [number]


def test_owners_see_what_is_theirs_and_what_they_stand_in_for(desk: Desk, escalate) -> None:  # type: ignore[no-untyped-def]
    """An owner may be a login or a role."""
    one, two = escalate(owner="ben", backup="app"), escalate(owner="approver", backup="ben")
    ben, app = (desk.escalations.views(desk.staff.get(name)) for name in ("ben", "app"))
    assert ([e.id for e in ben.mine], [e.id for e in ben.stand_in]) == ([one], [two])
    assert ([e.id for e in app.mine], [e.id for e in app.stand_in]) == ([two], [one])


def test_owners_come_from_the_routing(desk: Desk) -> None:
    """A rule's owner comes before its queue's; a name nobody answers to is seen."""
    people = desk.staff.all()
    legal = owners_for("legal", desk.routing, people)
    assert (legal.owner, legal.owner_works_here) == ("lead", True)
    refund = owners_for("refund", desk.routing, people)
    assert (refund.owner, refund.owner_works_here) == ("", False)


def test_owners_are_told_by_the_desks_own_command(desk: Desk, tmp_path: Path, escalate) -> None:  # type: ignore[no-untyped-def]
    """The particulars come as JSON on standard input; a command that fails is recorded and stops nothing."""
    number = escalate()
    script = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n')"
    told = tmp_path / "told.jsonl"
    for command in ([sys.executable, "-c", script, str(told)], ["/nowhere/at/all"]):
        settings = settings_from({"escalation": {"notify": command}}, "settings.toml")
        clocks = clocks_from(settings)
        service = Escalations(desk.store, desk.clock, clocks, desk.routing, notifier_from(settings))
        notices = service.watch()
        if command[0] == sys.executable:
            assert [n.trouble for n in notices] == [""]
            said = json.loads(told.read_text())
            assert (said["to"], said["what"], said["escalation"]) == ("app", "started", number)
            number = escalate()
    assert Step.NOTIFY_FAILED in steps(desk, number)


@pytest.mark.parametrize(
    "clocks",
    [
        {"safety": {"acknowledge": 15, "resolve": 4}},
        {"boredom": {"acknowledge": 15, "resolve": 4}},
        {"legal": {"acknowledge": 0, "resolve": 4}},
    ],
)
def test_clocks_that_cannot_be_are_refused(clocks: dict[str, object]) -> None:
    """A safety clock that pauses at night is none."""
    with pytest.raises(BadSettings):
        clocks_from(settings_from({"escalation": {"clocks": clocks}}, "settings.toml"))


def test_what_happened_to_an_escalation_is_never_changed(desk: Desk, escalate) -> None:  # type: ignore[no-untyped-def]
    """The database refuses it."""
    import sqlite3

    escalate()
    desk.escalations.watch()
    with sqlite3.connect(desk.file) as raw:
        for statement in ("DELETE FROM escalation_event", "UPDATE escalation_event SET at = 0"):
            with pytest.raises(sqlite3.Error, match="never"):
                raw.execute(statement)
