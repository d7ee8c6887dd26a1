"""The labelled sets keep what their README says of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from judge.sets import JUDGING, load

from supportdesk.domain.words import ALWAYS_ESCALATE, FindingKind, TriggerKind
from supportdesk.text import stands_in

TICKETS: list[Any] = load(JUDGING / "triage.jsonl")
DRAFTS: list[Any] = load(JUDGING / "check.jsonl")
TEXTS: list[Any] = load(JUDGING / "identifiers.jsonl")
LANGUAGES = {"en", "de", "fr", "es", "pt", "nl", "it"}


def test_every_trigger_has_enough_tickets_and_routine_ones_are_many() -> None:
    """Sixteen of a kind at least, ninety without any."""
    counts = Counter(kind for ticket in TICKETS for kind in ticket["expect"]["triggers"])
    assert set(counts) == {kind.value for kind in TriggerKind} - {"low_confidence"}
    assert min(counts.values()) >= 16
    assert sum(ticket["expect"]["path"] == "routine" for ticket in TICKETS) >= 90


def test_paths_follow_from_the_triggers() -> None:
    """Safety, legal, privacy and vulnerable escalate, any other trigger means review, none means routine."""
    always = {kind.value for kind in ALWAYS_ESCALATE}
    for ticket in TICKETS:
        expect = ticket["expect"]
        triggers = set(expect["triggers"])
        path = "escalation" if triggers & always else "review" if triggers or expect.get("foreign") else "routine"
        assert expect["path"] == path, ticket["id"]
        assert not triggers & set(expect.get("may", ())), ticket["id"]
        if path != "escalation":
            assert not always & set(expect.get("may", ())) or expect["path_may"] == ["escalation"], ticket["id"]


def test_questions_stand_in_their_threads() -> None:
    """An open or answered question is quoted as the customer asked it."""
    for ticket in TICKETS:
        for question in ticket["expect"].get("unresolved", []) + ticket["expect"].get("resolved", []):
            assert any(stands_in(question, m["text"]) for m in ticket["messages"] if m["from"] == "customer")


def test_pairs_have_two_halves_that_differ() -> None:
    """A minimal pair is two tickets with different triggers."""
    pairs: dict[str, list[tuple[str, ...]]] = {}
    for ticket in TICKETS:
        if pair := ticket.get("pair"):
            pairs.setdefault(pair, []).append(tuple(ticket["expect"]["triggers"]))
    assert len(pairs) >= 20
    assert {len(set(halves)) for halves in pairs.values()} == {2}


def test_planted_faults_are_quoted_from_their_drafts() -> None:
    """Offsets and words agree, and a draft is clean exactly when no fault is planted."""
    kinds = {kind.value for kind in FindingKind}
    for draft in DRAFTS:
        faults = draft["expect"]["faults"]
        assert draft["expect"]["clean"] is not bool(faults), draft["id"]
        for fault in faults:
            assert fault["kind"] in kinds
            if fault["quote"]:
                assert draft["draft"][fault["start"] : fault["end"]] == fault["quote"], draft["id"]
    assert sum(draft["expect"]["clean"] for draft in DRAFTS) >= 130
    assert {fault["kind"] for draft in DRAFTS for fault in draft["expect"]["faults"]} == kinds


def test_no_text_stands_twice() -> None:
    """Each was written once."""
    for texts in ([repr(t["messages"]) for t in TICKETS], [d["draft"] for d in DRAFTS], [t["text"] for t in TEXTS]):
        assert [text for text, n in Counter(texts).items() if n > 1] == []


@pytest.mark.parametrize("records", [TICKETS, DRAFTS], ids=["tickets", "drafts"])
def test_seven_languages_are_there(records: list[Any]) -> None:
    """Half of it English, each other language at least five in a hundred."""
    counts = Counter(record["expect"]["language"] for record in records)
    assert set(counts) >= LANGUAGES
    assert 0.45 <= counts["en"] / len(records) <= 0.60
    assert min(counts[language] for language in LANGUAGES) >= 0.05 * len(records)


def test_marked_cards_and_ibans_have_right_check_digits() -> None:
    """Luhn and ISO 7064 mod 97, computed here and not by the rules that are judged."""
    for text in TEXTS:
        for span in text["spans"]:
            assert text["text"][span["start"] : span["end"]] == span["quote"], text["id"]
            plain = re.sub(r"[ -]", "", span["quote"])
            if span["kind"] == "card":
                doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(plain))]
                assert sum(d // 10 + d % 10 for d in doubled) % 10 == 0, text["id"]
            elif span["kind"] == "iban":
                assert int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1, text["id"]
    assert sum(not text["spans"] for text in TEXTS) >= 60
