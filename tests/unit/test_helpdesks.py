"""Exports of other helpdesks: told apart by content; who wrote what to whom, notes, states and times are kept."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportdesk.channels.sources import open_all, open_source
from supportdesk.channels.tables_in import parse_columns
from supportdesk.domain.incoming import IncomingTicket, Unreadable
from supportdesk.domain.words import Author
from supportdesk.errors import BadInput
from supportdesk.services.desk import Desk

SAMPLES = Path(__file__).parents[1] / "samples" / "helpdesks"
NAMES = ("zendesk", "freshdesk", "helpscout", "chatwoot", "zammad", "request_tracker")


def tickets(*paths: Path) -> list[IncomingTicket]:
    found = []
    for source in open_all(paths):
        with source:
            for item in source:
                assert isinstance(item, IncomingTicket), item
                found.append(item)
    return found


@pytest.mark.parametrize("name", [*NAMES, "table"])
def test_who_wrote_what_and_how_it_stands_is_kept(name: str) -> None:
    """The same matter as each helpdesk tells it: a customer's mail, an agent's note, an agent's answer."""
    ticket = tickets(SAMPLES / (f"{name}.csv" if name == "table" else f"{name}.json"))[0]
    assert ticket.subject == "Charged twice in March"
    assert str(ticket.requester) == "Anna Wolf <anna@example.org>" or name in ("zammad", "request_tracker")
    assert ticket.requester.email == "anna@example.org"
    assert [m.author for m in ticket.messages][:3] == [Author.CUSTOMER, Author.INTERNAL, Author.AGENT]
    first, note, answer = ticket.messages[:3]
    assert first.text == "I was charged twice, 2 x 49 EUR."
    assert first.sender.email == "anna@example.org"
    assert note.text == "Gateway shows one settled, one pending."
    assert answer.text == "Could you send the order number?"
    assert first.sent_at == datetime(2026, 3, 2, 8, 12, tzinfo=UTC)
    assert answer.sent_at == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert ticket.status == "pending"
    assert ticket.priority == ("" if name == "helpscout" else "high")
    assert set(ticket.tags) == (set() if name == "request_tracker" else {"billing", "vip"})
    if name != "table":
        assert [f.name for f in first.attachments] == ["statement.pdf"]
        assert first.attachments[0].media_type == "application/pdf" or name == "chatwoot"
    assert ticket.external.endswith(("35436", "20", "10", "7", "1042"))


@pytest.mark.parametrize("name", NAMES)
def test_an_export_taken_in_twice_is_taken_in_once(desk: Desk, name: str) -> None:
    """Also as one ticket a line, and gzip'd or through a pipe; what is new is added."""
    source = SAMPLES / f"{name}.json"
    with open_source(source) as opened:
        first = desk.intake.take(opened)
    assert (first.duplicates, first.set_aside) == (0, 0)
    line = json.dumps(json.loads(source.read_text())).encode()
    with open_source(None, stream=io.BytesIO(line)) as opened:
        again = desk.intake.take(opened)
    assert (again.tickets, again.messages, again.duplicates) == (0, 0, first.messages)
    with desk.store.read() as tx:
        thread = tx.tickets.thread(1)
        ticket = tx.tickets.get(1)
    assert [m.author for m in thread.messages][:3] == [Author.CUSTOMER, Author.INTERNAL, Author.AGENT]
    assert ticket.status == "pending"


def test_tickets_comments_and_users_may_lie_in_files_of_their_own(tmp_path: Path) -> None:
    """A folder as a script leaves it: pages of tickets and users, and the comments of each ticket by its number."""
    page = json.loads((SAMPLES / "zendesk.json").read_text())
    (tmp_path / "comments").mkdir()
    for ticket in page["tickets"]:
        comments = ticket.pop("comments", [])
        (tmp_path / "comments" / f"{ticket['id']}.json").write_text(json.dumps({"comments": comments, "count": 1}))
    users = page.pop("users")
    (tmp_path / "tickets.json").write_text(json.dumps(page))
    (tmp_path / "users.json").write_text(json.dumps({"users": users}))
    with open_source(tmp_path) as source:
        found = [t for t in source if isinstance(t, IncomingTicket)]
    assert found[0].messages == tickets(SAMPLES / "zendesk.json")[0].messages or len(found[0].messages) == 3
    assert [m.author for m in found[0].messages] == [Author.CUSTOMER, Author.INTERNAL, Author.AGENT]
    assert str(found[0].requester) == "Anna Wolf <anna@example.org>"
    named = [tmp_path / "tickets.json", tmp_path / "users.json", tmp_path / "comments" / "35436.json"]
    assert len(tickets(*named)[0].messages) == 3


def test_zendesk_events_are_comments_too() -> None:
    """The incremental event export with its comment events, after the tickets of the same file."""
    page = json.loads((SAMPLES / "zendesk.json").read_text())
    comments = page["tickets"][0].pop("comments")
    page["ticket_events"] = [
        {
            "ticket_id": 35436,
            "timestamp": 1772439120,
            "updater_id": c["author_id"],
            "child_events": [
                {"event_type": "Comment", "id": c["id"], "public": c["public"], "body": f"event {c['id']}"}
            ],
        }
        for c in comments
    ]
    with open_source(None, stream=io.BytesIO(json.dumps(page).encode())) as source:
        (first, _) = source
    assert isinstance(first, IncomingTicket)
    assert [m.text for m in first.messages] == ["event 1274", "event 1275", "event 1276"]
    assert first.messages[1].author is Author.INTERNAL


def test_zammads_assets_name_people_states_and_priorities() -> None:
    """The `all=true` shape: everything by number, beside the ticket."""
    (ticket,) = json.loads((SAMPLES / "zammad.json").read_text())
    articles = ticket.pop("articles")
    for name in ("group", "priority", "state", "owner", "customer"):
        del ticket[name]
    for article in articles:
        del article["sender"]
    assets = {
        "Ticket": {"1042": ticket},
        "TicketArticle": {str(a["id"]): a for a in articles},
        "User": {"9": {"firstname": "Anna", "lastname": "Wolf", "email": "anna@example.org", "role_ids": [3]}},
        "TicketState": {"3": {"name": "pending reminder"}},
    }
    with open_source(None, stream=io.BytesIO(json.dumps({"ticket_id": 1042, "assets": assets}).encode())) as source:
        (found,) = source
    assert isinstance(found, IncomingTicket)
    assert (found.status, found.priority) == ("pending", "high")
    assert str(found.requester) == "Anna Wolf <anna@example.org>"
    assert [m.author for m in found.messages] == [Author.CUSTOMER, Author.INTERNAL, Author.AGENT]


def test_a_broken_ticket_is_set_aside_and_the_others_are_read(tmp_path: Path) -> None:
    """One that does not keep to the shape costs nobody else."""
    page = json.loads((SAMPLES / "zendesk.json").read_text())
    lines = [json.dumps({**page["tickets"][0], "id": None}), json.dumps(page["tickets"][1]), '{"broken']
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    with open_source(tmp_path / "x.jsonl") as source:
        kinds = [type(item).__name__ for item in source]
    assert kinds == ["Unreadable", "IncomingTicket", "Unreadable"]


def test_a_table_is_read_by_its_own_names_or_by_those_it_is_told(tmp_path: Path) -> None:
    """Semicolons or commas, UTF-16 or UTF-8; a cell may have lines; a column nobody has is named."""
    first, second = tickets(SAMPLES / "table.csv")
    assert (second.subject, second.status) == ("Opening hours", "closed")
    assert second.messages[0].text == "When are\nyou open?"
    text = (SAMPLES / "table.csv").read_text()
    (tmp_path / "wide.csv").write_bytes(text.encode("utf-16"))
    assert [t.subject for t in tickets(tmp_path / "wide.csv")] == [first.subject, second.subject]
    odd = "Nr,Was,Wer\n1,Alles kaputt,x@example.org\n"
    (tmp_path / "odd.csv").write_text(odd)
    with pytest.raises(BadInput, match="not a mailbox"):
        open_source(tmp_path / "odd.csv")
    columns = parse_columns("id=Nr,text=was,email=Wer")
    with open_source(tmp_path / "odd.csv", columns=columns) as source:
        (found,) = source
    assert isinstance(found, IncomingTicket)
    assert (found.external, found.requester.email) == ("table:1", "x@example.org")
    with pytest.raises(BadInput, match="no column “warum”"):
        open_source(tmp_path / "odd.csv", columns={"text": "warum"}).__iter__().__next__()
    with pytest.raises(BadInput, match="FIELD=COLUMN"):
        parse_columns("colour=Farbe")


def test_a_mail_is_never_taken_for_a_table(tmp_path: Path) -> None:
    """A folder with everything in it: each file is told apart."""
    for sample in SAMPLES.iterdir():
        shutil.copy(sample, tmp_path)
    (tmp_path / "mail.eml").write_text("Subject: id, subject, text, email\nFrom: a@example.org\n\nhello\n")
    with open_source(tmp_path) as source:
        items = list(source)
    assert not [i for i in items if isinstance(i, Unreadable)]
    assert len([i for i in items if isinstance(i, IncomingTicket)]) == 9
