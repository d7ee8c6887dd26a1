"""Every figure follows what happens at the desk, and opens the tickets behind it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from supportdesk.cli.main import run
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Article
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.report import spread_of
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author, DecisionKind
from supportdesk.errors import BadInput
from supportdesk.services.desk import Desk
from supportdesk.services.monitoring import FIGURES
from supportdesk.store.figures import MEASURES

QUESTION = "When is your shop in Bremen open on Saturdays?"
HOURS = Article("hours", "Opening hours", "Our shop in Bremen is open on Saturdays from 10:00 to 16:00.")
REPLY = "Hello,\n\nour shop in Bremen is open on Saturdays from 10:00 to 16:00.\n\nKind regards"


def lines(desk: Desk, name: str, **about: str) -> dict[str, int]:
    """A figure's lines now."""
    figure = desk.monitoring.report(desk.monitoring.period(**about)).figure(name)  # type: ignore[arg-type]
    return {line.key: line.count for line in figure.lines}


def send(desk: Desk, ticket: int, words: str = REPLY, login: str = "ana", *, closing: bool = False) -> None:
    """Review a ticket, approve words for it, and let them leave."""
    desk.review.take(ticket, login)
    case = desk.review.edit(ticket, login, words)
    desk.review.see(ticket, login, range(len(case.thread.messages)))
    for item in case.items:
        desk.review.answer(ticket, login, item, AnswerValue.CONFIRMED)
    desk.review.decide(ticket, login, Decision(DecisionKind.APPROVE, closing=closing))
    desk.sending.send_due(now_too=True)


def decide(desk: Desk, ticket: int, decision: Decision, login: str = "ana") -> None:
    """Decide something that sends nothing."""
    desk.review.take(ticket, login)
    desk.review.decide(ticket, login, decision, rest_not_judged=True)


def test_reroutes_rejections_and_workload_are_counted_where_they_happened(desk: Desk, bring) -> None:  # type: ignore[no-untyped-def]
    """From and to by name; one reroute alone is no pattern; other queues and people do not count."""
    tickets = [bring(QUESTION) for _ in range(4)]
    queue = desk.queue.get(tickets[0]).queue
    decide(desk, tickets[0], Decision(DecisionKind.REROUTE, queue="billing", reason="wrong_queue"))
    assert lines(desk, "wrong_routes") == {}
    decide(desk, tickets[1], Decision(DecisionKind.REROUTE, queue="billing", reason="wrong_queue"), "ben")
    decide(desk, tickets[2], Decision(DecisionKind.REJECT, reason="wrong_tone"))
    assert lines(desk, "wrong_routes") == {f"{queue} → billing": 2}
    assert lines(desk, "rejections") == {"wrong_tone": 1}
    assert lines(desk, "decisions") == {"reroute": 2, "reject": 1}
    assert lines(desk, "workload") == {"ana": 2, "ben": 1}
    assert lines(desk, "workload", reviewer="ben") == {"ben": 1}
    assert lines(desk, "decisions", queue="billing") == {}
    period = desk.monitoring.period()
    assert list(desk.monitoring.behind("wrong_routes", f"{queue} → billing", period)) == tickets[:2]
    assert list(desk.monitoring.behind("rejections", "wrong_tone", period)) == [tickets[2]]


def test_what_is_unresolved_and_waits_goes_down_when_it_is_answered(desk: Desk, bring, clock) -> None:  # type: ignore[no-untyped-def]
    """Backlog, corrections, approvals and the times to first reply and solution move together."""
    desk.knowledge.put_all([HOURS], "lea")
    one, two = bring(QUESTION), bring(QUESTION)
    assert sum(lines(desk, "queues").values()) == 2
    assert lines(desk, "due") == {"not due yet": 2}
    clock.forward(hours=2)
    send(desk, one, closing=True)
    assert sum(lines(desk, "queues").values()) == 1
    assert sum(lines(desk, "unresolved").values()) == 1
    assert lines(desk, "corrections") == {"corrected": 1}
    assert lines(desk, "approvals") == {"documented": 1}
    assert lines(desk, "due") == {"met": 1, "not due yet": 1}
    report = desk.monitoring.report(desk.monitoring.period())
    first, solved, waiting = (report.figure(n).spread for n in ("first_response", "resolution", "backlog_age"))
    assert first is not None and (first.count, first.median) == (1, 120)
    assert solved is not None and (solved.count, solved.median) == (1, 120)
    assert waiting is not None and (waiting.count, waiting.median) == (1, 120)
    clock.forward(days=30)
    assert lines(desk, "approvals") == {}, "another period"
    assert lines(desk, "due") == {}
    assert list(desk.monitoring.behind("backlog_age", None, desk.monitoring.period())) == [two]


def test_a_complaint_after_a_reply_is_linked_to_who_approved_it(desk: Desk, bring, clock) -> None:  # type: ignore[no-untyped-def]
    """A complaint that came before any reply is nobody's approval."""
    desk.knowledge.put_all([HOURS], "lea")
    ticket = bring(QUESTION)
    bring("This is a formal complaint: your service is terrible and nobody answers.")
    clock.forward(hours=1)
    send(desk, ticket, login="ben")
    assert lines(desk, "complaints") == {}
    clock.forward(hours=1)
    text = "This is a formal complaint. Your answer was wrong and unhelpful, I am very disappointed."
    with desk.store.write() as tx:
        sender = Address(desk.queue.get(ticket).requester.email, "")
        incoming = IncomingMessage(author=Author.CUSTOMER, text=text, sender=sender, sent_at=clock.now())
        tx.tickets.add_message(ticket, incoming, clock.now(), "again")
    desk.preparing.one(ticket)
    assert "complaint" in desk.queue.get(ticket).triggers
    assert lines(desk, "complaints") == {"ben": 1}
    assert list(desk.monitoring.behind("complaints", "ben", desk.monitoring.period())) == [ticket]


def test_escalations_are_counted_open_and_timed(desk: Desk, escalate, clock) -> None:  # type: ignore[no-untyped-def]
    """Until somebody decides they stand under their owner's name."""
    from supportdesk.domain.escalation import Outcome, Ruling

    number = escalate(trigger="refund")
    assert lines(desk, "escalations") == {"refund": 1}
    assert lines(desk, "escalations_open") == {"app": 1}
    clock.forward(minutes=30)
    desk.escalations.acknowledge(number, "app")
    clock.forward(minutes=30)
    desk.escalations.decide(number, "app", Ruling(Outcome.GRANT))
    assert lines(desk, "escalations_open") == {}
    report = desk.monitoring.report(desk.monitoring.period())
    taken, decided = (report.figure(f"escalation_{n}").spread for n in ("acknowledged", "decided"))
    assert taken is not None and taken.median == 30
    assert decided is not None and decided.median == 60


def test_what_was_changed_because_of_it(desk: Desk) -> None:
    """A new version of an article is a change; the same again is none."""
    before = lines(desk, "changes").get("published", 0)
    for text in (HOURS.text, HOURS.text, HOURS.text + " Closed on Sundays."):
        desk.knowledge.put_all([Article("hours", "Opening hours", text)], "lea")
    assert lines(desk, "changes")["published"] == before + 2


def test_every_line_opens_the_tickets_it_counts(desk: Desk, bring, escalate) -> None:  # type: ignore[no-untyped-def]
    """For every figure, and every figure is offered."""
    assert set(FIGURES) == {m.name for m in MEASURES}
    for _ in range(3):
        bring(QUESTION)
    escalate()
    period = desk.monitoring.period()
    for figure in desk.monitoring.figures(period):
        every = set(desk.monitoring.behind(figure.name, None, period))
        if figure.name == "changes":
            assert not every, "what was changed belongs to no ticket"
            continue
        if figure.spread is not None:
            assert len(every) == figure.spread.count
        listed = [set(desk.monitoring.behind(figure.name, line.key, period)) for line in figure.lines]
        assert [len(ids) for ids in listed] == [line.count for line in figure.lines]
        assert set().union(*listed) <= every
    with pytest.raises(BadInput, match="no figure"):
        desk.monitoring.behind("nonsense", None, period)


def test_the_command_prints_text_json_csv_and_markdown(desk: Desk, bring, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The same figures in every form; who looks wrong at them in a spreadsheet runs nothing."""
    ticket = bring(QUESTION)
    decide(desk, ticket, Decision(DecisionKind.REJECT, reason="=cmd()"))
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    span = ["--since", "2026-03-01", "--until", "2026-04-01"]
    out = {}
    for form in ("", "--json", "--csv", "--markdown"):
        assert run(["--store", str(desk.file), "report", *span, *([form] if form else [])]) == 0
        out[form] = capsys.readouterr().out
    assert json.loads(out["--json"])["figures"]["rejections"]["lines"] == {"=cmd()": 1}
    rows = list(csv.reader(io.StringIO(out["--csv"])))
    assert ["Rejections by reason", "'=cmd()", "1"] in rows
    assert "| =cmd() | 1 |" in out["--markdown"]
    assert "Rejections by reason: 1" in out[""]
    assert run(["--store", str(desk.file), "report", *span, "--behind", "rejections"]) == 0
    assert capsys.readouterr().out == f"#{ticket}\n"


def test_spreads() -> None:
    """Median and ninth of ten are values that occurred."""
    assert spread_of([]) is None
    spread = spread_of([(1, 5), (10, 4), (100, 1)])
    assert spread is not None
    assert (spread.count, spread.mean, spread.median, spread.ninth) == (10, 14.5, 1, 10)
    assert timedelta(minutes=spread.median) < timedelta(minutes=spread.ninth)
