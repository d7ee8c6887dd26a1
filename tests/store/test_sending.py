"""The outbox with every outcome a try can have: refused, put off, taken by some, uncertain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import Address, Ticket
from supportdesk.domain.words import AnswerValue, Author, DecisionKind, OutboxState, Status
from supportdesk.services.delivery import Sending
from supportdesk.services.desk import Desk

WORDS = "Hello,\n\nthank you for your message.\n\nKind regards"


class Post:
    """A way out whose outcomes are given; it remembers whom each try was for."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.tried: list[tuple[str, ...]] = []

    def deliver(self, outgoing: Outgoing, raw: bytes, on_stage: Callable[[Stage], None]) -> Outcome:
        self.tried.append(outgoing.recipients)
        on_stage(Stage.ENVELOPE)
        on_stage(Stage.DATA)
        return self.outcomes.pop(0)


def prepared(desk: Desk) -> Ticket:
    """A ticket that is prepared."""
    sender = Address("anna@example.com", "Anna")
    message = IncomingMessage(Author.CUSTOMER, "Thank you very much!", sender=sender, sent_at=desk.clock.now())
    desk.intake.take([IncomingTicket("t", "Thanks", sender, (message,))])
    for _ in desk.preparing.run():
        pass
    return desk.queue.get(max(desk.queue.ids(QueueQuery())))


def approved(desk: Desk, to: tuple[str, ...]) -> int:
    """A ticket with an approved reply to these recipients."""
    prepared(desk)
    return approve(desk, to)


def approve(desk: Desk, to: tuple[str, ...], number: int = 1) -> int:
    """Take it, read, answer and approve."""
    desk.review.take(number, "ana")
    desk.review.see(number, "ana", [0])
    case = desk.review.edit(number, "ana", WORDS, to=to)
    for item in case.items:
        desk.review.answer(number, "ana", item, AnswerValue.CONFIRMED)
    desk.review.decide(number, "ana", Decision(DecisionKind.APPROVE))
    return number


def sending(desk: Desk, post: Post) -> Sending:
    """The desk's outbox with this way out."""
    own = desk.sending
    return Sending(desk.store, desk.clock, lambda: post, own._compose, own._identity)


def test_a_reply_some_recipients_did_not_get_is_tried_again_for_them_alone(desk: Desk, clock) -> None:  # type: ignore[no-untyped-def]
    """Nobody gets it twice, nobody is forgotten."""
    approved(desk, ("anna@example.com", "ben@example.com"))
    partly = Outcome(
        OutboxState.SENT,
        "250 ok",
        accepted=("anna@example.com",),
        refused={"ben@example.com": "450 later"},
        retry_to=("ben@example.com",),
    )
    post = Post(partly, Outcome(OutboxState.SENT, "250 ok", accepted=("ben@example.com",)))
    out = sending(desk, post)
    (first,) = out.send_due(now_too=True)
    assert first.state is OutboxState.QUEUED
    clock.forward(minutes=5)
    (second,) = out.send_due()
    assert second.state is OutboxState.SENT
    assert post.tried == [("anna@example.com", "ben@example.com"), ("ben@example.com",)]
    assert len(desk.review.open(1, "ana").thread.messages) == 2


@pytest.mark.parametrize("ended", ["recalled", "settled", "failed", "void"])
def test_a_reply_that_does_not_leave_gives_its_ticket_its_time_back(desk: Desk, ended: str) -> None:
    """Recalled, settled as not sent, refused by the server or void: the ticket is due when it was, in its old place."""
    trouble = OutboxState.FAILED if ended == "failed" else OutboxState.UNCERTAIN
    out = sending(desk, Post(Outcome(trouble, "no answer")))
    for name, hours in (("earlier", 1), ("later", -1)):
        sender = Address(f"{name}@example.com", name)
        at = desk.clock.now() - timedelta(hours=hours)
        message = IncomingMessage(Author.CUSTOMER, "Thank you very much!", sender=sender, sent_at=at)
        desk.intake.take([IncomingTicket(name, "Thanks", sender, (message,))])
    before = prepared(desk)
    order = list(desk.queue.ids(QueueQuery()))
    assert before.due_at is not None
    number = approve(desk, ("anna@example.com",), before.id)
    assert desk.queue.get(number).due_at is None
    if ended == "recalled":
        out.recall(1, "ana")
    elif ended == "void":
        desk.review.take(number, "ana")
        desk.review.edit(number, "ana", f"{WORDS}!")
        assert [sent.state for sent in out.send_due(now_too=True)] == [OutboxState.CANCELLED]
    else:
        assert [sent.state for sent in out.send_due(now_too=True)] == [trouble]
        if ended == "settled":
            out.settle(1, "ana", was_sent=False, reason="they called")
    after = desk.queue.get(number)
    assert (after.status, after.due_at) == (Status.OPEN, before.due_at)
    assert list(desk.queue.ids(QueueQuery())) == order


def test_an_address_that_is_none_fails_and_stops_nothing(desk: Desk, tmp_path: Path) -> None:
    """The entry is failed, the ticket open again, nothing was handed over."""
    approved(desk, ("not an address",))
    post = Post()
    (sent,) = sending(desk, post).send_due(now_too=True)
    assert sent.state is OutboxState.FAILED
    assert post.tried == []
    assert desk.queue.get(1).status is Status.OPEN


def test_a_refusal_for_good_opens_the_ticket_again(desk: Desk) -> None:
    """A 5xx is a fact; a person decides what to do."""
    approved(desk, ("anna@example.com",))
    post = Post(Outcome(OutboxState.FAILED, "550 no such user", refused={"anna@example.com": "550 no such user"}))
    (sent,) = sending(desk, post).send_due(now_too=True)
    assert sent.state is OutboxState.FAILED
    assert desk.queue.get(1).status is Status.OPEN
    assert "550" in sent.words


def test_an_uncertain_reply_waits_for_a_person(desk: Desk) -> None:
    """It is never tried again by itself; a person settles it, with a reason."""
    approved(desk, ("anna@example.com",))
    out = sending(desk, Post(Outcome(OutboxState.UNCERTAIN, "connection lost")))
    (sent,) = out.send_due(now_too=True)
    assert sent.state is OutboxState.UNCERTAIN
    assert out.send_due(now_too=True) == ()
    out.settle(sent.entry.id, "ana", was_sent=True, reason="she answered it on the phone")
    assert desk.review.open(1, "ana").thread.messages[-1].text == WORDS
