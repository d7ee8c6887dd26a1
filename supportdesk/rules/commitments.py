"""Statements that bind us: who does what for whom, in which mood, and what takes it back.

A clause binds when somebody who speaks for us does, will do or has done something for the customer; when the
customer is told what they will get; or when a whole phrase says so. It does not bind when it asks, doubts, depends
on a decision still open, denies, only talks of looking into it, or repeats what articles say for everyone.
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
from supportdesk.rules.sources import SourceIndex
from supportdesk.rules.values import Value, word_set

_ORDER = ("exception", "money", "service", "outcome", "deadline")
_KINDS = {
    "money": CommitmentKind.MONEY,
    "exception": CommitmentKind.EXCEPTION,
    "service": CommitmentKind.SERVICE_CHANGE,
    "outcome": CommitmentKind.OUTCOME,
    "deadline": CommitmentKind.DEADLINE,
}
_TIMES = ("date", "weekday", "relative", "period", "time", "duration")


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


@dataclass(slots=True)
class _Mood:
    """What a clause, and the clauses it hangs on, say about who acts and how surely."""

    we: bool = False
    future: bool = False
    past: bool = False
    present: bool = False


def bindings(statement: Statement) -> tuple[Binding, ...]:
    """The clauses of a statement that bind us, by its words alone."""
    if statement.frame:
        return ()
    found = [b for b in (*_sure(statement), *_acts(statement)) if not _open(statement)]
    kept: dict[str, Binding] = {}
    for binding in found:
        kept.setdefault(binding.kind, binding)
    if deadline := _deadline(statement, bool(kept)):
        kept.setdefault("deadline", deadline)
    return tuple(sorted(kept.values(), key=lambda b: _ORDER.index(b.kind)))


def commitment(
    statement: Statement, binding: Binding, index: SourceIndex, evidence: tuple[Evidence, ...]
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
        due=_due(statement, index.today),
        evidence=evidence,
    )


def _sure(statement: Statement) -> Iterator[Binding]:
    """Whole phrases that bind by themselves."""
    for kind in _ORDER[:-1]:
        for hit in statement.hits.get(f"commitments.sure_{kind}", ()):
            first, after = _clause(statement, hit.first)
            if _hedged(statement, first, after, hit.first, sure=True):
                continue
            yield Binding(kind, min(first, hit.first), max(after, hit.last + 1), f"commitment.{kind}.phrase")


def _acts(statement: Statement) -> Iterator[Binding]:
    """Clauses in which we act for the customer, or the customer gets something."""
    mood = _Mood()
    for first, after in statement.clauses:
        mood = _carried(statement, mood, first, after)
        yield from _own_act(statement, mood, first, after)
        yield from _passive(statement, mood, first, after)
        yield from _received(statement, first, after)
        yield from _on_its_way(statement, first, after)
        yield from _unburdened(statement, mood, first, after)


def _carried(statement: Statement, mood: _Mood, first: int, after: int) -> _Mood:
    """The mood of a clause; one without a subject of its own keeps the mood of the clause before."""
    here = _Mood(
        we=bool(statement.within("commitments.we", first, after)),
        future=bool(statement.within("commitments.future", first, after)),
        past=bool(statement.within("commitments.past", first, after)),
        present=bool(statement.within("commitments.present", first, after)),
    )
    others = word_set("statements.toml", "words", "others")
    joined = statement.tokens[first].text in ("and", "or", "und", "et", "y", "e", "en", ",")
    other = any(t.text in others for t in statement.tokens[first : min(first + 3, after)])
    if mood.we and not here.we and not other and (joined or not here.future):
        here.we = True
        here.future = here.future or mood.future
        here.past = here.past or mood.past
    return here


def _own_act(statement: Statement, mood: _Mood, first: int, after: int) -> Iterator[Binding]:
    if not mood.we:
        return
    for kind in ("money", "service", "outcome"):
        for hit in statement.within(f"commitments.{kind}", first, after):
            if _hedged(statement, first, after, hit.first) or _harmless(statement, kind, hit.last, after):
                continue
            yield Binding(
                _weightier(statement, kind, first, after),
                first,
                after,
                f"commitment.{kind}.act",
                done=mood.past and not mood.future,
            )
            break


def _weightier(statement: Statement, kind: str, first: int, after: int) -> str:
    """A service verb with money as its object gives money: "issue a voucher"."""
    if kind in ("service", "outcome") and (
        statement.within("commitments.money_noun", first, after)
        or any(v.kind == "amount" and first <= v.first < after for v in statement.values)
    ):
        return "money"
    return kind


def _passive(statement: Statement, mood: _Mood, first: int, after: int) -> Iterator[Binding]:
    """The fee will be waived; your order has been upgraded."""
    if mood.we or not (mood.future or mood.past):
        return
    for kind in ("money", "service", "outcome"):
        for hit in statement.within(f"commitments.{kind}", first, after):
            if any(t.text == "you" for t in statement.tokens[max(first, hit.first - 2) : hit.first]):
                continue
            if not _hedged(statement, first, after, hit.first) and not _harmless(statement, kind, hit.last, after):
                yield Binding(
                    _weightier(statement, kind, first, after),
                    first,
                    after,
                    f"commitment.{kind}.passive",
                    done=not mood.future,
                )
                return


def _received(statement: Statement, first: int, after: int) -> Iterator[Binding]:
    """You will get your money back."""
    for hit in statement.within("commitments.get", first, after):
        if _hedged(statement, first, after, hit.first):
            continue
        money = statement.within("commitments.money_noun", hit.last, after) or any(
            v.kind in ("amount", "percent") and hit.last <= v.first < after for v in statement.values
        )
        if money:
            yield Binding("money", first, after, "commitment.money.received")
        elif statement.within("commitments.service_noun", hit.last, after):
            yield Binding("service", first, after, "commitment.service.received")


def _on_its_way(statement: Statement, first: int, after: int) -> Iterator[Binding]:
    """Your replacement is on its way."""
    for kind in ("money", "service"):
        for noun in statement.within(f"commitments.{kind}_noun", first, after):
            for way in statement.within("commitments.way", noun.last, after):
                if not _hedged(statement, first, after, way.first):
                    yield Binding(kind, first, after, f"commitment.{kind}.way", done=True)
                    return


def _unburdened(statement: Statement, mood: _Mood, first: int, after: int) -> Iterator[Binding]:
    """We won't charge you: a burden, denied for the future."""
    if not mood.future:
        return
    for hit in statement.within("commitments.burden", first, after):
        if any(n.first < hit.first for n in statement.within("commitments.not", first, after)):
            yield Binding("money", first, after, "commitment.money.unburdened")
            return


def _deadline(statement: Statement, bound: bool) -> Binding | None:
    """A time by which something will happen to the customer."""
    when = next((v for v in statement.values if v.kind in _TIMES and not _past_time(v)), None)
    vague = statement.hits.get("commitments.sure_deadline", ())
    if when is None and not vague:
        return None
    at = when.first if when else vague[0].first
    last = when.last if when else vague[0].last
    first, after = _clause(statement, at)
    if bound:
        return Binding("deadline", at, last + 1, "commitment.deadline.due")
    mood = _Mood()
    for a, b in statement.clauses:
        mood = _carried(statement, mood, a, b)
        if (a, b) == (first, after):
            break
    told = mood.future or bool(statement.within("commitments.get", first, after))
    happens = statement.within("commitments.event", first, after) or (
        mood.we
        and (
            statement.within("commitments.process", first, after)
            or statement.within("commitments.service", first, after)
        )
    )
    if told and happens and not _hedged(statement, first, after, at, looking=False):
        return Binding("deadline", first, after, "commitment.deadline.event")
    return None


def _past_time(value: Value) -> bool:
    return value.kind == "relative" and isinstance(value.norms[0], int) and value.norms[0] < 0


def _clause(statement: Statement, at: int) -> tuple[int, int]:
    """The clause a token lies in."""
    return next(((a, b) for a, b in statement.clauses if a <= at < b), (0, len(statement.tokens)))


def _hedged(statement: Statement, first: int, after: int, at: int, *, looking: bool = True, sure: bool = False) -> bool:
    """Whether something before the verb takes the promise back: doubt, denial, or only looking into it."""
    names = ["hedge"] if sure else ["hedge", "not", "can"]
    if looking and not sure:
        names.append("process")
    for name in names:
        if any(h.first < at or name == "hedge" for h in statement.within(f"commitments.{name}", first, after)):
            return True
    return False


def _harmless(statement: Statement, kind: str, last: int, after: int) -> bool:
    """Whether what is sent or given is only words: a confirmation, a link."""
    if kind == "money":
        return False
    if statement.within("commitments.money_noun", last, after) or statement.within(
        "commitments.service_noun", last, after
    ):
        return False
    return bool(statement.within("commitments.harmless", last + 1, after))


def _open(statement: Statement) -> bool:
    """Whether the statement asks, or hangs on a decision that has not been taken."""
    if statement.question:
        return True
    if not statement.has("commitments.condition"):
        return False
    return statement.has("commitments.ours")


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
