"""The desk out and in again: the same desk, in a fresh store or the old one; and files of tickets."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import StandingClock
from journeys.test_one_tickets_way import APPROVE, bring, ready

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.cli.main import cli
from supportdesk.errors import BadInput
from supportdesk.services.attachments import files_of, save_all
from supportdesk.services.desk import Desk
from supportdesk.services.export import Exporting
from supportdesk.settings import Settings
from supportdesk.store.verify import verify


def letter(number: int, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Anna Ä {number} <a{number}@example.org>", "help@shop.example"
    mail["Subject"], mail["Message-ID"] = f"Where is order {number}?", f"<{number}@example.org>"
    mail["Date"] = f"Mon, 0{1 + number % 9} Mar 2026 09:00:00 +0100"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"I was charged 4{number} EUR twice. Please refund it.\nÜnïcode ✓")
    mail.add_attachment(b"%PDF-1.4 ...", maintype="application", subtype="pdf", filename="../../etc/bill.pdf")
    mail.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="photo.jpg.exe")
    return mail.as_bytes()


@pytest.fixture
def full(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A desk with prepared tickets, notes, a gap in the numbers and a form without any Message-ID."""
    for number in range(1, 5):
        (tmp_path / f"{number}.eml").write_bytes(letter(number))
    (tmp_path / "5.eml").write_bytes(letter(5, In_Reply_To="<1@example.org>"))
    for number in range(1, 6):
        with open_source(tmp_path / f"{number}.eml") as source:
            desk.intake.take(source)
    form = {"id": "f1", "subject": "Form", "status": "solved", "priority": "high", "tags": ["vip", "web"]}
    message = {"from": "customer", "text": "again", "email": "b@example.org", "at": "2026-03-01T09:00:00Z"}
    (tmp_path / "form.json").write_text(json.dumps({**form, "messages": [message, {**message, "from": "internal"}]}))
    with open_source(tmp_path / "form.json") as source:
        desk.intake.take(source)
    list(desk.preparing.run())
    desk.review.take(2, "ana")
    desk.review.note(2, "ana", "called her")
    yield desk


def lines(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Exporting(desk.store, desk.clock).lines()]


def tickets(desk: Desk) -> list[dict[str, Any]]:
    """Tickets without their own records, which tell of the import too."""
    found = [line for line in lines(desk) if line["type"] == "ticket"]
    for ticket in found:
        ticket.pop("history")
    return found


def taken_in(path: Path, tmp_path: Path, clock: StandingClock) -> Desk:
    other = open_desk(tmp_path / "other" / "desk.db", Settings(), login="lea", clock=clock)
    with open_source(path) as source:
        assert source.kind == "tickets"
        report = other.intake.take(source)
    assert report.set_aside == 0
    return other


def test_an_export_taken_in_by_a_fresh_desk_is_the_same_desk(full: Desk, tmp_path: Path, clock: StandingClock) -> None:
    """Tickets with their numbers, messages, raw mails, files, states, preparations, drafts and flags."""
    path = tmp_path / "out.jsonl"
    path.write_text("\n".join(Exporting(full.store, full.clock).lines()) + "\n")
    other = taken_in(path, tmp_path, clock)
    for mine, theirs in zip(tickets(full), tickets(other), strict=True):
        assert {k: (v, theirs[k]) for k, v in mine.items() if theirs[k] != v} == {}
    assert [x for x in lines(other) if x["type"] == "file"] == [x for x in lines(full) if x["type"] == "file"]
    with full.store.read() as ours, other.store.read() as theirs:
        for number in ours.exports.after(0, 100):
            before = [r["action"] for r in ours.exports.audit(number)]
            (told,) = [r for r in theirs.exports.audit(number) if r["action"] == "imported"]
            assert [r["action"] for r in told["body"]["history"]] == before
    with open_source(path) as source:
        again = other.intake.take(source)
    assert (again.tickets, again.messages) == (0, 0)
    assert tickets(other) == tickets(full)
    other.close()
    assert verify(other.file).differences == ()


def test_an_export_taken_in_by_its_own_desk_changes_nothing(full: Desk, tmp_path: Path) -> None:
    """Everything is known by what it was known by."""
    path = tmp_path / "out.jsonl"
    path.write_text("\n".join(Exporting(full.store, full.clock).lines()) + "\n")
    before = tickets(full)
    with open_source(path) as source:
        report = full.intake.take(source)
    assert (report.tickets, report.messages, report.set_aside) == (0, 0, 0)
    assert tickets(full) == before


def test_a_changed_file_in_an_export_is_set_aside(full: Desk, tmp_path: Path, clock: StandingClock) -> None:
    """A content that does not match its digest is not taken for it."""
    found = list(Exporting(full.store, full.clock).lines())
    at = next(i for i, line in enumerate(found) if '"type":"file"' in line)
    found[at] = json.dumps({**json.loads(found[at]), "content_base64": "AAAA"})
    path = tmp_path / "out.jsonl"
    path.write_text("\n".join(found))
    other = open_desk(tmp_path / "other" / "desk.db", Settings(), login="lea", clock=clock)
    with open_source(path) as source:
        assert other.intake.take(source).set_aside == 1
    other.close()


def test_what_was_sent_is_an_mbox_any_program_reads(desk: Desk, tmp_path: Path, clock: StandingClock) -> None:
    """With the Message-ID, recipients and words that left; a line that begins with From is quoted."""
    number = bring(desk, tmp_path)
    ready(desk, number, "From here on:\nour shop in Bremen is open on Saturdays from 10:00 to 16:00.")
    desk.review.decide(number, "ana", APPROVE)
    clock.forward(minutes=1)
    assert desk.sending.send_due()
    out = tmp_path / "sent.mbox"
    told = run(desk, "export", "--sent", str(out))
    assert told.output == f"1 sent mails exported to {out}.\n"
    (mail,) = mailbox.mbox(out)
    with desk.store.read() as tx:
        kept = tx.tickets.thread(number).messages[-1]
    assert mail["Message-ID"] == f"<{kept.message_id}>"
    assert mail["To"] == "anna@example.com"
    assert "From here on:" in mail.get_payload(decode=True).decode()
    with open_source(out, own_addresses=desk.intake.own_addresses) as source:
        assert desk.intake.take(source).messages == 0, "our own mail coming back is known"


def run(desk: Desk, *words: str) -> Any:
    return CliRunner().invoke(cli, ["--store", str(desk.file), *words], catch_exceptions=False)


def test_files_are_listed_with_a_warning_and_saved_under_safe_names(full: Desk, tmp_path: Path) -> None:
    """Never outside the folder, never over another file, never runnable."""
    found = files_of(full.store, 1)
    assert [f.safe_name for f in found[:2]] == ["bill.pdf", "photo.jpg.exe"]
    assert "can run" in found[1].warning
    assert "looks like .jpg" in found[1].warning
    folder = tmp_path / "saved"
    saved = save_all(full.store, found, folder)
    assert {p.parent for p in saved.values()} == {folder}
    assert saved[0].read_bytes() == b"%PDF-1.4 ..."
    assert saved[0].stat().st_mode & 0o111 == 0
    again = save_all(full.store, found, folder)
    assert again[0] != saved[0]
    assert again[0].name.startswith("bill-")


def test_the_shell_exports_and_takes_in(full: Desk, tmp_path: Path) -> None:
    """A whole file or none; nothing is written over by accident; gzip'd by its name; `-` for pipes."""
    out = tmp_path / "desk.jsonl.gz"
    assert "5 tickets exported" in run(full, "export", str(out)).output
    with pytest.raises(BadInput, match="left as it is"):
        run(full, "export", str(out))
    assert out.read_bytes()[:2] == b"\x1f\x8b"
    assert "photo.jpg.exe" in run(full, "attachments", "#1").output
    other = ["--store", str(tmp_path / "fresh.db")]
    taken = CliRunner().invoke(cli, [*other, "import", str(out)], catch_exceptions=False)
    assert taken.output.startswith("5 tickets, 8 messages")


def test_what_was_set_aside_can_be_shown_and_tried_again(desk: Desk, tmp_path: Path) -> None:
    """What an older version could not read is read by a newer one, and is not listed any more."""
    with desk.store.write() as tx:
        tx.records.set_aside("old.mbox#3", letter(7), "Reading it ended the process that read it.", desk.clock.now())
        tx.records.set_aside("x.bin", b"\x00\x01", "It does not look like a mail.", desk.clock.now())
    assert "old.mbox#3" in run(desk, "set-aside", "list").output
    assert "Where is order 7?" in run(desk, "set-aside", "show", "1").output
    assert run(desk, "set-aside", "retry").output.startswith("1 of 2 could be read this time: 1 ticket, 1 message")
    assert "old.mbox#3" not in run(desk, "set-aside", "list").output
    assert "x.bin" in run(desk, "set-aside", "list").output
    with desk.store.read() as tx:
        assert isinstance(tx.tickets.thread(1).messages[0].text, str)
