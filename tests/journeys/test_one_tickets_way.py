"""One ticket's whole way through the services: in, prepared, read, answered, approved, out."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from supportdesk.channels.sources import open_source
from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Article
from supportdesk.domain.words import AnswerValue, DecisionKind, OutboxState, Settled, Status
from supportdesk.domain.words import Path as Way
from supportdesk.errors import BadInput, Refused, Stale
from supportdesk.services.desk import Desk

MAIL = """\
From: Anna Wolf <anna@example.com>
To: help@shop.example
Subject: Opening hours
Message-ID: <first@example.com>
Date: Thu, 12 Mar 2026 08:00:00 +0000
Content-Type: text/plain; charset=utf-8

Hello,
could you tell me when your shop in Bremen is open on Saturdays?
Anna
"""
SECOND = (
    MAIL.replace("<first@", "<second@")
    .replace(
        "Subject: Opening", "In-Reply-To: <first@example.com>\nReferences: <first@example.com>\nSubject: Re: Opening"
    )
    .replace("could you tell me when your shop in Bremen is open on Saturdays?", "And on Sundays?")
)
REPLY = "Hello Anna,\n\nour shop in Bremen is open on Saturdays from 10:00 to 16:00.\n\nKind regards"
HOURS = Article("hours", "Opening hours", "Our shop in Bremen is open on Saturdays from 10:00 to 16:00.")
APPROVE = Decision(DecisionKind.APPROVE)


def bring(desk: Desk, tmp_path: Path, mail: str = MAIL) -> int:
    """Import a mail and prepare it; returns its ticket's number."""
    file = tmp_path / f"{abs(hash(mail))}.eml"
    file.write_text(mail)
    with open_source(file) as source:
        desk.intake.take(source)
    for _ in desk.preparing.run():
        pass
    with desk.store.read() as tx:
        found = tx.tickets.find_thread(next(iter(open_source(file))))  # type: ignore[arg-type]
    assert found is not None
    return found


def ready(desk: Desk, ticket: int, words: str = REPLY, login: str = "ana") -> Case:
    """Everything but the decision: taken, read, written, answered."""
    desk.knowledge.put_all([HOURS], "lea")
    desk.review.take(ticket, login)
    case = desk.review.edit(ticket, login, words)
    desk.review.see(ticket, login, range(len(case.thread.messages)))
    for item in case.items:
        case = desk.review.answer(ticket, login, item, AnswerValue.CONFIRMED)
    return case


def test_a_reply_leaves_once_it_was_read_answered_and_approved(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """The whole way; the mail that leaves threads under the customer's and is a message of the ticket."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    decided = desk.review.decide(ticket, "ana", APPROVE)
    assert decided.ticket.status is Status.PENDING
    assert desk.sending.send_due() == (), "it can still be recalled"
    clock.forward(seconds=16)
    (sent,) = desk.sending.send_due()
    assert sent.state is OutboxState.SENT
    (file,) = (tmp_path / "outbox" / "new").iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert mail["To"] == "anna@example.com"
    assert mail["In-Reply-To"] == "<first@example.com>"
    assert mail["References"] == "<first@example.com>"
    assert mail["Subject"] == "Re: Opening hours"
    assert "10:00 to 16:00" in mail.get_content()
    thread = desk.review.open(ticket, "ana").thread
    assert thread.messages[-1].text == REPLY
    assert desk.sending.send_due(now_too=True) == (), "an approval is used once"


def test_too_early_an_approval_says_all_that_stands_in_the_way(desk: Desk, tmp_path: Path) -> None:
    """Nothing was read and nothing answered: each is named."""
    ticket = bring(desk, tmp_path)
    with pytest.raises(Refused) as refused:
        desk.review.decide(ticket, "ana", APPROVE)
    codes = {b.code for b in refused.value.blockers}
    assert {"not_taken", "unseen", "unanswered"} <= codes
    assert desk.sending.entries() == ()


def test_the_thread_cannot_be_confirmed_unread(desk: Desk, tmp_path: Path) -> None:
    """Confirming costs a look, not a tick."""
    ticket = bring(desk, tmp_path)
    desk.review.take(ticket, "ana")
    with pytest.raises(Refused, match="unread"):
        desk.review.answer(ticket, "ana", "thread", AnswerValue.CONFIRMED)


def test_an_edit_voids_the_answers_that_depend_on_the_words(desk: Desk, tmp_path: Path) -> None:
    """Facts and tone were of other words; the thread is the same."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    case = desk.review.edit(ticket, "ana", REPLY + "\nAnna, have a nice day.")
    assert case.answer("thread") is not None
    assert [case.answer(item) for item in ("facts", "commitments", "tone")] == [None, None, None]
    with pytest.raises(Refused):
        desk.review.decide(ticket, "ana", APPROVE)


def test_a_new_message_voids_an_approval_and_opens_the_ticket_again(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """What was approved answered another thread."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    desk.review.decide(ticket, "ana", APPROVE)
    assert bring(desk, tmp_path, SECOND) == ticket
    clock.forward(minutes=1)
    assert desk.sending.send_due() == ()
    assert [e.state for e in desk.sending.entries()] == [OutboxState.CANCELLED]
    assert desk.queue.get(ticket).status is Status.OPEN
    assert not (tmp_path / "outbox").exists()


def test_a_commitment_beyond_authority_is_refused_and_may_be_edited_away(desk: Desk, tmp_path: Path) -> None:
    """An agent may not promise money; nobody can settle it by saying so."""
    ticket = bring(desk, tmp_path)
    desk.review.take(ticket, "ana")
    case = desk.review.edit(ticket, "ana", "Hello Anna,\n\nwe will refund you €250 today.\n\nKind regards")
    desk.review.see(ticket, "ana", [0])
    assert case.unauthorised
    with pytest.raises(Refused, match="authority"):
        desk.review.answer(ticket, "ana", "commitments", AnswerValue.CONFIRMED)
    commitment = next(f for f in case.examination.findings if f.kind == "commitment")
    with pytest.raises(Refused):
        desk.review.settle(ticket, "ana", commitment.fingerprint, Settled.OVERRIDE, "surely fine")
    ready(desk, ticket)
    assert desk.review.decide(ticket, "ana", APPROVE).outbox


def test_a_ticket_without_a_draft_is_decided_but_never_approved(desk: Desk, tmp_path: Path) -> None:
    """Whatever nobody has prepared can still be sent to where it belongs."""
    file = tmp_path / "mail.eml"
    file.write_text(MAIL)
    with open_source(file) as source:
        desk.intake.take(source)
    desk.review.take(1, "ana")
    assert desk.review.open(1, "ana").revision is None
    with pytest.raises(Refused):
        desk.review.decide(1, "ana", APPROVE, rest_not_judged=True)
    with pytest.raises(BadInput, match="There is no queue “biling”; there are account, billing"):
        desk.review.decide(1, "ana", Decision(DecisionKind.REROUTE, reason="wrong_queue", queue="biling"))
    reroute = Decision(DecisionKind.REROUTE, reason="wrong_queue", queue="billing")
    assert desk.review.decide(1, "ana", reroute, rest_not_judged=True).ticket.queue == "billing"


def test_a_ticket_somebody_else_has_is_not_decided_by_me(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """One reviewer at a time; a lease ends by itself, even when the wall clock is set back."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    with pytest.raises(Refused, match="ana"):
        desk.review.take(ticket, "ben")
    with pytest.raises(Refused, match="ana has this ticket"):
        desk.review.decide(ticket, "ben", APPROVE)
    clock.forward(minutes=5)
    clock.at = clock.at.replace(year=2020)
    assert desk.review.take(ticket, "ben").ticket.taken_by == "ben"


def test_a_decision_on_a_ticket_that_changed_meanwhile_is_stale(desk: Desk, tmp_path: Path) -> None:
    """The reviewer looks again before deciding."""
    ticket = bring(desk, tmp_path)
    case = ready(desk, ticket)
    bring(desk, tmp_path, SECOND)
    with pytest.raises(Stale):
        desk.review.decide(ticket, "ana", APPROVE, expect=case.ticket.version)


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (Decision(DecisionKind.REROUTE, queue="billing", reason="wrong_queue"), Status.OPEN),
        (Decision(DecisionKind.REJECT, reason="wrong_facts"), Status.OPEN),
        (Decision(DecisionKind.PAUSE, wake_on_message=True), Status.PAUSED),
        (
            Decision(DecisionKind.ESCALATE, owner="lea", backup="app", expected="may we?", reason="risk"),
            Status.ESCALATED,
        ),
    ],
)
def test_the_other_decisions_need_answers_but_not_good_ones(
    desk: Desk, tmp_path: Path, decision: Decision, status: Status
) -> None:
    """One command answers the rest `not_judged`; without it the items are named; a missing target is named too."""
    ticket = bring(desk, tmp_path)
    desk.review.take(ticket, "ana")
    with pytest.raises(Refused, match="not answered"):
        desk.review.decide(ticket, "ana", decision)
    with pytest.raises(Refused):
        desk.review.decide(ticket, "ana", Decision(decision.kind), rest_not_judged=True)
    decided = desk.review.decide(ticket, "ana", decision, rest_not_judged=True)
    assert decided.ticket.status is status
    assert desk.sending.entries() == ()


def test_rejected_words_cannot_be_approved_afterwards(desk: Desk, tmp_path: Path) -> None:
    """A rejection holds until somebody writes other words."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    desk.review.decide(ticket, "ana", Decision(DecisionKind.REJECT, reason="wrong_tone"))
    desk.review.take(ticket, "ana")
    with pytest.raises(Refused, match="rejected"):
        desk.review.decide(ticket, "ana", APPROVE)


def test_a_recalled_reply_never_leaves(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """The recall window is for second thoughts."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    outbox = desk.review.decide(ticket, "ana", APPROVE).outbox
    desk.sending.recall(outbox, "ana")
    clock.forward(minutes=1)
    assert desk.sending.send_due() == ()
    assert desk.queue.get(ticket).status is Status.OPEN


def test_flags_rise_by_rules_and_fall_only_by_a_person_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    """Preparing again never lowers a flag; a person does, and it is in the records."""
    mail = MAIL.replace("could you tell me when", "my lawyer will sue you and I will see you in court. When")
    ticket = bring(desk, tmp_path, mail)
    assert "legal" in desk.queue.get(ticket).triggers
    assert desk.queue.get(ticket).path is Way.ESCALATION
    second = SECOND.replace("And on Sundays?", "Never mind, thanks.")
    assert bring(desk, tmp_path, second) == ticket
    assert "legal" in desk.queue.get(ticket).triggers
    desk.review.take(ticket, "ana")
    with pytest.raises(BadInput):
        desk.review.clear_flag(ticket, "ana", "legal", " ")
    desk.review.clear_flag(ticket, "ana", "legal", "it was a joke, she says so on the phone")
    assert "legal" not in desk.queue.get(ticket).triggers
    assert any(r.action == "lowered_flag" for r in desk.review.history(ticket))


def test_a_draft_never_replaces_words_a_person_typed(desk: Desk, tmp_path: Path) -> None:
    """The assistant prepares again when a message comes; the person's words stay."""
    ticket = bring(desk, tmp_path)
    desk.review.take(ticket, "ana")
    desk.review.edit(ticket, "ana", "My own words.")
    bring(desk, tmp_path, SECOND)
    case = desk.review.open(ticket, "ana")
    assert case.revision is not None
    assert case.revision.text == "My own words."


def test_importing_the_same_again_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    """Recognised by Message-ID and words."""
    file = tmp_path / "a.eml"
    file.write_text(MAIL)
    for expected in ((1, 1, 0), (0, 0, 1)):
        with open_source(file) as source:
            report = desk.intake.take(source)
        assert (report.tickets, report.messages, report.duplicates) == expected
