"""A claim no source bears out is settled by a person before the facts are confirmed, however sure the check is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from seats import bring, mail, seated

from supportdesk.domain.decision import Decision
from supportdesk.domain.findings import Claim, Commitment, Examination, Finding
from supportdesk.domain.words import AnswerValue, CommitmentKind, DecisionKind, FindingKind, Settled, Support
from supportdesk.errors import Refused
from supportdesk.services.desk import Desk

QUOTES = ("on Saturdays", "until four")
WORDS = "Hello Anna,\n\nwe are open on Saturdays, until four. That is about an hour longer.\n\nKind regards"


def unsourced(text: str, sources: object) -> Examination:
    """Checks that are unsure of two claims, and ask no source for a third."""
    del sources
    places = [(text.find(quote), text.find(quote) + len(quote), quote) for quote in (*QUOTES, "an hour")]
    claims = [Claim(*place, "hours", Support.UNSUPPORTED) for place in places if place[0] >= 0]
    findings = [
        Finding(
            FindingKind.FACT, "unsupported", c.start, c.end, c.quote, "It stands nowhere.", blocking=False,
            settle="Show where it comes from, or take it out.",
        )
        for c in claims if c.quote in QUOTES
    ]  # fmt: skip
    return Examination(tuple(findings), tuple(claims))


@pytest.fixture
def unsure(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A desk with one ticket whose draft says two things that stand nowhere."""
    with mock.patch("supportdesk.services.review.examine", unsourced):
        bring(desk, tmp_path, mail("When are you open?"))
        desk.review.take(1, "ana")
        desk.review.edit(1, "ana", WORDS)
        desk.review.see(1, "ana", [0])
        yield desk


def test_facts_wait_for_each_claim_without_a_source(unsure: Desk) -> None:
    """Refused while one is left, even where the other items are confirmed; then it may be approved."""
    for item in ("thread", "commitments", "tone"):
        unsure.review.answer(1, "ana", item, AnswerValue.CONFIRMED)
    findings = unsure.review.open(1, "ana").examination.findings
    for left, finding in zip((2, 1), findings, strict=True):
        with pytest.raises(Refused, match="Show where it comes from"):
            unsure.review.answer(1, "ana", "facts", AnswerValue.CONFIRMED)
        assert len(unsure.review.open(1, "ana").open_findings) == left
        unsure.review.settle(1, "ana", finding.fingerprint, Settled.OVERRIDE, "it is on our door")
    unsure.review.answer(1, "ana", "facts", AnswerValue.CONFIRMED)
    assert unsure.review.decide(1, "ana", Decision(DecisionKind.APPROVE)).outbox


async def test_the_screen_counts_them_and_says_what_became_of_each(unsure: Desk) -> None:
    """Heading, checklist and findings agree; the reason is asked for at once."""
    unsure.review.release(1, "ana")
    async with seated(unsure, "ana", size=(150, 42)) as seat:
        await seat.press("enter")
        assert "Checks 2 to settle" in seat.painted("#findings")
        assert "2 findings to settle" in seat.painted("#checklist")
        assert "Claims no source is asked for" in seat.painted("#findings")
        for left in (1, 0):
            await seat.press("c", "ctrl+y")
            assert "Show where it comes from" in seat.lines[-1] + seat.lines[-2] + seat.lines[-3] or left
            await seat.press("full_stop", "enter", "enter")
            await seat.type("it is on our door")
            await seat.press("ctrl+s")
        assert "Checks nothing to settle" in seat.painted("#findings")
        assert "3 claims, 0 with a source, 2 settled by a person, 1 that needs none" in seat.painted("#checklist")


def test_the_database_holds_the_same_claims_back(unsure: Desk) -> None:
    """What the gate waits for is what the database waits for, row by row; a promise's own day is left to authority."""
    case = unsure.review.open(1, "ana")
    promise = Commitment(case.examination.claims[0].start, case.examination.claims[0].end, "x", CommitmentKind.DEADLINE)
    found = replace(case.examination, commitments=(promise,))
    assert [found.waits(f) for f in found.findings] == [False, True]
    with sqlite3.connect(unsure.file) as connection:
        rows = connection.execute("SELECT blocking FROM finding WHERE revision_id = ?", (case.revision.id,)).fetchall()  # type: ignore[union-attr]
    assert rows == [(1,), (1,)]
