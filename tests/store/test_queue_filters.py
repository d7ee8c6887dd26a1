"""The queue's filters and orders on a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.query import parse_query
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author
from supportdesk.services.desk import Desk


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Three prepared tickets: a double charge, smoke, a question from last week."""
    now = desk.clock.now()
    texts = {
        "charge": ("I was charged twice for order 88213, refund me.", now - timedelta(hours=2)),
        "smoke": ("The battery is on fire, there is smoke everywhere!", now - timedelta(minutes=5)),
        "hours": ("When are you open on Saturdays?", now - timedelta(days=6)),
    }
    for name, (text, at) in texts.items():
        sender = Address(f"{name}@example.com", name.title())
        message = IncomingMessage(Author.CUSTOMER, text, sender=sender, sent_at=at)
        desk.intake.take([IncomingTicket(name, f"About {name}", sender, (message,))])
    for _ in desk.preparing.run():
        pass
    return desk


def shown(desk: Desk, typed: str) -> list[str]:
    """Subjects of the tickets a typed filter shows."""
    return [t.subject for t in desk.queue.page(desk.queue.ids(parse_query(typed, "ana")))]


def test_danger_stands_first(filled: Desk) -> None:
    """Escalations before everything, whatever is overdue."""
    assert shown(filled, "")[0] == "About smoke"


@pytest.mark.parametrize(
    ("typed", "subjects"),
    [
        ("trigger:safety", ["About smoke"]),
        ("trigger:saf", []),
        ('"charged twice"', ["About charge"]),
        ("charge", ["About charge"]),
        ("older:3d", ["About hours"]),
        ("requester:smoke@example.com", ["About smoke"]),
        ("is:resolved", []),
        ('"" *', ["About smoke", "About charge", "About hours"]),
        ("AND NOT", []),
    ],
)
def test_filters_show_what_they_say(filled: Desk, typed: str, subjects: list[str]) -> None:
    """Each filter by itself; signs of the search language are ordinary signs."""
    assert sorted(shown(filled, typed)) == sorted(subjects)


def test_unread_is_about_the_person_who_asks(filled: Desk) -> None:
    """What ana has seen is still unread to ben."""
    ids = filled.queue.ids(parse_query("trigger:safety", "ana"))
    filled.review.see(ids[0], "ana", [0])
    assert "About smoke" not in shown(filled, "is:unread")
    everything = filled.queue.ids(parse_query("is:unread", "ben"))
    assert len(everything) == 3


def test_a_page_keeps_the_order_and_leaves_out_what_is_gone(filled: Desk) -> None:
    """Rows are read by id; an id nobody has is no row."""
    ids = list(filled.queue.ids(parse_query("")))
    page = filled.queue.page([ids[2], 999, ids[0]])
    assert [t.id for t in page] == [ids[2], ids[0]]
    assert replace(page[0]) == page[0]
