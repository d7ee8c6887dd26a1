"""`supportdesk history` tells in plain words who did what, and after seeing what."""

from __future__ import annotations

from pathlib import Path

from journeys.test_one_tickets_way import APPROVE, bring, ready

from supportdesk.channels.sources import open_source
from supportdesk.domain.decision import Look
from supportdesk.domain.records import AuditRecord
from supportdesk.services.desk import Desk
from supportdesk.services.story import sentence


def test_a_tickets_story_reads_like_one(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """From the mail that came to the mail that left; no record is told by its internal name."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    desk.review.decide(ticket, "ana", APPROVE, look=Look(74, 1, 120))
    clock.forward(minutes=1)
    assert desk.sending.send_due()
    told = [f"{r.actor} {sentence(r)}" for r in desk.review.history(ticket)]
    assert told[0] == "desk a message from the requester's side came"
    assert "ana took the ticket" in told
    assert "ana had 1 message on screen" in told
    assert "ana answered tone: confirmed" in told
    assert "ana decided to approve the reply, after 74 s with 1 message and 120 words on screen" in told
    assert "desk the mail server took the reply" in told
    assert all("_" not in line for line in told)


def test_a_record_nobody_knows_yet_is_told_as_it_is(clock) -> None:  # type: ignore[no-untyped-def]
    """Nothing is left out of a story for want of a sentence."""
    record = AuditRecord(1, clock.now(), "lea", "painted_wall", 1, {"colour": "red"})
    assert sentence(record) == "painted wall (colour red)"


def test_our_own_desks_mail_is_known_by_its_mark(desk: Desk, tmp_path: Path) -> None:
    """It gets no draft; another desk's mail is anybody's."""
    for number, mark in enumerate((desk.store.desk_id, "0123456789ab")):
        file = tmp_path / f"{number}.eml"
        head = f"From: x@y.example\nSubject: Hi {number}\nMessage-ID: <{number}@y>\nX-Supportdesk: {mark}\n"
        file.write_text(f"{head}\nHello {number}?\n")
        with open_source(file, own_addresses=desk.intake.own_addresses) as source:
            desk.intake.take(source)
    kinds = [desk.review.open(number, "ana").thread.messages[0].kind for number in (1, 2)]
    assert kinds == ["own", "ordinary"]
