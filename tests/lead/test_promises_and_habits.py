"""Promises kept and broken, ways of reviewing, overload, exercises, and tallies that never drift."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supportdesk.bootstrap import open_desk
from supportdesk.cli.main import run
from supportdesk.domain.decision import Decision, Look
from supportdesk.domain.habits import Approved
from supportdesk.domain.promise import PromiseState
from supportdesk.domain.report import Period
from supportdesk.domain.words import AnswerValue, DecisionKind
from supportdesk.errors import BadInput, Refused
from supportdesk.services.desk import Desk
from supportdesk.services.habits import habits_of, load_of
from supportdesk.services.monitoring import FIGURES
from supportdesk.settings import settings_from

PROMISE = "Hello,\n\nwe will send you an answer by 18 March 2026.\n\nKind regards"


def approve(desk: Desk, ticket: int, words: str = "", login: str = "ana", look: Look = Look()) -> None:  # noqa: B008
    """Approve a ticket's draft, rewritten where words are given."""
    desk.review.take(ticket, login)
    case = desk.review.edit(ticket, login, words) if words else desk.review.open(ticket, login)
    desk.review.see(ticket, login, range(len(case.thread.messages)))
    for item in case.items:
        desk.review.answer(ticket, login, item, AnswerValue.CONFIRMED)
    desk.review.decide(ticket, login, Decision(DecisionKind.APPROVE, closing=True), look=look)


def test_a_promise_counts_once_sent_surfaces_before_it_breaks_and_is_settled(desk: Desk, bring, clock) -> None:  # type: ignore[no-untyped-def]
    """Approved on Thursday for Wednesday: nothing while unsent; told once, on Monday; then kept, once."""
    ticket = bring("When will you answer me?")
    approve(desk, ticket, PROMISE)
    assert desk.promises.open() == ()
    desk.sending.send_due(now_too=True)
    (promise,) = desk.promises.open()
    assert (promise.ticket_id, promise.by, promise.authority) == (ticket, "ana", "ana (agent)")
    assert promise.to == (desk.queue.get(ticket).requester.email,)
    assert promise.due_at == datetime(2026, 3, 19, tzinfo=UTC), "kept until the day is over"
    assert desk.promises.watch() == () == desk.promises.due()
    clock.forward(days=5, hours=16)
    assert [f.promise.id for f in desk.promises.watch()] == [promise.id]
    assert desk.promises.watch() == (), "told once"
    assert "promise_falls_due" in [r.action for r in desk.review.history(ticket)]
    clock.forward(days=2)
    assert desk.promises.open()[0].overdue(clock.now())
    figure = desk.monitoring.report(desk.monitoring.period()).figure("promises")
    assert [(line.key, line.count) for line in figure.lines] == [("overdue", 1)]
    with pytest.raises(BadInput):
        desk.promises.settle(promise.id, "ana", kept=False)
    assert desk.promises.settle(promise.id, "ana", kept=True).state is PromiseState.KEPT
    with pytest.raises(Refused, match="kept"):
        desk.promises.settle(promise.id, "ana", kept=False, note="late")
    figure = desk.monitoring.report(desk.monitoring.period()).figure("promises")
    assert [(line.key, line.count) for line in figure.lines] == [("kept", 1)]


def test_a_reply_called_back_promises_nothing(desk: Desk, bring, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The ledger follows what left, not what was approved."""
    ticket = bring("When will you answer me?")
    approve(desk, ticket, PROMISE)
    with desk.store.read() as tx:
        (entry,) = tx.decisions.outbox((), ticket)
    desk.sending.recall(entry.id, "ana")
    assert desk.promises.all(PromiseState.VOID)
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    assert run(["--store", str(desk.file), "promises", "--all"]) == 0
    assert "Nothing was promised." in capsys.readouterr().out


def test_somebody_who_reads_too_fast_sees_it_and_the_lead_sees_no_name(desk: Desk, bring, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Time against words, answers in a burst, drafts never edited; nothing is blocked."""
    for n in range(12):
        login = "ben" if n % 2 else "ana"
        words = "" if login == "ben" else "Hello,\n\nthank you for asking.\n\nKind regards"
        ticket = bring("Is the lamp made of oak?")
        approve(desk, ticket, words, login, Look(1 if login == "ben" else 60, 1, 120))
    period = desk.monitoring.period()
    first, second = desk.reviewing.each(period)
    assert (first.login, first.fast, first.longest_run, second.fast) == ("ben", 6, 6, 0)
    assert desk.reviewing.place("ben", period) == (1, 2)
    assert first.remarks and first.fast_tickets
    team = desk.reviewing.team(period)
    assert (team.approvals, team.fast, team.reviewers) == (12, 6, 2)
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    span = ["--since", "2026-03-01", "--until", "2026-04-01"]
    assert run(["--store", str(desk.file), "habits", "--team", *span]) == 0
    assert "ben" not in capsys.readouterr().out


def test_habits_are_counted_from_approvals_in_order() -> None:
    """The longest run ends with an edit; unopened counts only where there was something to open."""
    one = Approved(1, "x", 60, 200, unedited=True, evidence=True, opened=0, answering=10.0)
    many = [one, one, replace(one, unedited=False, evidence=False), one, replace(one, seconds=5, answering=0.5)]
    found = habits_of("x", many)
    assert (found.longest_run, found.unopened, found.fast, found.bursts, found.unedited) == (2, 4, 1, 1, 4)
    assert habits_of("y", ()).weight == 0


def test_overload_shows_with_what_to_do() -> None:
    """More waits than is decided in three days, or it grows; what brings the most is named."""
    common = {"queues": [("billing", 90), ("general", 20)], "triggers": [("refund", 80), ("low_confidence", 30)]}
    much = load_of(**common, arriving=40, decided=30, people=3, minutes=6)  # type: ignore[arg-type]
    assert much.overloaded and much.days_to_clear is None
    said = " ".join(much.advice)
    assert "refund brings the most" in said and "low confidence" in said and "billing" in said and "11 hours" in said
    calm = load_of(queues=[("general", 10)], triggers=[], arriving=20, decided=30, people=3, minutes=6)
    assert not calm.overloaded and not calm.advice


def test_exercises_are_off_announced_and_seen_by_no_figure(desk: Desk, bring) -> None:  # type: ignore[no-untyped-def]
    """Off by default; a lead announces them; nothing of them is a ticket, a decision, a draft or in the outbox."""
    with pytest.raises(Refused, match="off"):
        desk.exercises.show("ana")
    settings = settings_from({"exercises": {"every": 1}}, "settings.toml")
    other = open_desk(desk.file, settings, login="lea", clock=desk.clock)
    with pytest.raises(Refused, match="announced"):
        other.exercises.show("ana")
    with pytest.raises(Refused, match="lead"):
        other.exercises.announce("ana")
    other.exercises.announce("lea")
    assert not other.exercises.due("ana")
    approve(desk, bring("Is the lamp made of oak?"))
    assert other.exercises.due("ana")
    period = desk.monitoring.period()
    before = [desk.monitoring.report(period).figure(name) for name in FIGURES]
    found = other.exercises.show("ana")
    assert other.exercises.show("ana").id == found.id, "the same until it is answered"
    with pytest.raises(BadInput, match="words of the draft"):
        other.exercises.answer(found.id, "ana", "something else")
    missed = other.exercises.answer(found.id, "ana", "")
    assert missed.caught is False and "Nothing was sent" in missed.words
    second = other.exercises.show("ana")
    assert second.name != found.name
    assert other.exercises.answer(second.id, "ana", second.quote).caught
    assert other.exercises.team() == (1, 2)
    assert [desk.monitoring.report(period).figure(name) for name in FIGURES] == before
    other.close()


def test_the_tallies_are_what_a_plain_count_says_and_can_be_made_anew(desk: Desk, bring, clock) -> None:  # type: ignore[no-untyped-def]
    """Over days, with tickets that move, a complaint, a reroute; after rows put in past the triggers, too."""
    for n in range(5):
        ticket = bring("Is the lamp made of oak?")
        if n % 2:
            approve(desk, ticket)
            if n == 1:
                with desk.store.read() as tx:
                    (entry,) = tx.decisions.outbox((), ticket)
                desk.sending.recall(entry.id, "ana")
            desk.sending.send_due(now_too=True)
        else:
            desk.review.take(ticket, "ben")
            reroute = Decision(DecisionKind.REROUTE, queue="billing", reason="language")
            desk.review.decide(ticket, "ben", reroute, rest_not_judged=True)
        clock.forward(hours=17)
    now = clock.now() + timedelta(seconds=1)
    periods = [Period(now - timedelta(days=20), now), Period(now - timedelta(hours=40), now - timedelta(hours=3))]

    def every() -> list[object]:
        return [list(desk.monitoring.figures(period)) for period in periods]

    with sqlite3.connect(desk.file) as connection:
        kept = connection.execute("SELECT * FROM tally WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5").fetchall()
        facts = connection.execute("SELECT * FROM ticket_fact ORDER BY 1").fetchall()
    before = every()
    report = desk.monitoring.report(periods[0])
    for name in ("approvals", "corrections"):
        assert sum(line.count for line in report.figure(name).lines) == 1, "a reply called back is not counted as sent"
    with desk.store.write() as tx:
        tx.figures.rebuild()
    with sqlite3.connect(desk.file) as connection:
        assert connection.execute("SELECT * FROM tally WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5").fetchall() == kept
        assert connection.execute("SELECT * FROM ticket_fact ORDER BY 1").fetchall() == facts
        connection.execute("DELETE FROM tally WHERE name = 'decisions'")
    connection.close()
    assert every() == before, "a report notices and counts anew"
