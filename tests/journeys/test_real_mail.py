"""The main job on real input: the corpora where they are present."""

from __future__ import annotations

import gzip
import json
import mailbox
from pathlib import Path

import pytest

from supportdesk.channels.sources import open_source
from supportdesk.domain.query import QueueQuery
from supportdesk.services.desk import Desk
from supportdesk.services.intake import IntakeReport
from supportdesk.text import stands_in

EVERYTHING = QueueQuery(status="any")


def take(desk: Desk, *paths: Path) -> IntakeReport:
    """Import and prepare everything; every summary point must stand in the message it names."""
    total = IntakeReport()
    for path in paths:
        with open_source(path) as source:
            total += desk.intake.take(source)
    for prepared in desk.preparing.run():
        with desk.store.read() as tx:
            thread = tx.tickets.thread(prepared.ticket_id)
        for point in prepared.preparation.triage.summary:
            assert point.evidence is not None
            assert stands_in(point.evidence.quote, thread.messages[int(point.evidence.ref)].text)
    return total


def bc3_as_json_lines(corpora: Path) -> str:
    """BC3's threads in our import format: a conversion a person would write for their own export."""
    lines = []
    for line in (corpora / "threads" / "bc3_dev20.jsonl").read_text().splitlines():
        thread = json.loads(line)
        messages = [
            {"from": "customer", "text": "\n".join(s for _, s in doc["sents"]), "name": doc["frm"].split(" <")[0]}
            for doc in thread["docs"]
        ]
        lines.append(json.dumps({"id": thread["listno"], "subject": thread["name"], "messages": messages}))
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_discussions_become_tickets_with_quoted_summaries(desk: Desk, corpora: Path, tmp_path: Path) -> None:
    """Twenty long threads; each becomes one ticket with a summary."""
    file = tmp_path / "bc3.jsonl"
    file.write_text(bc3_as_json_lines(corpora))
    threads = file.read_text().count("\n")
    assert take(desk, file).tickets == threads
    for ticket in desk.queue.page(desk.queue.ids(EVERYTHING)):
        case = desk.review.open(ticket.id, "ana")
        assert case.preparation is not None
        assert case.preparation.triage.summary


@pytest.mark.slow
def test_every_odd_mail_is_a_message_or_set_aside(desk: Desk, corpora: Path, tmp_path: Path) -> None:
    """Nothing is dropped: files in = messages + duplicates + set aside; an mbox of the same adds nothing."""
    folder = corpora / "email" / "mail_gem"
    mails = sorted(folder.rglob("*.eml"))
    report = take(desk, *mails)
    assert report.messages + report.duplicates + report.set_aside == len(mails)
    assert report.messages > 70
    with desk.store.read() as tx:
        assert all(item.reason for item in tx.records.list_aside())
    box = mailbox.mbox(tmp_path / "all.mbox")
    for mail in mails:
        box.add(mail.read_bytes())
    box.close()
    zipped = tmp_path / "all.mbox.gz"
    zipped.write_bytes(gzip.compress((tmp_path / "all.mbox").read_bytes()))
    again = take(desk, zipped)
    assert again.tickets <= 5, "an mbox may change a mail's line ends, not its Message-ID"
