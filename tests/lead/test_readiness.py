"""Fourteen questions, answered from what is really set and there."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from supportdesk.cli.main import run
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Article
from supportdesk.domain.people import Person
from supportdesk.domain.readiness import Answered, Standing
from supportdesk.domain.words import DecisionKind
from supportdesk.rules.routing import routing_from
from supportdesk.services.desk import Desk
from supportdesk.services.readiness import Readiness
from supportdesk.settings import settings_from


def asked(desk: Desk, name: str, **settings: object) -> Answered:
    """One answer, under other settings."""
    chosen = settings_from(settings, "settings.toml")
    service = Readiness(desk.store, desk.clock, chosen, routing_from(chosen.routing))
    return next(a for a in service.answers() if a.name == name)


@pytest.mark.parametrize(
    ("name", "settings", "standing"),
    [
        ("channels", {"channels": [{"name": "help", "kind": "imap"}]}, Standing.ANSWERED),
        ("intake", {"routing": {"categories": {"sales": {"intake": ["order_number"]}}}}, None),
        ("allowed", {"assistant": {"model": "openai/x", "placeholders": "never"}}, Standing.PARTLY),
        ("review", {"gate": {"items": ["style"]}}, Standing.ANSWERED),
        ("approval", {"authority": []}, Standing.NOT_YET),
        ("approval", {"authority": [{"role": "treasurer", "kind": "money", "up_to": Decimal(5)}]}, Standing.PARTLY),
        ("queues", {"routing": {"rules": [{"keyword": "invoice", "queue": "billing"}]}}, Standing.ANSWERED),
        ("confidence", {"assistant": {"confidence": 0}}, Standing.PARTLY),
        ("escalates", {"routing": {"rules": [{"trigger": "repeated", "path": "escalation"}]}}, Standing.ANSWERED),
        ("owners", {"routing": {"queues": {"escalations": {"owner": "gone", "backup": "gone"}}}}, Standing.NOT_YET),
    ],
)
def test_an_answer_follows_the_settings(
    desk: Desk, name: str, settings: dict[str, object], standing: Standing | None
) -> None:
    """Other settings, another answer; what is not answered names one thing to do and where."""
    before, after = asked(desk, name), asked(desk, name, **settings)
    assert (before.answer, before.todo) != (after.answer, after.todo)
    if standing is not None:
        assert after.standing is standing
    for answer in (before, after):
        assert bool(answer.todo) == (answer.standing is not Standing.ANSWERED)
        assert bool(answer.setting) == bool(answer.todo)


def test_an_answer_follows_what_happens(desk: Desk, bring) -> None:  # type: ignore[no-untyped-def]
    """Tickets, decisions, articles and people change what is true of the desk."""
    names = ("channels", "controls", "documentation", "mistakes", "improvement", "review")
    before = {name: asked(desk, name) for name in names}
    assert before["mistakes"].standing is Standing.NOT_YET
    ticket = bring("When are you open?")
    desk.review.take(ticket, "ana")
    reject = Decision(DecisionKind.REJECT, reason="wrong_tone")
    desk.review.decide(ticket, "ana", reject, rest_not_judged=True)
    desk.knowledge.put_all([Article("hours", "Opening hours", "From 10 to 16.")], "lea")
    desk.staff.put("lea", Person("mia", role="lead"))
    after = {name: asked(desk, name) for name in names}
    assert all(before[name].answer != after[name].answer for name in names)
    assert after["documentation"].standing is Standing.ANSWERED
    assert "mia" in after["improvement"].answer


def test_the_original_is_always_there(desk: Desk, bring) -> None:  # type: ignore[no-untyped-def]
    """Approved replies are counted: each was read whole before."""
    from supportdesk.domain.words import AnswerValue

    assert "(0 approved" in asked(desk, "original").answer
    desk.knowledge.put_all([Article("hours", "Hours", "Our shop is open from 10:00 to 16:00.")], "lea")
    ticket = bring("When is your shop open?")
    desk.review.take(ticket, "ana")
    case = desk.review.edit(ticket, "ana", "Hello,\n\nour shop is open from 10:00 to 16:00.\n\nKind regards")
    desk.review.see(ticket, "ana", range(len(case.thread.messages)))
    for item in case.items:
        desk.review.answer(ticket, "ana", item, AnswerValue.CONFIRMED)
    desk.review.decide(ticket, "ana", Decision(DecisionKind.APPROVE))
    assert "(1 approved" in asked(desk, "original").answer


def test_an_owner_who_leaves_is_an_error_of_readiness(desk: Desk) -> None:
    """The default routing names roles: while somebody has them all is well; the gap is named when nobody has."""
    assert not desk.readiness.missing_owners()
    desk.staff.put("lea", Person("app", role="approver", active=False))
    gaps = desk.readiness.missing_owners()
    assert {"safety", "legal", "privacy", "vulnerable"} <= {o.trigger for o in gaps}
    answer = asked(desk, "owners")
    assert answer.standing is not Standing.ANSWERED
    assert "approver" in answer.todo


def test_the_command_answers_fourteen_questions_and_says_what_the_desk_does_not_do(
    desk: Desk, capsys, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    """Exit status 1 while one has no answer, for a script that asks."""
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    assert run(["--store", str(desk.file), "readiness", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert len(said["answers"]) == 14
    assert len({a["name"] for a in said["answers"]}) == 14
    assert any("emergency" in words for words in said["not_done"])
    run(["--store", str(desk.file), "readiness"])
    text = capsys.readouterr().out
    assert all(a["question"] in text and a["todo"] in text for a in said["answers"])
