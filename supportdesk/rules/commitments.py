"""Statements that bind us: who does what for whom, in which mood, and what takes it back.

A clause binds when somebody who speaks for us does, will do or has done something for the customer; when the
customer is told what they will get; or when a whole phrase says so. It does not bind when it asks, doubts, depends
on a decision still open, denies, or only talks of looking into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Commitment
from supportdesk.domain.words import CommitmentKind
from supportdesk.rules import deeds, gains
from supportdesk.rules.bindings import ORDER, Binding, soft
from supportdesk.rules.days import resolved
from supportdesk.rules.drafts import Statement
from supportdesk.rules.moods import Mood, clause_of, hits, moods
from supportdesk.rules.opposites import supposes
from supportdesk.rules.values import Value, word_set
from supportdesk.rules.verbs import own_verbs

__all__ = ["Binding", "bindings", "commitment"]

_KINDS = {
    "money": CommitmentKind.MONEY,
    "exception": CommitmentKind.EXCEPTION,
    "service": CommitmentKind.SERVICE_CHANGE,
    "outcome": CommitmentKind.OUTCOME,
    "deadline": CommitmentKind.DEADLINE,
}
_TIMES = ("date", "weekday", "relative", "period", "time", "duration")


def bindings(statement: Statement, language: str) -> tuple[Binding, ...]:
    """The clauses of a statement that bind us, by its words alone; at most one of each kind."""
    if statement.frame or statement.question:
        return ()
    found: list[Binding] = []
    every = moods(statement, language)
    if not _open(statement):
        found += _sure(statement)
        for mood in every:
            if supposes(statement.tokens[mood.first : mood.after], language):
                continue
            found += deeds.own_act(statement, mood, language)
            found += deeds.own_deed(statement, mood, language)
            found += deeds.passive(statement, mood, language)
            found += gains.received(statement, mood)
            found += gains.on_its_way(statement, mood)
            found += gains.unburdened(statement, mood)
            found += gains.verdict(statement, mood)
            found += deeds.passive_deed(statement, mood, language)
            found += gains.effective(statement, mood)
            if not found:
                found += gains.ahead(statement, mood, language)
    kept: dict[str, Binding] = {}
    for binding in found:
        if not (binding.done and _reported(statement, binding)):
            kept.setdefault(binding.kind, binding)
    if (deadline := _deadline(statement, every, bool(kept), language)) and not _open(statement):
        kept.setdefault("deadline", deadline)
    return tuple(sorted(kept.values(), key=lambda b: ORDER.index(b.kind)))


def commitment(
    statement: Statement, binding: Binding, today: date | None, evidence: tuple[Evidence, ...]
) -> Commitment:
    """A binding clause with its amount, currency and date."""
    start, end = statement.span(binding.first, binding.after - 1)
    amount, currency = _amount(statement, binding)
    return Commitment(
        start=start,
        end=end,
        quote=statement.text[start - statement.start : end - statement.start],
        kind=_KINDS[binding.kind],
        amount=amount,
        currency=currency,
        due=_due(statement, today),
        evidence=evidence,
    )


def _sure(statement: Statement) -> Iterator[Binding]:
    """Whole phrases that bind by themselves."""
    for kind in ORDER[:-1]:
        for hit in statement.hits.get(f"commitments.sure_{kind}", ()):
            first, after = clause_of(statement, hit.first)
            names = ("hedge", "not", "process") if kind != "exception" else ("hedge", "not")
            if not any(h.first < hit.first for name in names for h in hits(statement, name, first, after)):
                yield Binding(kind, min(first, hit.first), max(after, hit.last + 1), f"commitment.{kind}.phrase")
                break


def _deadline(statement: Statement, every: tuple[Mood, ...], bound: bool, language: str) -> Binding | None:
    """A time by which something will happen to the customer."""
    when = next((v for v in statement.values if v.kind in _TIMES and not _past_time(v)), None)
    vague = statement.hits.get("commitments.sure_deadline", ())
    if when is None and not vague:
        return None
    at = when.first if when else vague[0].first
    last = when.last if when else vague[0].last
    mood = _governing(every, at)
    verbs = own_verbs(statement, mood, language)
    future = mood.future or mood.verb_future or any(v.time == "future" for v in verbs)
    if mood.past and not future and not hits(statement, "heard", mood.first, mood.after):
        return None
    if bound:
        return Binding("deadline", at, last + 1, "commitment.deadline.due")
    told = future or any(hits(statement, n, mood.first, mood.after) for n in ("get", "heard"))
    told = told or _ahead(statement, mood, when, language)
    told = told or _due_by(statement, mood, when)
    happens = told or mood.we or bool(verbs) or mood.you or hits(statement, "event", mood.first, mood.after)
    if told and happens and not mood.generic and not soft(statement, mood, at, ("hedge", "not", "can")):
        return Binding("deadline", mood.first, mood.after, "commitment.deadline.event")
    return None


def _governing(every: tuple[Mood, ...], at: int) -> Mood:
    """The clause a time belongs to: its own, or the next where its own has no verb: "Thursday at the latest, …"."""
    for number, mood in enumerate(every):
        if mood.first <= at < mood.after:
            verbless = not (mood.we or mood.you or mood.future or mood.verb_future or mood.past)
            return every[number + 1] if verbless and number + 1 < len(every) else mood
    return every[0]


def _ahead(statement: Statement, mood: Mood, when: Value | None, language: str) -> bool:
    """Whether a verb in the present speaks of what is to come: "comes out next Monday", "kommt am Dienstag"."""
    if when is None or not (hits(statement, "event", mood.first, mood.after) or own_verbs(statement, mood, language)):
        return False
    if when.kind in ("relative", "period"):
        return True
    following = statement.tokens[when.first - 1].text if when.first else ""
    if following in word_set("statements.toml", "words", "next"):
        return True
    return language != "en" and when.kind in ("weekday", "time")


def _due_by(statement: Statement, mood: Mood, when: Value | None) -> bool:
    """Whether a preposition makes a time the latest one: "by Friday", "entro venerdì"."""
    if when is None or when.kind == "duration" or not when.first or statement.has("statements.request"):
        return False
    before = {t.text for t in statement.tokens[max(0, when.first - 2) : when.first]}
    duty = hits(statement, "can", mood.first, mood.after)
    return bool(before & word_set("statements.toml", "words", "by")) and not duty


def _past_time(value: Value) -> bool:
    return value.kind == "relative" and isinstance(value.norms[0], int) and value.norms[0] < 0


def _open(statement: Statement) -> bool:
    """Whether the statement hangs on a decision that has not been taken, or on the customer's wish."""
    for hit in statement.hits.get("commitments.condition", ()):
        for first, after in statement.clauses:
            opens = hit.first == first or (hit.first == first + 1 and not statement.tokens[first].text.isalpha())
            if opens and hits(statement, "ours", first, after):
                return True
    return False


def _reported(statement: Statement, binding: Binding) -> bool:
    """Whether what has been done is only told again: "I see that your plan has been cancelled"."""
    return any(h.first <= binding.first + 3 for h in statement.hits.get("commitments.reports", ()))


def _amount(statement: Statement, binding: Binding) -> tuple[Decimal | None, str]:
    amounts = [v for v in statement.values if v.kind == "amount"]
    near = [v for v in amounts if binding.first <= v.first < binding.after] or amounts
    if binding.kind == "deadline" or not near:
        return None, ""
    number = near[0].norms[0]
    return (number if isinstance(number, Decimal) else None), near[0].unit


def _due(statement: Statement, today: date | None) -> date | None:
    for value in statement.values:
        if value.kind in ("date", "weekday", "relative"):
            days = [d for d in resolved(value, today) if d is not None and (today is None or d >= today)]
            if days:
                return days[0]
    return None
