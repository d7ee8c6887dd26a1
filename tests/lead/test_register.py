"""Themes from the proposal to the effect, and the articles that come of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportdesk.cli.main import run
from supportdesk.domain.article import ArticleState
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Article
from supportdesk.domain.people import Person
from supportdesk.domain.theme import Cause, ThemeFacts, ThemeState
from supportdesk.domain.words import AnswerValue, DecisionKind
from supportdesk.errors import BadInput, Refused
from supportdesk.rules.causes import propose
from supportdesk.services.desk import Desk

GIFT = "Where can I redeem the gift voucher code in the online checkout?"
WIFI = "The wireless network of my speaker drops whenever the microwave runs."
ANSWER = "Hello,\n\nplease type the voucher code into the field under the basket.\n\nKind regards"


def answer(desk: Desk, ticket: int, words: str = ANSWER, login: str = "ana") -> None:
    """Review a ticket and approve words for it."""
    desk.review.take(ticket, login)
    case = desk.review.edit(ticket, login, words)
    desk.review.see(ticket, login, range(len(case.thread.messages)))
    for item in case.items:
        desk.review.answer(ticket, login, item, AnswerValue.CONFIRMED)
    desk.review.decide(ticket, login, Decision(DecisionKind.APPROVE, closing=True))


@pytest.fixture
def gifts(desk: Desk, bring: Callable[..., int]) -> tuple[int, list[int]]:
    """A proposed theme about vouchers, and its tickets."""
    tickets = [bring(GIFT) for _ in range(4)]
    for _ in range(3):
        bring(WIFI)
    found = desk.themes.propose(desk.monitoring.period())
    return next(t.id for t in found if t.tickets[0] in tickets), tickets


def looked(desk: Desk, theme: int, tickets: list[int], login: str = "lea") -> None:
    """Look at three examples."""
    for ticket in tickets[:3]:
        assert GIFT in desk.themes.look(theme, login, ticket)


def test_a_theme_is_decided_only_after_three_examples(desk: Desk, gifts: tuple[int, list[int]]) -> None:
    """Confirming and rejecting both want a look; an owner must work here; nobody decides twice."""
    theme, tickets = gifts
    for ticket in tickets[:2]:
        desk.themes.look(theme, "lea", ticket)
        desk.themes.look(theme, "lea", ticket)
    with pytest.raises(Refused, match="Look at 3 examples first; you have looked at 2"):
        desk.themes.confirm(theme, "lea", "ben")
    with pytest.raises(Refused, match="Look at 3"):
        desk.themes.reject(theme, "lea", "no pattern")
    looked(desk, theme, tickets)
    with pytest.raises(BadInput, match="Nobody active here"):
        desk.themes.confirm(theme, "lea", "nobody")
    done = desk.themes.confirm(theme, "lea", "ben", cause="instructions")
    assert (done.state, done.owner, done.path, done.cause) == ("confirmed", "ben", "article", Cause.INSTRUCTIONS)
    with pytest.raises(Refused, match="confirmed already"):
        desk.themes.reject(theme, "lea", "changed my mind")


def test_a_known_theme_is_not_proposed_again(desk: Desk, gifts: tuple[int, list[int]], bring) -> None:  # type: ignore[no-untyped-def]
    """A rejected one comes back only when it has doubled."""
    theme, tickets = gifts
    assert not desk.themes.propose(desk.monitoring.period())
    looked(desk, theme, tickets)
    desk.themes.reject(theme, "lea", "a campaign that is over")
    bring(GIFT)
    assert not desk.themes.propose(desk.monitoring.period())
    for _ in range(4):
        bring(GIFT)
    assert [t.found for t in desk.themes.propose(desk.monitoring.period())] == [9]


def test_an_article_comes_of_a_theme_and_its_effect_is_measured(
    desk: Desk, gifts: tuple[int, list[int]], bring, clock
) -> None:  # type: ignore[no-untyped-def]
    """Drafted from the answers, held against them by another, published by its owner; then the letters get fewer."""
    theme, tickets = gifts
    for ticket in tickets:
        answer(desk, ticket)
    with pytest.raises(Refused, match="confirm it before"):
        desk.articles.draft(theme, "ben")
    looked(desk, theme, tickets)
    desk.themes.confirm(theme, "lea", "ben")
    made = desk.articles.draft(theme, "ana")
    slug = made.article.slug
    assert (made.by, made.state, made.owner) == ("assistant", ArticleState.DRAFT, "ben")
    assert "please type the voucher code into the field under the basket." in made.article.text
    assert set(made.sources) <= set(tickets)
    assert slug not in {a.slug for a in desk.knowledge.all()}, "a draft is not in the knowledge base"
    mine = desk.articles.write(slug, "Vouchers", "Type the voucher code into the field under the basket.", "ben")
    with pytest.raises(Refused, match="later version"):
        desk.articles.review(slug, made.article.version, "lea")
    version = mine.article.version
    with pytest.raises(Refused, match="not held against its sources"):
        desk.articles.publish(slug, version, "lea")
    with pytest.raises(Refused, match="your words"):
        desk.articles.review(slug, version, "ben")
    desk.articles.review(slug, version, "ana")
    with pytest.raises(Refused, match="does not publish"):
        desk.articles.publish(slug, version, "ben")
    with pytest.raises(Refused, match="ben's to publish"):
        desk.articles.publish(slug, version, "app")
    clock.forward(days=5)
    desk.articles.publish(slug, version, "lea")
    assert desk.knowledge.search("voucher code basket")[0].slug == slug
    assert [t.id for t in desk.articles.themes(slug)] == [theme]
    figure = desk.monitoring.report(desk.monitoring.period()).figure("theme_articles")
    assert figure.total == len(tickets)
    clock.forward(days=5)
    bring(GIFT)
    for _ in range(4):
        bring(WIFI)
    clock.forward(hours=1)
    effect = desk.themes.effect(theme)
    assert effect is not None
    assert (effect.before, effect.after, effect.letters_before, effect.letters_after) == (4, 1, 7, 5)
    assert effect.change is not None and effect.change < -0.6
    assert desk.themes.close(theme, "lea").state is ThemeState.CLOSED


def test_which_tickets_an_article_answered(desk: Desk, bring) -> None:  # type: ignore[no-untyped-def]
    """Those whose sent reply rested on it."""
    desk.knowledge.put_all(
        [Article("hours", "Opening hours", "Our shop in Bremen is open from 10 to 16 daily.")], "lea"
    )
    ticket = bring("When is your shop in Bremen open, please?")
    desk.review.take(ticket, "ana")
    case = desk.review.open(ticket, "ana")
    assert case.revision is not None and case.revision.citations == ("hours",)
    desk.review.see(ticket, "ana", [0])
    for item in case.items:
        desk.review.answer(ticket, "ana", item, AnswerValue.CONFIRMED)
    assert desk.articles.answered("hours") == ()
    desk.review.decide(ticket, "ana", Decision(DecisionKind.APPROVE))
    assert desk.articles.answered("hours") == (ticket,)


def test_stale_articles_are_named_with_the_reason(desk: Desk, bring, clock) -> None:  # type: ignore[no-untyped-def]
    """What sent replies rewrite, and what nobody has touched for a year."""
    line = "Our shop in Bremen is open on Saturdays from 10:00 to 16:00."
    desk.knowledge.put_all([Article("hours", "Opening hours", line), Article("old", "Old", "Nothing new.")], "lea")
    for _ in range(3):
        ticket = bring("When is your shop in Bremen open on Saturdays?")
        draft = desk.review.open(ticket, "ana").revision
        assert draft is not None and line in draft.text
        answer(desk, ticket, draft.text.replace(line, "Our shop in Bremen is open on Saturdays, too."))
    (found,) = desk.articles.stale(desk.monitoring.period())
    assert found.article.slug == "hours"
    assert "rewritten in 3 sent replies" in found.reasons[0]
    assert desk.improvement.corrections(desk.monitoring.period())[0].mend == "article:hours"
    clock.forward(days=400)
    assert {s.article.slug for s in desk.articles.stale(desk.monitoring.period())} == {"hours", "old"}


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        (ThemeFacts(10, rerouted=6), Cause.ROUTING),
        (ThemeFacts(10, asked=7, rerouted=2), Cause.FORM),
        (ThemeFacts(10, sent=9, corrected=8, article="x"), Cause.SOURCE),
        (ThemeFacts(10, sent=9), Cause.INSTRUCTIONS),
        (ThemeFacts(10, sent=9, cited=1, article="x"), Cause.INSTRUCTIONS),
        (ThemeFacts(10, sent=9, cited=8, article="x"), Cause.POLICY),
    ],
)
def test_the_cause_follows_what_became_of_the_tickets(facts: ThemeFacts, cause: Cause) -> None:
    """Each of the five, from numbers alone."""
    found, why = propose(facts)
    assert found is cause
    assert why


def test_a_wrong_route_becomes_a_rule_a_lead_applies(desk: Desk, bring, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The difference is shown first, written on request, recorded, and measured from then on."""
    from supportdesk.settings import load_settings, settings_file

    for ticket in [bring("Could you engrave two lines of text on the lamp?") for _ in range(4)]:
        queue = desk.queue.get(ticket).queue
        desk.review.take(ticket, "ana")
        reroute = Decision(DecisionKind.REROUTE, queue="billing", reason="needs_specialist")
        desk.review.decide(ticket, "ana", reroute, rest_not_judged=True)
    for _ in range(5):
        answer(desk, bring("Is the lamp made of oak or of beech?"), "Hello,\n\nthank you for asking.\n\nKind regards")
    desk.themes.propose(desk.monitoring.period())
    span = ["--since", "2026-03-01", "--until", "2026-04-01"]
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    file = settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('# mine\n[desk]\nname = "Lamps"\n')
    apply = ["--store", str(desk.file), "routes", "apply", queue, "billing", *span]
    assert run(apply) == 0
    assert '+queue = "billing"' in capsys.readouterr().out
    assert "billing" not in file.read_text()
    assert run([*apply, "--write"]) == 0
    assert file.read_text().startswith("# mine\n[desk]")
    assert load_settings().routing["rules"][0]["queue"] == "billing"
    (theme,) = [t for t in desk.themes.all() if t.kind == "route"]
    assert theme.state is ThemeState.MENDED
    effect = desk.themes.effect(theme.id)
    assert effect is not None and effect.after == 0
    later = desk.monitoring.period(until=datetime(2100, 1, 1, tzinfo=UTC), since=datetime(2026, 1, 1, tzinfo=UTC))
    changes = desk.monitoring.report(later).figure("changes").lines
    assert "settings_changed" in {line.key for line in changes}
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "ana")
    assert run([*apply, "--write"]) != 0
    assert "lead" in capsys.readouterr().err


def test_missing_details_become_a_checklist_for_the_form(desk: Desk, bring, capsys, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Counted from replies that had to ask."""
    for _ in range(2):
        ticket = bring("My parcel has not arrived yet, where is my order?")
        desk.review.take(ticket, "ana")
        case = desk.review.open(ticket, "ana")
        desk.review.see(ticket, "ana", [0])
        for item in case.items:
            desk.review.answer(ticket, "ana", item, AnswerValue.CONFIRMED)
        desk.review.decide(ticket, "ana", Decision(DecisionKind.REQUEST_INFORMATION))
    (field,) = desk.improvement.missing(desk.monitoring.period(), desk.routing)
    assert (field.asked, field.known) == (2, True)
    monkeypatch.setenv("SUPPORTDESK_LOGIN", "lea")
    span = ["--since", "2026-03-01", "--until", "2026-04-01"]
    assert run(["--store", str(desk.file), "forms", "--markdown", *span]) == 0
    label = f"{field.label[:1].upper()}{field.label[1:]}"
    assert f"- [ ] {label}: asked for afterwards 2 times" in capsys.readouterr().out


def test_the_register_from_the_shell(
    desk: Desk, gifts: tuple[int, list[int]], tmp_path: Path, capsys, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    """Look, confirm, write, review, publish, export: by commands alone."""
    theme, tickets = gifts

    def shell(login: str, *words: str) -> str:
        monkeypatch.setenv("SUPPORTDESK_LOGIN", login)
        assert run(["--store", str(desk.file), *words]) == 0, capsys.readouterr().err
        return str(capsys.readouterr().out)

    for ticket in tickets[:3]:
        assert GIFT in shell("lea", "themes", "look", str(theme), str(ticket))
    shell("lea", "themes", "confirm", str(theme), "--owner", "lea")
    (tmp_path / "v.md").write_text("# Vouchers\n\nType the code into the field under the basket.\n")
    shell("ben", "article", "write", "vouchers", str(tmp_path / "v.md"), "--theme", str(theme))
    shell("ana", "article", "review", "vouchers", "1")
    shell("lea", "article", "publish", "vouchers", "1")
    shell("lea", "article", "export", str(tmp_path / "out"))
    assert (tmp_path / "out" / "vouchers.md").read_text().startswith("# Vouchers")
    said = json.loads(shell("lea", "themes", "show", str(theme), "--json"))
    assert (said["state"], said["article"], said["effect"]["after"]) == ("mended", "vouchers", 0)
    assert "mended" in shell("lea", "themes", "list")
    assert desk.staff.get("ben") == Person("ben", role="agent")
