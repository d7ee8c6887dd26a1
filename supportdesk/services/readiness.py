"""The fourteen questions to ask before relying on AI at a desk, answered from its real settings and data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from supportdesk.domain.escalation import Owners, owners_for
from supportdesk.domain.people import Person
from supportdesk.domain.readiness import Answered, Standing
from supportdesk.domain.report import Figure, Period
from supportdesk.domain.routing import Routing
from supportdesk.domain.words import DecisionKind, Item, Path, TriggerKind
from supportdesk.services.ports import Clock, Store, Transaction
from supportdesk.settings import Settings

DESTINATIONS = ("billing", "technical", "account", "complaints", "escalations")
"""Queues the routing question asks about."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the answers are drawn from."""

    settings: Settings
    routing: Routing
    people: tuple[Person, ...]
    owners: tuple[Owners, ...]
    articles: int
    tickets: int
    decisions: Figure
    published: int

    def active(self, *roles: str) -> list[str]:
        """Logins of the active people with one of these roles; of all without."""
        return [p.login for p in self.people if p.active and (not roles or p.role in roles)]


class Readiness:
    """Answers the fourteen questions. Reads only."""

    def __init__(self, store: Store, clock: Clock, settings: Settings, routing: Routing) -> None:
        """Work on this store and these settings."""
        self._store = store
        self._clock = clock
        self._settings = settings
        self._routing = routing

    def answers(self) -> tuple[Answered, ...]:
        """The questions in order, each with its answer or the one thing to do."""
        with self._store.read() as tx:
            facts = self._facts(tx)
        return tuple(question(facts) for question in _QUESTIONS)

    def missing_owners(self) -> tuple[Owners, ...]:
        """Triggers that escalate here and whose owner or backup nobody answers to: errors of the desk's readiness."""
        with self._store.read() as tx:
            return _unowned(self._facts(tx))

    def _facts(self, tx: Transaction) -> _Facts:
        now = self._clock.now()
        period = Period(now - timedelta(days=28), now + timedelta(milliseconds=1))
        changes = tx.figures.take("changes", period, now, {})
        people = tx.people.all()
        return _Facts(
            settings=self._settings,
            routing=self._routing,
            people=people,
            owners=tuple(owners_for(kind.value, self._routing, people) for kind in TriggerKind),
            articles=len(tx.knowledge.all()),
            tickets=tx.figures.take("categories", period, now, {}).total,
            decisions=tx.figures.take("decisions", period, now, {}),
            published=sum(line.count for line in changes.lines if line.key == "published"),
        )


def _channels(facts: _Facts) -> Answered:
    question = "Which channels does it take in?"
    if facts.settings.channels:
        named = ", ".join(f"{c.name} ({c.kind})" for c in facts.settings.channels)
        return Answered("channels", question, Standing.ANSWERED, f"By themselves: {named}; and files by hand.")
    if facts.tickets:
        answer = f"Files by hand only: {facts.tickets} tickets in four weeks."
        return Answered("channels", question, Standing.PARTLY, answer, "Name the mailbox it should fetch.", "channels")
    return Answered(
        "channels", question, Standing.NOT_YET, "Nothing came in yet.", "Name a mailbox, or import a file.", "channels"
    )


def _intake(facts: _Facts) -> Answered:
    question = "What must be known before anyone can act?"
    every = facts.routing.categories.values()
    named = [f"{c.name}: {', '.join(f.label('en') for f in c.intake)}" for c in every if c.intake]
    without = [c.name for c in every if not c.intake]
    answer = "; ".join(named) + "." if named else "Nothing is asked for."
    if not named:
        return Answered("intake", question, Standing.NOT_YET, answer, "Say what a category needs.", "routing.intake")
    if len(without) > len(named):
        todo = f"Say what {without[0]} needs, or that it needs nothing."
        return Answered("intake", question, Standing.PARTLY, answer, todo, f"routing.categories.{without[0]}.intake")
    rest = f" Nothing is asked for in {', '.join(without)}." if without else ""
    return Answered("intake", question, Standing.ANSWERED, answer + rest)


def _allowed(facts: _Facts) -> Answered:
    chosen = facts.settings.assistant
    names = [chosen.model, *chosen.tasks.values(), *chosen.fallbacks]
    who = "offline rules" if set(names) == {"offline"} else ", ".join(dict.fromkeys(names))
    answer = (
        f"By {who}: it summarises, classifies, drafts and proposes a route. It never sends, never lowers a flag,"
        " and never replaces words a person typed."
    )
    question = "What may AI summarise, classify, draft and route?"
    if who != "offline rules" and chosen.placeholders == "never":
        todo = "Replace personal identifiers before they leave for a hosted model."
        return Answered("allowed", question, Standing.PARTLY, answer, todo, "assistant.placeholders")
    return Answered("allowed", question, Standing.ANSWERED, answer)


def _review(facts: _Facts) -> Answered:
    question = "Which replies need a person's review?"
    extra = f" and {', '.join(facts.settings.gate.items)}" if facts.settings.gate.items else ""
    answer = f"Every one: {', '.join(i.value for i in Item)}{extra} are answered before anything leaves."
    if not facts.active():
        return Answered("review", question, Standing.NOT_YET, answer, "Add the people who review.", "people")
    if len(facts.active()) == 1:
        return Answered("review", question, Standing.ANSWERED, f"{answer} By {facts.active()[0]} alone.")
    return Answered("review", question, Standing.ANSWERED, f"{answer} By {len(facts.active())} people.")


def _approval(facts: _Facts) -> Answered:
    question = "Which actions need approval, and whose?"
    rules = facts.settings.authority
    parts = []
    for rule in rules:
        limit = f" up to {rule.up_to} {rule.currency}".rstrip() if rule.up_to is not None else ""
        parts.append(f"{rule.role}: {rule.kind.replace('_', ' ')}{limit}")
    answer = f"Commitments beyond one's authority. {'; '.join(parts)}." if parts else "Nobody may promise anything."
    roles = {rule.role for rule in rules if rule.kind == "money"}
    if not roles:
        todo = "Say who may promise money, and up to how much."
        return Answered("approval", question, Standing.NOT_YET, answer, todo, "authority")
    if not facts.active(*roles):
        todo = f"Give somebody the role {sorted(roles)[0]}: nobody here may promise money."
        return Answered("approval", question, Standing.PARTLY, answer, todo, "people")
    return Answered("approval", question, Standing.ANSWERED, answer)


def _queues(facts: _Facts) -> Answered:
    question = "Which tickets go to billing, technical, account, complaint and escalation queues?"
    parts, unused = [], []
    for name in DESTINATIONS:
        categories = [c.name for c in facts.routing.categories.values() if c.queue == name]
        rules = [r.label for r in facts.routing.rules if r.queue == name]
        sources = list(dict.fromkeys([*categories, *rules]))
        if facts.routing.queue(name) is None or not sources:
            unused.append(name)
        else:
            parts.append(f"{name}: {', '.join(sources)}")
    answer = "; ".join(parts) + "." if parts else "No rule sends anything anywhere."
    if not parts:
        return Answered("queues", question, Standing.NOT_YET, answer, "Write a rule.", "routing.rules")
    if unused:
        todo = f"Say what goes to {unused[0]}."
        return Answered("queues", question, Standing.PARTLY, answer, todo, "routing.rules")
    return Answered("queues", question, Standing.ANSWERED, answer)


def _confidence(facts: _Facts) -> Answered:
    question = "What counts as low confidence or missing information?"
    limit = facts.settings.assistant.confidence
    answer = f"A confidence below {limit:g}, a matter the rules cannot place, or a needed detail nobody gave."
    if limit <= 0:
        todo = "Set a confidence below which a person looks closely."
        return Answered("confidence", question, Standing.PARTLY, answer, todo, "assistant.confidence")
    return Answered("confidence", question, Standing.ANSWERED, answer)


def _escalates(facts: _Facts) -> Answered:
    always = [k.value for k in TriggerKind if facts.routing.path_of(k) is Path.ESCALATION]
    ruled = [r.label for r in facts.routing.rules if r.path is Path.ESCALATION]
    answer = f"{', '.join([*always, *ruled])}; and whatever a reviewer escalates, with owner, backup and two clocks."
    return Answered("escalates", "What requires escalation?", Standing.ANSWERED, answer)


def _original(facts: _Facts) -> Answered:
    sent = sum(line.count for line in facts.decisions.lines if DecisionKind(line.key).sends)
    answer = (
        "Yes: thread beside draft; no reply is approved before every message was on screen"
        f" ({sent} approved so in four weeks)."
    )
    question = "Can reviewers see the original message and the thread before it?"
    return Answered("original", question, Standing.ANSWERED, answer)


def _controls(facts: _Facts) -> Answered:
    question = "Can they correct, reject, reroute, escalate, pause and ask for information?"
    used = {line.key: line.count for line in facts.decisions.lines}
    every = ", ".join(f"{kind.label.lower()} ({used.get(kind.value, 0)})" for kind in DecisionKind)
    return Answered("controls", question, Standing.ANSWERED, f"Yes; used in the last four weeks: {every}.")


def _documentation(facts: _Facts) -> Answered:
    question = "How do repeated questions become documentation?"
    if not facts.articles:
        todo = "Import the articles you have, or write the first."
        return Answered("documentation", question, Standing.NOT_YET, "There is no article yet.", todo, "articles")
    answer = f"{facts.articles} articles; {facts.published} new or changed in four weeks."
    if not facts.published:
        todo = "Look at the themes of the last weeks and revise the article they point at."
        return Answered("documentation", question, Standing.PARTLY, answer, todo, "themes")
    return Answered("documentation", question, Standing.ANSWERED, answer)


def _mistakes(facts: _Facts) -> Answered:
    question = "How are AI mistakes monitored and corrected?"
    total = facts.decisions.total
    if not total:
        todo = "Decide the first tickets; then `supportdesk report` shows corrections, rejections and complaints."
        return Answered("mistakes", question, Standing.NOT_YET, "Nothing was decided in four weeks.", todo, "report")
    rejected = sum(line.count for line in facts.decisions.lines if line.key == DecisionKind.REJECT)
    answer = (
        f"`supportdesk report`: {total} decisions in four weeks, {rejected} of them rejections, each with its ticket."
    )
    return Answered("mistakes", question, Standing.ANSWERED, answer)


def _improvement(facts: _Facts) -> Answered:
    question = "Who owns improvement?"
    leads = facts.active("lead")
    if not leads:
        return Answered(
            "improvement", question, Standing.NOT_YET, "Nobody: there is no lead.", "Name a lead.", "people"
        )
    return Answered("improvement", question, Standing.ANSWERED, f"The leads: {', '.join(leads)}.")


def _owners(facts: _Facts) -> Answered:
    question = "Who owns escalation, and who is the backup?"
    used = _escalating(facts)
    gaps = _unowned(facts)
    answer = "; ".join(f"{o.trigger}: {o.owner or 'nobody'}, then {o.backup or 'nobody'}" for o in used) + "."
    if not gaps:
        return Answered("owners", question, Standing.ANSWERED, answer)
    first = gaps[0]
    named = first.backup if first.owner_works_here else first.owner
    whom = "backup" if first.owner_works_here else "owner"
    why = f"nobody active answers to “{named}”" if named else "nobody is named"
    todo = f"Name the {whom} for {first.trigger}: {why}. Until then it falls to the lead."
    standing = Standing.NOT_YET if len(gaps) == len(used) else Standing.PARTLY
    return Answered("owners", question, standing, answer, todo, "routing.rules")


def _escalating(facts: _Facts) -> list[Owners]:
    ruled = {r.trigger for r in facts.routing.rules if r.path is Path.ESCALATION and r.trigger}
    always = {k.value for k in TriggerKind if facts.routing.path_of(k) is Path.ESCALATION}
    return [o for o in facts.owners if o.trigger in ruled | always]


def _unowned(facts: _Facts) -> tuple[Owners, ...]:
    return tuple(o for o in _escalating(facts) if not (o.owner_works_here and o.backup_works_here))


_QUESTIONS: Sequence[Callable[[_Facts], Answered]] = (
    _channels,
    _intake,
    _allowed,
    _review,
    _approval,
    _queues,
    _confidence,
    _escalates,
    _original,
    _controls,
    _documentation,
    _mistakes,
    _improvement,
    _owners,
)
