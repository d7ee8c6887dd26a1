"""What the desk can learn from its work."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from supportdesk.cli.main import run
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Article
from supportdesk.domain.theme import Sent
from supportdesk.domain.words import AnswerValue, DecisionKind
from supportdesk.services.desk import Desk
from supportdesk.services.improvement import group_corrections, word_diff

WEAK = "We are sorry for any inconvenience this may have caused."


def test_a_weak_sentence_is_found_first() -> None:
    """Rewritten 14 times of 20, it stands above what was changed less; what nobody touched is no correction."""
    good = "Your parcel left on Monday."
    many = []
    for i in range(20):
        better = "We are sorry that your parcel is late." if i < 14 else WEAK
        sent = f"{'It left our shop early on Monday.' if i < 2 else good} {better} Kind regards"
        many.append(Sent(i, "orders", f"{good} {WEAK} Kind regards", sent))
    first, second = group_corrections(many)
    assert (first.sentence, first.changed, first.written) == (WEAK, 14, 20)
    assert first.instead == ("We are sorry that your parcel is late.",)
    assert first.tickets == tuple(range(14))
    assert (second.sentence, second.changed) == (good, 2)
    assert group_corrections([Sent(1, "orders", good, good)]) == ()


def test_a_sentence_taken_out_is_a_correction_without_other_words() -> None:
    """Nothing like it was sent."""
    (found,) = group_corrections([Sent(1, "orders", f"Hello there. {WEAK}", "Hello there.")])
    assert found.instead == ("",)


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_word_diff_holds_both_texts(drafted: str, sent: str) -> None:
    """Put together again, its sides are the words drafted and the words sent."""
    changes = word_diff(drafted, sent)
    assert " ".join(c.drafted for c in changes if c.drafted) == " ".join(drafted.split())
    assert " ".join(c.sent for c in changes if c.sent) == " ".join(sent.split())
    assert all(c.drafted == c.sent for c in changes if c.kept)


def test_what_was_sent_instead_of_a_draft_comes_from_the_records(desk: Desk, bring) -> None:  # type: ignore[no-untyped-def]
    """A draft approved as it was teaches nothing; one that was edited does."""
    desk.knowledge.put_all([Article("hours", "Hours", "Our shop in Bremen is open from 10:00 to 16:00.")], "lea")
    ticket = bring("When is your shop in Bremen open?")
    desk.review.take(ticket, "ana")
    drafted = desk.review.open(ticket, "ana").revision
    assert drafted is not None
    assert desk.improvement.corrections(desk.monitoring.period()) == ()
    case = desk.review.edit(ticket, "ana", "Hello,\n\nour shop in Bremen is open from 10:00 to 16:00.\n\nKind regards")
    desk.review.see(ticket, "ana", range(len(case.thread.messages)))
    for item in case.items:
        desk.review.answer(ticket, "ana", item, AnswerValue.CONFIRMED)
    desk.review.decide(ticket, "ana", Decision(DecisionKind.APPROVE))
    found = desk.improvement.corrections(desk.monitoring.period())
    assert found
    assert all(c.tickets == (ticket,) and c.sentence in " ".join(drafted.text.split()) for c in found)
    assert desk.improvement.corrections(desk.monitoring.period(reviewer="ben")) == ()


def test_themes_come_with_their_tickets_quotes_and_trend(desk: Desk, bring, clock, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Four letters now, three in the four weeks before."""
    long_ago = clock.now() - timedelta(days=40)
    letters = ("My helmet strap broke again", "The strap of my helmet is broken", "Broken helmet strap, what now?")
    for text in letters:
        bring(text, at=long_ago, subject="Helmet strap", prepare=False)
    now = [bring(text, subject="Helmet strap", prepare=False) for text in (*letters, "Helmet strap broken")]
    for text in (
        "Missing invoice for March",
        "The invoice is missing",
        "Please send the missing invoice",
        "invoice missing",
    ):
        bring(text, subject="Invoice", prepare=False)
    found = desk.improvement.themes(desk.monitoring.period())
    theme = next(t for t in found if "strap" in t.name)
    assert sorted(theme.tickets) == now
    assert theme.before == 3
    assert len(theme.quotes) == 3
    assert all("strap" in words.lower() for _, words in theme.quotes)
    assert all(t.before == 0 for t in found if t is not theme)
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    span = ["--since", "2026-02-20", "--until", "2026-03-20"]
    assert run(["--store", str(desk.file), "themes", *span, "--json"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {t["name"] for t in said} == {t.name for t in found}
    assert run(["--store", str(desk.file), "corrections", *span]) == 0
    assert capsys.readouterr().out == "Nothing was corrected.\n"
