"""What a matter is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from supportdesk.domain.words import TriggerKind
from supportdesk.rules.clauses import Reading

# How strongly a concept speaks for a category; what a trigger says outweighs single words.
_BY_CONCEPT = {
    "charge": {"billing": 1.0},
    "wrong_charge": {"billing": 0.8},
    "refund": {"billing": 0.8, "orders": 0.3},
    "login": {"account": 1.2},
    "locked": {"account": 0.8},
    "account_item": {"account": 0.6},
    "change": {"account": 0.5},
    "cancel": {"account": 0.6, "orders": 0.2},
    "contract": {"account": 0.4, "billing": 0.2},
    "broken": {"technical": 1.2},
    "outage": {"technical": 1.2},
    "service": {"technical": 0.8},
    "device": {"technical": 0.3, "orders": 0.1},
    "order": {"orders": 1.0},
    "late": {"orders": 0.9},
    "buy": {"sales": 1.0},
    "claim": {"claims": 1.4},
    "crash": {"claims": 1.0},
    "complain": {"complaint": 0.8},
    "feedback": {"feedback": 1.2},
}
_BY_TRIGGER = {
    TriggerKind.BILLING_DISPUTE: ("billing", 2.0),
    TriggerKind.REFUND: ("billing", 1.0),
    TriggerKind.ACCESS: ("account", 2.0),
    TriggerKind.ACCOUNT_CHANGE: ("account", 2.0),
    TriggerKind.CANCELLATION: ("account", 1.0),
    TriggerKind.SERVICE_FAILURE: ("technical", 1.5),
    TriggerKind.COMPLAINT: ("complaint", 1.0),
}
_SURE = 0.8


def category(readings: Sequence[Reading], kinds: Iterable[TriggerKind], known: Iterable[str]) -> tuple[str, float]:
    """The category a thread's sentences and triggers speak for, and how sure that is (0 to 1).

    `known` are the categories the desk has; where nothing speaks for one of them it is `general`.
    """
    votes: dict[str, float] = {}
    for reading in readings:
        for concept in {m.concept for m in reading.content}:
            for name, weight in _BY_CONCEPT.get(concept, {}).items():
                votes[name] = votes.get(name, 0.0) + weight
        if reading.structure & {"_happy", "_thanks"} and "feedback" not in votes and not reading.content:
            votes["feedback"] = 0.3
    for kind in kinds:
        if kind in _BY_TRIGGER:
            name, weight = _BY_TRIGGER[kind]
            votes[name] = votes.get(name, 0.0) + weight
    allowed = set(known)
    ranked = sorted(((n, s) for n, s in votes.items() if n in allowed), key=lambda pair: (-pair[1], pair[0]))
    if not ranked or ranked[0][1] < _SURE:
        return "general", 0.5
    total = sum(score for _, score in ranked)
    return ranked[0][0], ranked[0][1] / total
