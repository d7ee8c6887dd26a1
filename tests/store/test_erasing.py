"""A person who asks to be forgotten is: no byte of theirs stays, the records still stand, the figures too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from journeys.test_one_tickets_way import APPROVE, MAIL, SECOND, bring, ready
from seats import mail
from store.test_verify_and_copies import tamper

from supportdesk.bootstrap import open_desk
from supportdesk.cli.main import run
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author
from supportdesk.errors import NotFound, Refused, StoreTrouble
from supportdesk.services.desk import Desk
from supportdesk.services.ports import NewTicket
from supportdesk.settings import Settings
from supportdesk.store.backup import backup
from supportdesk.store.erase import erase
from supportdesk.store.verify import verify

HERS = ("anna@example.com", "Anna Wolf", "xylophone", "first@example.com", "second@example.com", "Sundays")


def erased_desk(desk: Desk, tmp_path: Path, clock) -> Path:  # type: ignore[no-untyped-def]
    """Anna wrote, was answered, and wrote again; Ben wrote, and named her."""
    ticket = bring(desk, tmp_path, MAIL.replace("\nAnna\n", "\nI play the xylophone.\nAnna\n"))
    desk.review.note(ticket, "ben", "Anna Wolf phoned about her xylophone")
    ready(desk, ticket)
    desk.review.answer(ticket, "ana", "thread", AnswerValue.CONFIRMED, note="a xylophone it is")
    desk.review.decide(ticket, "ana", APPROVE)
    clock.forward(minutes=1)
    assert desk.sending.send_due()
    bring(desk, tmp_path, SECOND)
    bring(desk, tmp_path, mail("Please tell anna@example.com too.", number=9, sender="Ben <ben@other.example>"))
    return desk.file


def bytes_of(file: Path) -> bytes:
    return b"".join(p.read_bytes() for p in file.parent.glob(f"{file.name}*"))


def test_nothing_of_an_erased_person_is_left_and_the_records_still_stand(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Not in the database, its index, its WAL, nor in a copy made after; verify finds no difference."""
    file = erased_desk(desk, tmp_path, clock)
    counts = "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM ticket), (SELECT count(*) FROM message)"
    with closing(sqlite3.connect(file)) as connection:
        before = connection.execute(counts).fetchone()
    head = verify(file).head
    there = bytes_of(file)
    assert all(words.encode() in there for words in HERS)
    desk.close()
    gone = erase(file, "Anna@Example.com", "lea", clock.now())
    assert (gone.tickets, gone.messages) == (1, 4)
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    backup(file, copy)
    for words in HERS:
        assert words.lower().encode() not in bytes_of(file).lower(), words
        assert words.lower().encode() not in copy.read_bytes().lower(), words
    found = verify(file, head)
    assert found.differences == ()
    assert verify(copy).differences == ()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(counts).fetchone() == before


def test_an_erased_ticket_can_still_be_opened_and_its_story_told(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Who decided what and when stays; no screen stumbles over what is gone; the ticket waits for nobody."""
    file = erased_desk(desk, tmp_path, clock)
    desk.close()
    erase(file, "anna@example.com", "lea", clock.now())
    again = open_desk(file, Settings(), login="ana", clock=clock)
    case = again.review.open(1, "ana")
    assert [m.text for m in case.thread.messages] == ["(erased)"] * 4
    assert case.ticket.status.group == "resolved"
    assert case.preparation is not None
    assert case.revision is not None
    assert "approved" in [r.action for r in again.review.history(1)]
    assert len(again.sending.entries()) == 1
    other = again.review.open(2, "ana")
    assert other.thread.messages[0].text.strip() == "Please tell erased too."
    again.close()


def test_two_people_of_one_import_are_erased_one_after_the_other(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """The same record covers both, and is said again twice."""
    people = {"z@one.example": "Zacharias", "y@two.example": "Yolandita", "x@three.example": "Xaverius"}
    with desk.store.write() as tx:
        for address, name in people.items():
            number = tx.tickets.add(NewTicket("Hello", address, name, "mail"), clock.now())
            words = IncomingMessage(Author.CUSTOMER, f"My name is {name}.", sender=Address(address, name))
            tx.tickets.add_message(number, words, clock.now())
    head = verify(desk.file).head
    desk.close()
    for who in ("z@one.example", "y@two.example"):
        assert erase(desk.file, who, "lea", clock.now()).messages == 1
        assert verify(desk.file, head).differences == ()
    assert b"Zacharias" not in bytes_of(desk.file)
    assert b"Yolandita" not in bytes_of(desk.file)
    assert b"Xaverius" in bytes_of(desk.file)
    with closing(sqlite3.connect(desk.file)) as connection:
        links = connection.execute("SELECT count(*) FROM audit WHERE salt = ''").fetchone()[0]
        salted = connection.execute("SELECT count(*) FROM erasure WHERE salt = ''").fetchone()[0]
    assert links
    assert salted


def test_rows_altered_after_an_erasure_are_still_named(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """An erasure is no cover for other changes, before or after."""
    file = erased_desk(desk, tmp_path, clock)
    desk.close()
    erase(file, "anna@example.com", "lea", clock.now())
    tamper(file, "UPDATE message SET text = 'other' WHERE id = 1")
    assert any("message" in words for words in verify(file).differences)
    tamper(
        file, "UPDATE message SET text = '(erased)' WHERE id = 1", "UPDATE message SET text = 'x' WHERE ticket_id = 2"
    )
    with pytest.raises(StoreTrouble, match="differs from its records"):
        erase(file, "ben@other.example", "lea", clock.now())


def test_only_a_lead_erases_and_nothing_that_is_on_its_way(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Refused in words, and nothing is changed; a rehearsal changes nothing either."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    before = verify(desk.file).head
    assert erase(desk.file, "anna@example.com", "lea", clock.now(), rehearse=True).messages == 1
    with pytest.raises(Refused, match="lead"):
        erase(desk.file, "anna@example.com", "ana", clock.now())
    with pytest.raises(NotFound):
        erase(desk.file, "nobody@example.com", "lea", clock.now())
    assert verify(desk.file).head == before
    desk.review.decide(ticket, "ana", APPROVE)
    with pytest.raises(Refused, match="on its way"):
        erase(desk.file, "anna@example.com", "lea", clock.now())
    assert verify(desk.file).differences == ()


def test_a_running_desk_goes_on_after_an_erasure(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Another process wrote the file anew; one sentence at most, then it works."""
    file = erased_desk(desk, tmp_path, clock)
    erase(file, "anna@example.com", "lea", clock.now())
    for _ in range(2):
        try:
            bring(desk, tmp_path, mail("Hello again, is there tea?", number=20, sender="Ben <ben@other.example>"))
            break
        except StoreTrouble as trouble:
            assert "again" in str(trouble)
    assert desk.review.open(2, "ana").thread.messages
    desk.close()
    assert verify(file).differences == ()


def test_the_shell_erases_and_takes_sent_copies_out_of_the_outbox(
    desk: Desk,
    tmp_path: Path,
    clock,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One command; the mail in the outbox folder is gone too."""
    file = erased_desk(desk, tmp_path, clock)
    assert len(list((tmp_path / "outbox" / "new").iterdir())) == 1
    desk.close()
    monkeypatch.setenv("USER", "lea")
    monkeypatch.setattr("supportdesk.bootstrap.current_login", lambda: "lea")
    assert run(["--store", str(file), "erase", "anna@example.com"]) == 0
    assert "4 messages of 1 tickets" in capsys.readouterr().out
    assert list((tmp_path / "outbox" / "new").iterdir()) == []
    assert run(["--store", str(file), "verify"]) == 0
    assert run(["--store", str(file), "erase", "anna@example.com"]) == 2
