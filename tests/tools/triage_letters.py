"""The letter as a whole: what its words together tell of each kind, joined with what its plainest sentence says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from ftrl import ABSENT, PRESENT, SILENT, Runs, fit, linear, probability
from triage_bars import KINDS
from triage_examples import FOLDS, Example

from supportdesk.rules.letters import joined_features, letter_features, sentence_features

LETTERS: dict[str, Any] = {"rounds": 8, "alpha": 0.5, "l1": 0.5, "l2": 100.0, "wanted_weight": 3.0}
"""How letters are learned from; chosen by what letters of the building set are told apart best with."""
JOIN: dict[str, Any] = {"rounds": 5, "alpha": 0.05, "l1": 0.0, "l2": 1.0, "least": 0.0, "seed": 3}
Judgement = tuple[Example, dict[str, float]]
"""A text, and the probability of each kind."""


class Letters:
    """All examples as letters, laid out once."""

    def __init__(self, examples: Sequence[Example]) -> None:
        """Count what is rare, and note down every letter."""
        self._examples = examples
        met = Counter(name for e in examples for name in {n for r in e.readings for n in sentence_features(r)})
        self.rarity = {name: log(len(examples) / n) + 1 for name, n in met.items() if n > 1}
        self._runs = Runs([[letter_features(e.readings, self.rarity)] for e in examples])

    def learn(self, kind: str, held: int = -1) -> dict[str, float]:
        """What speaks for a kind, from all letters but those of a fold."""
        wanted = bytes(
            SILENT if e.fold == held or kind in e.may or not e.readings else PRESENT if kind in e.kinds else ABSENT
            for e in self._examples
        )
        return self._runs.learn(wanted, [e.weight for e in self._examples], **LETTERS, seed=kind)

    def learned(self) -> dict[str, dict[str, float]]:
        """What speaks for each kind, its rarity counted in."""
        return {
            kind: {name: weight * self.rarity.get(name, 1.0) for name, weight in self.learn(kind).items()}
            for kind in KINDS
        }

    def scored_out_of_fold(self) -> list[dict[str, float]]:
        """What models that never saw a letter say of it, by kind."""
        found: list[dict[str, float]] = [{} for _ in self._examples]
        for kind in KINDS:
            models = [self.learn(kind, held) for held in range(FOLDS)]
            for e, own in zip(self._examples, found, strict=True):
                own[kind] = linear(models[e.fold], letter_features(e.readings, self.rarity))
        return found


def learn_joined(rows: Sequence[tuple[Example, Mapping[str, float], Mapping[str, float]]]) -> dict[str, float]:
    """How much the plainest sentence and the whole letter count; given both scores, out of fold."""
    return fit(
        [
            (joined_features(kind, said[kind], whole[kind], len(e.readings)), kind in e.kinds, e.weight)
            for e, said, whole in rows
            for kind in KINDS
            if kind not in e.may
        ],
        **JOIN,
    )


def join(
    joined: Mapping[str, float], e: Example, said: Mapping[str, float], whole: Mapping[str, float]
) -> dict[str, float]:
    """The probability of each kind for a letter."""
    return {
        kind: probability(linear(joined, joined_features(kind, said[kind], whole[kind], len(e.readings))))
        for kind in KINDS
    }
