"""The checks of a draft, each promise on its own small thread."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from supportdesk.domain.evidence import Article
from supportdesk.domain.findings import Examination
from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author, FindingKind, Support
from supportdesk.rules.check import SourceIndex, Sources, examine

BUILDING = Path(__file__).resolve().parent.parent / "judgement" / "building" / "check.jsonl"
RECORDS = {
    "order": {"id": "88213", "shipped_at": "2026-03-05", "status": "shipped", "total": "49.00", "currency": "EUR"}
}
ARTICLES = (
    Article("returns", "Returns", "You can return items within 14 days of delivery. Refunds take 5 to 7 days."),
)


def sources(text: str = "Where is my order 88213?", **extra: object) -> Sources:
    """A thread of one customer message, with records and one article."""
    messages = [Message(Author.CUSTOMER, text, 0)]
    if note := extra.get("note"):
        messages.append(Message(Author.INTERNAL, str(note), 1))
    return Sources(Thread(tuple(messages), "", "mail", RECORDS), ARTICLES, "en")


def kinds(seen: Examination) -> set[str]:
    """Kind and subkind of every finding."""
    return {f"{f.kind.value}/{f.subkind}" for f in seen.findings}


def test_a_wrong_date_for_the_right_order_is_contradicted_by_the_record() -> None:
    """Right reference, wrong value: the record that differs is shown."""
    seen = examine("Your order 88213 was shipped on 3 March.", sources())
    finding = next(f for f in seen.findings if f.subkind == "contradicted")
    assert finding.quote == "3 March"
    assert [e.ref for e in finding.evidence] == ["order.shipped_at"]
    assert finding.blocking


def test_equivalent_values_are_supported() -> None:
    """Two weeks are fourteen days."""
    seen = examine("Items can be returned within two weeks of delivery.", sources())
    spans = [c for c in seen.claims if c.what == "duration"]
    assert [c.support for c in spans] == [Support.SUPPORTED]


@pytest.mark.parametrize(
    "draft",
    [
        "We will refund you 20 euros by Friday.",
        "Consider the fee gone.",
        "Wir erstatten Ihnen den Betrag.",
        "Nous vous rembourserons demain.",
        "Le enviaremos un reemplazo mañana mismo.",
        "Já cancelei a sua assinatura.",
        "Wij betalen u het volledige bedrag terug.",
        "Le rimborseremo i 49 € entro venerdì.",
    ],
)
def test_a_promise_binds_in_any_language(draft: str) -> None:
    """Each is a commitment, and blocks."""
    found = [f for f in examine(draft, sources()).findings if f.kind is FindingKind.COMMITMENT]
    assert found
    assert all(f.blocking for f in found)


@pytest.mark.parametrize(
    "draft",
    [
        "If approved, we would refund you.",
        "I have forwarded this to billing.",
        "Unfortunately we cannot refund the fee.",
        "Leider können wir die Gebühr nicht erstatten.",
        "Je vais demander à mon responsable si un geste est possible.",
    ],
)
def test_what_is_doubted_denied_or_only_asked_binds_nobody(draft: str) -> None:
    """Hypotheses, denials and passing it on are no commitments."""
    assert not examine(draft, sources()).commitments


def test_amount_and_currency_of_a_commitment_are_read() -> None:
    """The authority check needs them as values."""
    made = examine("We will refund the 1.095,55 EUR.", sources()).commitments
    assert (made[0].amount, made[0].currency) == (Decimal("1095.55"), "EUR")


def test_a_full_card_number_is_private_and_a_masked_one_is_not() -> None:
    """Only the last digits may be written out."""
    assert "privacy/full_identifier" in kinds(examine("Your card is 4539 1488 0343 6467.", sources()))
    assert "privacy/full_identifier" not in kinds(examine("Your card ends in 6467.", sources()))


def test_what_only_an_internal_note_says_must_not_be_told() -> None:
    """A delicate note that leaks is found."""
    seen = examine("You have had several chargebacks this year.", sources(note="Three chargebacks this year, careful."))
    assert "privacy/internal_note" in kinds(seen)


def test_asking_for_what_was_given_is_noticed() -> None:
    """The order number stands in the first message."""
    assert "thread/asked_again" in kinds(examine("Could you send us your order number?", sources()))


def test_an_index_gives_the_same_result_as_its_sources() -> None:
    """Indexing once changes nothing but the time."""
    draft = "Your order 88213 was shipped on 3 March. We will refund you."
    assert examine(draft, SourceIndex(sources())) == examine(draft, sources())


@pytest.mark.parametrize("draft", ["", " ", "\n", "?", "🙂", "a" * 5000, "> > >", "\x00\x1b[31m", "€" * 50])
def test_no_draft_breaks_the_checks(draft: str) -> None:
    """Whatever is typed, an examination comes back whose quotes stand in the draft."""
    for finding in examine(draft, sources()).findings:
        assert draft[finding.start : finding.end] == finding.quote


def test_every_quote_of_the_building_set_stands_where_it_says() -> None:
    """Findings and labels point at the draft's own words."""
    for line in BUILDING.read_text(encoding="utf-8").splitlines()[::9]:
        record = json.loads(line)
        text = record["draft"]
        for fault in record["expect"]["faults"]:
            assert text[fault["start"] : fault["end"]] == fault["quote"]
        messages = tuple(Message(Author(m["from"]), m["text"], i) for i, m in enumerate(record["messages"]))
        articles = tuple(Article(a["slug"], a["title"], a["text"]) for a in record["articles"])
        thread = Thread(messages, record["subject"], record["channel"], record["records"])
        for finding in examine(text, Sources(thread, articles)).findings:
            assert text[finding.start : finding.end] == finding.quote
            assert finding.why
            assert finding.settle
            assert finding.rule
