"""What leaves: from whom by queue, with files under their names, a copy in Sent, and what comes back of it."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import StandingClock
from journeys.test_one_tickets_way import APPROVE, bring, ready
from servers import PASSWORD, USER, Post, imap, smtp

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.cli.main import cli
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.people import Person
from supportdesk.domain.words import MessageKind, Status
from supportdesk.services.desk import Desk
from supportdesk.settings import settings_from


def desk_on(tmp_path: Path, clock: StandingClock, smtp_port: int, imap_port: int) -> Desk:
    channel = {"name": "in", "kind": "imap", "host": "127.0.0.1", "port": imap_port, "security": "none", "user": USER}
    values = {
        "desk": {"name": "Shop", "address": "help@shop.example", "signature": "The shop"},
        "identities": {"billing": {"name": "Shop Billing", "address": "billing@shop.example", "signature": "Billing"}},
        "delivery": {"kind": "smtp", "host": "127.0.0.1", "port": smtp_port, "security": "none", "recall_seconds": 0},
        "channels": [{**channel, "sent_folder": "Sent"}],
    }
    desk = open_desk(tmp_path / "desk.db", settings_from(values, "test"), login="lea", clock=clock)
    desk.staff.put("lea", Person("ana", role="agent"))
    return desk


def take(desk: Desk, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "more.eml").write_bytes(raw)
    with open_source(tmp_path / "more.eml", own_addresses=desk.intake.own_addresses) as source:
        desk.intake.take(source)


def test_a_reply_leaves_as_its_queue_with_its_files_and_a_copy(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From and signature of the queue, names of files, Sent by IMAP; what comes back is known, a bounce reopens."""
    monkeypatch.setenv("SUPPORTDESK_IN_PASSWORD", PASSWORD)
    post = Post()
    with smtp(post) as smtp_port, imap() as server:
        server.other.create("Sent")
        desk = desk_on(tmp_path, clock, smtp_port, server.port)
        ticket = bring(desk, tmp_path)
        with desk.store.write() as tx:
            tx.tickets.change(ticket, queue="billing")
        desk.review.take(ticket, "ana")
        (tmp_path / "Rechnung März.pdf").write_bytes(b"%PDF-1.4")
        monkeypatch.setenv("SUPPORTDESK_LOGIN", "ana")
        from supportdesk.services.attachments import attach_files

        assert attach_files(desk.store, desk.review, ticket, "ana", [tmp_path / "Rechnung März.pdf"]) == (
            "Rechnung März.pdf",
        )
        ready(desk, ticket)
        desk.review.decide(ticket, "ana", APPROVE)
        (sent,) = desk.sending.send_due()
        assert sent.state == "sent", sent.words
        (_, _, raw) = post.got[0]
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail["From"] == "Shop Billing <billing@shop.example>"
        assert mail.get_body().get_content().splitlines()[-2:] == ["-- ", "Billing"]
        (file,) = mail.iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == ("Rechnung März.pdf", "application/pdf")
        assert len(server.flags("Sent")) == 1
        thread = desk.review.open(ticket, "ana").thread
        assert [f.name for f in thread.messages[-1].attachments] == ["Rechnung März.pdf"]
        version = desk.review.open(ticket, "ana").ticket.thread_version
        take(desk, tmp_path, raw)
        assert desk.review.open(ticket, "ana").ticket.thread_version == version, "our own mail coming back is known"
        take(desk, tmp_path, _bounce(str(mail["Message-ID"])))
        case = desk.review.open(ticket, "ana")
        assert case.thread.messages[-1].kind is MessageKind.BOUNCE
        assert case.ticket.status is Status.OPEN
        with desk.store.read() as tx:
            assert "bounced" in [record.action for record in tx.records.history(ticket)]
        desk.close()


def _bounce(message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mail.example\nTo: billing@shop.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Message-ID: <b1@mail.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;"
        ' boundary="b"\n\n--b\n\nI could not deliver.\n\n--b\nContent-Type: message/delivery-status\n\n'
        "Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; anna@example.com\nAction: failed\n"
        f"Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\n\n--b--\n"
    ).encode()


def test_a_copy_that_cannot_be_kept_changes_nothing_else(
    tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reply was sent; that its copy was not kept is told."""
    monkeypatch.setenv("SUPPORTDESK_IN_PASSWORD", PASSWORD)
    with smtp(Post()) as smtp_port:
        desk = desk_on(tmp_path, clock, smtp_port, 1)
        ticket = bring(desk, tmp_path)
        ready(desk, ticket)
        desk.review.decide(ticket, "ana", APPROVE)
        (sent,) = desk.sending.send_due()
        assert sent.state == "sent"
        assert "copy could not be kept" in sent.words
        desk.close()


# Threads whose mails do not name what they answer


def letter(subject: str, day: int, sender: str = "anna@example.org", **headers: str) -> IncomingMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "help@shop.example", subject
    mail["Date"] = f"{day:02} Mar 2026 09:00:00 +0000"
    mail["Message-ID"] = f"<{abs(hash((subject, day, sender)))}@example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{subject} on day {day}")
    from supportdesk.channels.mime import read_message

    return read_message(mail.as_bytes())


def test_an_answer_that_names_nothing_finds_its_ticket_by_subject_and_requester(desk: Desk) -> None:
    """Within a month, with a reply mark in any language; somebody else's, an old one or a new matter do not."""
    first = [letter("Order 17", 1), letter("AW: Order 17", 3), letter("Re: Fwd: [shop] order  17", 4)]
    other = [letter("Re: Order 17", 3, "ben@example.org"), letter("Order 17", 5)]
    assert desk.intake.take([*first, *other]).tickets == 3
    with desk.store.read() as tx:
        assert len(tx.tickets.thread(1).messages) == 3


def test_an_answer_to_a_solved_ticket_reopens_it_and_is_counted(desk: Desk) -> None:
    """A person's answer does; a holiday notice does not."""
    first = letter("Order 18", 1)
    desk.intake.take([first])
    with desk.store.write() as tx:
        tx.tickets.change(1, status="solved")
    desk.intake.take([letter("Re: Order 18", 2, Auto_Submitted="auto-replied", In_Reply_To=f"<{first.message_id}>")])
    with desk.store.read() as tx:
        assert tx.tickets.get(1).status is Status.SOLVED
    desk.intake.take([letter("Re: Order 18", 3)])
    with desk.store.read() as tx:
        ticket = tx.tickets.get(1)
    assert (ticket.status, ticket.reopened) == (Status.OPEN, 1)


def test_the_letter_a_ticket_began_with_names_it_even_when_it_comes_last(desk: Desk) -> None:
    """Imported in another order, it is the same desk: whose matter, what about, since when."""
    first = letter("Order 19", 1)
    answer = letter("Re: Order 19", 2, In_Reply_To=f"<{first.message_id}>")
    desk.intake.take([answer, first])
    with desk.store.read() as tx:
        ticket = tx.tickets.get(1)
    assert (ticket.subject, ticket.created_at) == ("Order 19", first.sent_at)


def test_the_shell_attaches_files_by_name(tmp_path: Path) -> None:
    """A ticket nobody has is not attached to."""
    done = CliRunner().invoke(cli, ["--store", str(tmp_path / "d.db"), "attach", "x", "y"])
    assert done.exit_code != 0
