"""What a reply works out or says in other words rests on its sources; what it turns round does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from supportdesk.domain.evidence import Article
from supportdesk.domain.findings import Examination, Finding
from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author
from supportdesk.rules.check import Sources, examine

RECORDS = {
    "order": {"id": "88213", "total": "763.00", "deposit": "228.90", "nights": 7, "currency": "EUR"},
    "visit": {"slot": "2026-03-12 14-18"},
    "registered_on": "2024-09-01",
    "tutors": [{"name": "Aisha"}],
}
ARTICLES = (
    Article("dogs", "Dogs", "Dogs cost 8 euros per night. Cleaning is included."),
    Article("shares", "Shares", "A quarter of the price is due when you book. Unused parcels stay ten days."),
    Article("cut", "Cut-off", "Refunds are possible until 90 minutes before the 22:45 crossing."),
    Article(
        "level", "Level", "The lamp blinks when the pressure is too high. Objections are possible within two weeks."
    ),
)


def look(draft: str, text: str = "My mum asks: what does the dog cost?") -> Examination:
    """A draft beside one dated message, records and articles."""
    sent = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    thread = Thread((Message(Author.CUSTOMER, text, 0, sent_at=sent),), "", "mail", RECORDS)
    return examine(draft, Sources(thread, ARTICLES, "en"))


def held(draft: str, text: str = "My mum asks: what does the dog cost?") -> list[Finding]:
    """The findings that hold approval."""
    return [f for f in look(draft, text).findings if f.blocking]


@pytest.mark.parametrize(
    "draft",
    [
        "The rest is 763 less 228.90, which makes 534.10 EUR.",
        "For the dog that comes to 56 euros over seven nights.",
        "That is 109 EUR a night.",
        "When you book, 25 % of the price is due, which is 190.75 EUR.",
        "Your visit is on Thursday, 14:00 to 18:00.",
        "Refunds for the 22:45 crossing are possible until 21:15.",
        "You have been registered for about a year and a half.",
    ],
)
def test_what_follows_from_the_sources_is_no_invention(draft: str) -> None:
    """Rests, multiples, shares and hours are worked out as a reader would."""
    assert held(draft) == []


@pytest.mark.parametrize(
    "draft",
    [
        "The rest is 543.10 EUR.",
        "When you book, a third of the price is due.",
        "Your visit is on Thursday, 13:00 to 17:00.",
    ],
)
def test_what_does_not_follow_is_still_noticed(draft: str) -> None:
    """A turned digit, another share and other hours are seen."""
    assert any(f.kind.value == "fact" for f in look(draft).findings)


@pytest.mark.parametrize(
    "draft",
    [
        "Dogs stay for free.",
        "The lamp blinks when the pressure is too low.",
        "Objections are not possible.",
        "Dogs cost 8 euros per stay.",
    ],
)
def test_what_turns_a_rule_round_is_shown(draft: str) -> None:
    """At least as something worth a look, with the line that says otherwise."""
    found = [f for f in look(draft).findings if f.subkind == "contradicted"]
    assert found
    assert found[0].evidence


def test_an_unanswered_question_is_marked_where_its_answer_would_stand() -> None:
    """One sentence is marked, not the whole reply."""
    draft = "Thank you for writing. Cleaning is included in the price. The lamp blinks when the pressure is too high."
    found = [
        f for f in look(draft, "When do I get the key? Is cleaning included?").findings if f.subkind == "unanswered"
    ]
    assert found
    assert all(f.end - f.start < len(draft) / 2 for f in found)


def test_a_number_told_with_its_thing_is_not_to_be_asked_for() -> None:
    """The thing's own name leads to what was given, whichever thing it is."""
    found = look("Could you tell us your locker number?", "My locker 4417 does not open.").findings
    assert any(f.subkind == "asked_again" for f in found)


def test_those_the_customer_named_otherwise_and_those_who_serve_may_be_named() -> None:
    """Her mum is her mother, and a tutor's name is ours to tell."""
    assert not [f for f in look("Your mother can ask Aisha on Thursday.").findings if f.kind.value == "privacy"]


@pytest.mark.parametrize("figure", ["9" * 400, "1," + "000," * 300 + "000", "0001-01-01", "0" * 50])
def test_no_figure_is_too_large_to_be_read(figure: str) -> None:
    """Whatever a mail holds in place of a number, the checks come to an end."""
    look(f"It is {figure} EUR, about {figure} %, within {figure} months of {figure}.", f"{figure} EUR and {figure}.")
