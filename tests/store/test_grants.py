"""Nobody promises more than they may: they ask, another grants, once, for these words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from journeys.test_one_tickets_way import APPROVE, bring

from supportdesk.bootstrap import open_desk
from supportdesk.domain.case import Case
from supportdesk.domain.people import Person
from supportdesk.domain.words import AnswerValue, Settled
from supportdesk.errors import BadInput, Refused
from supportdesk.services.desk import Desk
from supportdesk.settings import AuthoritySettings, Settings

PROMISE = "Hello Anna,\n\nwe will refund you €50 today.\n\nKind regards"


@pytest.fixture
def desk(tmp_path: Path, clock) -> Iterator[Desk]:  # type: ignore[no-untyped-def]
    """Approvers may promise up to €100 and any deadline; agents nothing."""
    rules = [
        AuthoritySettings(role="approver", kind="money", up_to=Decimal(100), currency="EUR"),
        *(
            AuthoritySettings(role="approver", kind=kind)
            for kind in ("deadline", "exception", "service_change", "outcome")
        ),
    ]
    opened = open_desk(tmp_path / "desk.db", Settings(authority=rules), login="lea", clock=clock)
    for login, role in (("ana", "agent"), ("ben", "agent"), ("app", "approver")):
        opened.staff.put("lea", Person(login, role=role))
    yield opened
    opened.close()


def promise(desk: Desk, tmp_path: Path, words: str = PROMISE) -> Case:
    """`ana` has the ticket and promises money."""
    ticket = bring(desk, tmp_path)
    desk.review.take(ticket, "ana")
    case = desk.review.edit(ticket, "ana", words)
    desk.review.see(ticket, "ana", range(len(case.thread.messages)))
    assert case.unauthorised
    return case


def ask_all(desk: Desk, case: Case) -> list[int]:
    """`ana` asks for everything she may not promise; returns the requests' numbers."""
    for commitment in case.unauthorised:
        desk.review.ask_grant(case.ticket.id, "ana", commitment.fingerprint, "our mistake")
    return [g.id for g in desk.review.grants_waiting(case.ticket.id)]


def confirm(desk: Desk, case: Case) -> None:
    """Everything else is settled and answered."""
    for finding in case.open_findings:
        desk.review.settle(case.ticket.id, "ana", finding.fingerprint, Settled.OVERRIDE, "checked by phone")
    for item in case.items:
        desk.review.answer(case.ticket.id, "ana", item, AnswerValue.CONFIRMED)


def test_a_granted_promise_can_be_approved_once(desk: Desk, tmp_path: Path) -> None:
    """Asked, granted by another with a reason, used up by the approval, all of it recorded."""
    case = promise(desk, tmp_path)
    for number in ask_all(desk, case):
        granted = desk.review.grant(number, "app", "they waited long")
        assert (granted.state, granted.decided_by) == ("granted", "app")
    confirm(desk, case)
    assert desk.review.decide(case.ticket.id, "ana", APPROVE).outbox
    actions = [r.action for r in desk.review.history(case.ticket.id)]
    assert actions.index("asked_for_grant") < actions.index("granted") < actions.index("approved")
    assert case.revision is not None
    with desk.store.read() as tx:
        assert tx.reviews.grants(case.ticket.id, case.revision.id) == frozenset()


def test_nobody_grants_their_own_request_or_beyond_their_authority(desk: Desk, tmp_path: Path) -> None:
    """Not the one who asked, not another agent, not an approver beyond their limit, not without a reason."""
    case = promise(desk, tmp_path, PROMISE.replace("50", "500"))
    number = ask_all(desk, case)[0]
    with pytest.raises(Refused, match="own request"):
        desk.review.grant(number, "ana", "fine")
    with pytest.raises(Refused, match="beyond your authority"):
        desk.review.grant(number, "ben", "fine")
    with pytest.raises(BadInput):
        desk.review.grant(number, "app", " ")
    money = next(g for g in desk.review.grants_waiting() if g.amount == Decimal(500))
    with pytest.raises(Refused, match="beyond your authority"):
        desk.review.grant(money.id, "app", "fine")


def test_an_edit_makes_a_grant_worthless(desk: Desk, tmp_path: Path) -> None:
    """It was for those words."""
    case = promise(desk, tmp_path)
    numbers = ask_all(desk, case)
    desk.review.grant(numbers[0], "app", "fine")
    case = desk.review.edit(case.ticket.id, "ana", PROMISE + "\nSee you.")
    assert case.unauthorised
    for number in numbers[1:]:
        with pytest.raises(Refused, match="other words"):
            desk.review.grant(number, "app", "fine")


def test_a_refused_request_stays_refused(desk: Desk, tmp_path: Path) -> None:
    """And the promise stays in the way."""
    case = promise(desk, tmp_path)
    number = ask_all(desk, case)[0]
    assert desk.review.grant(number, "app", "too much", granted=False).state == "refused"
    with pytest.raises(Refused, match="refused by app"):
        desk.review.grant(number, "app", "fine after all")
    with pytest.raises(Refused, match="authority"):
        desk.review.answer(case.ticket.id, "ana", "commitments", AnswerValue.CONFIRMED)


def test_asking_needs_a_reason_and_is_done_once(desk: Desk, tmp_path: Path) -> None:
    """By the one who has the ticket."""
    case = promise(desk, tmp_path)
    fingerprint = case.unauthorised[0].fingerprint
    with pytest.raises(BadInput):
        desk.review.ask_grant(case.ticket.id, "ana", fingerprint, "")
    with pytest.raises(Refused):
        desk.review.ask_grant(case.ticket.id, "ben", fingerprint, "let me")
    desk.review.ask_grant(case.ticket.id, "ana", fingerprint, "our mistake")
    with pytest.raises(Refused, match="already"):
        desk.review.ask_grant(case.ticket.id, "ana", fingerprint, "our mistake")
