"""What a matter is about, by learned weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp

from supportdesk.domain.words import TriggerKind
from supportdesk.rules.clauses import Reading
from supportdesk.rules.features import category_features
from supportdesk.rules.weights import learned

_FIRM = 0.35
"""The chance a category needs; below it a thread is `general`."""


def category(readings: Sequence[Reading], kinds: Iterable[TriggerKind], known: Iterable[str]) -> tuple[str, float]:
    """The category a thread's sentences and triggers speak for, and how sure that is (0 to 1).

    `known` are the categories the desk has; where nothing speaks for one of them it is `general`.
    """
    weights = learned().category
    totals = dict(weights.bias)
    for name, value in category_features(readings, kinds).items():
        for place, weight in weights.about.get(name):
            totals[weights.names[place]] += weight * value
    allowed = set(known)
    chances = {name: exp(max(-30.0, min(30.0, total))) for name, total in totals.items() if name in allowed}
    whole = sum(chances.values())
    if not whole:
        return "general", 0.5
    best = max(chances, key=lambda name: (chances[name], name))
    sure = chances[best] / whole
    return (best, sure) if sure >= _FIRM else ("general", 0.5)
