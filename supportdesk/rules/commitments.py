"""Statements that bind us: who does what for whom, in which mood, and what takes it back.

A clause binds when somebody who speaks for us does, will do or has done something for the customer; when the
customer is told what they will get; or when a whole phrase says so. It does not bind when it asks, doubts, depends
on a decision still open, denies, or only talks of looking into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Commitment
from supportdesk.domain.words import CommitmentKind
from supportdesk.rules.dates import resolved
from supportdesk.rules.drafts import Statement
from supportdesk.rules.moods import Mood, clause_of, hits, moods, tense
from supportdesk.rules.values import Value, word_set

ORDER = ("exception", "money", "service", "outcome", "deadline")
"""Kinds of binding, the weightiest first."""
_KINDS = {
    "money": CommitmentKind.MONEY,
    "exception": CommitmentKind.EXCEPTION,
    "service": CommitmentKind.SERVICE_CHANGE,
    "outcome": CommitmentKind.OUTCOME,
    "deadline": CommitmentKind.DEADLINE,
}
_TIMES = ("date", "weekday", "relative", "period", "time", "duration")
_VERBS = ("money", "service", "outcome")


@dataclass(frozen=True, slots=True)
class Binding:
    """A clause that binds, before its amount and date are read."""

    kind: str
    """money, exception, service, outcome or deadline."""
    first: int
    """Index of its first token in the statement."""
    after: int
    """Index just after its last."""
    rule: str
    """Which rule saw it."""
    done: bool = False
    """Whether it says the thing has been done."""
    standing: bool = False
    """Whether it speaks as a rule would, of nobody in particular."""


def bindings(statement: Statement, language: str) -> tuple[Binding, ...]:
    """The clauses of a statement that bind us, by its words alone; at most one of each kind."""
    if statement.frame or statement.question:
        return ()
    found: list[Binding] = []
    every = moods(statement, language)
    if not _open(statement):
        found += _sure(statement)
        for mood in every:
            found += _own_act(statement, mood, language)
            found += _passive(statement, mood, language)
            found += _received(statement, mood)
            found += _on_its_way(statement, mood)
            found += _unburdened(statement, mood)
    kept: dict[str, Binding] = {}
    for binding in found:
        if not (binding.done and _reported(statement, binding)):
            kept.setdefault(binding.kind, binding)
    if (deadline := _deadline(statement, every, bool(kept))) and not _open(statement):
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


def _own_act(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """We will refund you; I've cancelled it; we're sending a new one; I can offer you 20 %."""
    first, after = mood.first, mood.after
    promise = hits(statement, "performs", first, after)
    if (
        promise
        and (mood.we or language in ("es", "pt", "it"))
        and not _denied(statement, mood, promise[0].last, language)
    ):
        yield Binding(_weightier(statement, "outcome", first, after), first, after, "commitment.outcome.performed")
    for kind in _VERBS:
        for hit in hits(statement, kind, first, after):
            how = tense(statement.tokens[hit.first].text, language) or tense(statement.tokens[hit.last].text, language)
            ours = how in ("we_future", "we_present", "we_past")
            if how == "conditional" or not (ours or mood.acts(statement, hit.first)):
                continue
            if _denied(statement, mood, hit.first, language) or _harmless(statement, kind, hit.last, after):
                continue
            weight = _weightier(statement, kind, first, after)
            sure = mood.future or mood.past or mood.present or how in ("we_future", "we_past")
            named = mood.you or (kind == "money" and _definite(statement, first, after) and not mood.generic)
            if not (sure or (named and (how == "we_present" or language in ("de", "nl")))):
                continue
            if _only_possible(statement, mood, hit.first, weight):
                continue
            done = (mood.past or how == "we_past") and not (mood.future or how == "we_future")
            yield Binding(weight, first, after, f"commitment.{kind}.act", done=done, standing=mood.generic)
            break


def _passive(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """The fee will be waived; your order has been upgraded; the amount is being returned to you."""
    first, after = mood.first, mood.after
    if mood.we and mood.acts(statement, after):
        return
    for kind in _VERBS:
        for hit in hits(statement, kind, first, after):
            how = tense(statement.tokens[hit.first].text, language) or tense(statement.tokens[hit.last].text, language)
            passive = any(abs(h.first - hit.first) <= 5 for h in hits(statement, "be", first, after))
            if language in ("de", "nl"):
                passive = bool(hits(statement, "be", first, after))
            told = (mood.future or mood.past or how == "other_future") and (passive or how == "other_future")
            if not told or how == "conditional":
                continue
            if _denied(statement, mood, hit.first, language) or _harmless(statement, kind, hit.last, after):
                continue
            if _only_possible(statement, mood, hit.first, kind):
                continue
            definite = mood.you or _definite(statement, first, after)
            done = mood.past and not (mood.future or how == "other_future")
            status = done and bool(hits(statement, "logistics", hit.first, hit.first + 1))
            if definite and not mood.generic and not status:
                yield Binding(
                    _weightier(statement, kind, first, after), first, after, f"commitment.{kind}.passive", done=done
                )
                return


def _definite(statement: Statement, first: int, after: int) -> bool:
    """Whether the clause speaks of one particular thing."""
    words = word_set("statements.toml", "words", "definite")
    return any(t.text in words for t in statement.tokens[first:after])


def _received(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """You will get your money back."""
    first, after = mood.first, mood.after
    for hit in hits(statement, "get", first, after):
        if _soft(statement, mood, hit.first, ("hedge", "not", "can")):
            continue
        money = hits(statement, "money_noun", first, after) or any(
            v.kind in ("amount", "percent") and first <= v.first < after for v in statement.values
        )
        if money:
            yield Binding("money", first, after, "commitment.money.received", standing=mood.generic)
        elif hits(statement, "service_noun", first, after):
            yield Binding("service", first, after, "commitment.service.received", standing=mood.generic)


def _on_its_way(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """Your replacement is on its way."""
    first, after = mood.first, mood.after
    for kind in ("money", "service"):
        for noun in hits(statement, f"{kind}_noun", first, after):
            for way in hits(statement, "way", noun.last, after):
                if not mood.generic and not _soft(statement, mood, way.first, ("hedge", "not", "can")):
                    yield Binding(kind, first, after, f"commitment.{kind}.way", done=True)
                    return


def _unburdened(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """We won't charge you: a burden, denied for the future."""
    if not (mood.future or mood.you):
        return
    for hit in hits(statement, "burden", mood.first, mood.after):
        denied = any(n.first < hit.first for n in hits(statement, "not", mood.first, mood.after))
        if denied and mood.future and not mood.past and not hits(statement, "hedge", mood.first, mood.after):
            yield Binding("money", mood.first, mood.after, "commitment.money.unburdened", standing=mood.generic)
            return


def _deadline(statement: Statement, every: tuple[Mood, ...], bound: bool) -> Binding | None:
    """A time by which something will happen to the customer."""
    when = next((v for v in statement.values if v.kind in _TIMES and not _past_time(v)), None)
    vague = statement.hits.get("commitments.sure_deadline", ())
    if when is None and not vague:
        return None
    at = when.first if when else vague[0].first
    last = when.last if when else vague[0].last
    if bound:
        return Binding("deadline", at, last + 1, "commitment.deadline.due")
    mood = next(m for m in every if m.first <= at < m.after)
    told = mood.future or bool(hits(statement, "get", mood.first, mood.after)) or mood.verb_future
    happens = mood.we or mood.you or hits(statement, "event", mood.first, mood.after)
    if told and happens and not mood.generic and not _soft(statement, mood, at, ("hedge", "not", "can")):
        return Binding("deadline", mood.first, mood.after, "commitment.deadline.event")
    return None


def _past_time(value: Value) -> bool:
    return value.kind == "relative" and isinstance(value.norms[0], int) and value.norms[0] < 0


def _denied(statement: Statement, mood: Mood, at: int, language: str) -> bool:
    """Whether the clause doubts, denies, or only talks of asking, before it comes to the verb."""
    if _soft(statement, mood, at, ("hedge", "not")):
        return True
    anywhere = language in ("de", "nl") and (
        hits(statement, "not", mood.first, mood.after) or hits(statement, "hedge", mood.first, mood.after)
    )
    return bool(anywhere) or _soft(statement, mood, at, ("process",))


def _soft(statement: Statement, mood: Mood, at: int, names: tuple[str, ...]) -> bool:
    """Whether a phrase of one of these classes stands in the clause before a token."""
    return any(h.first < at for name in names for h in hits(statement, name, mood.first, mood.after))


def _only_possible(statement: Statement, mood: Mood, at: int, kind: str) -> bool:
    """Whether the verb is only allowed or possible; offering money is more than that."""
    able = [h for h in hits(statement, "can", mood.first, mood.after) if h.first < at]
    if not able:
        return False
    given = kind == "money" and any(
        v.kind in ("amount", "percent") and mood.first <= v.first < mood.after for v in statement.values
    )
    only = any(
        t.text in word_set("statements.toml", "words", "only") for t in statement.tokens[mood.first : mood.after]
    )
    return not (given and mood.we and not only and not mood.generic)


def _weightier(statement: Statement, kind: str, first: int, after: int) -> str:
    """A service verb with money as its object gives money: "issue a voucher"."""
    if kind in ("service", "outcome") and (
        hits(statement, "money_noun", first, after)
        or any(v.kind in ("amount", "percent") and first <= v.first < after for v in statement.values)
    ):
        return "money"
    return kind


def _harmless(statement: Statement, kind: str, last: int, after: int) -> bool:
    """Whether what is sent or given is only words: a confirmation, a link."""
    if kind == "money":
        return False
    first, _ = clause_of(statement, last)
    words = hits(statement, "harmless", first, after)
    things = (*hits(statement, "money_noun", first, after), *hits(statement, "service_noun", first, after))
    if not words:
        return False
    behind = [h.first for h in things if h.first > last] or [h.first for h in things]
    return not behind or min((h.first for h in words if h.first > last), default=words[0].first) < min(behind)


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
