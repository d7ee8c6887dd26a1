"""Scoring sentences with learned weights: plain sums, read from a data file that people can read too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import exp

from supportdesk.rules.clauses import Reading
from supportdesk.rules.features import Features, View, gist_features, manner_features, views
from supportdesk.rules.tables import once

_SCALE = 100
"""The file keeps whole numbers: hundredths."""
_HOPELESS = -4.0
"""A first-stage score below which the second stage is not asked."""


class Rows:
    """What each feature adds to which kinds, read from its line when it is first met."""

    __slots__ = ("_lines", "_read")

    def __init__(self, lines: Mapping[str, str]) -> None:
        """Take the lines, "kind weight kind weight" by feature, unread."""
        self._lines = lines
        self._read: dict[str, tuple[tuple[int, float], ...]] = {}

    def get(self, name: str) -> tuple[tuple[int, float], ...]:
        """Pairs of a kind's place and a weight; none for an unknown feature."""
        known = self._read.get(name)
        if known is not None:
            return known
        line = self._lines.get(name)
        if line is None:
            return ()
        numbers = [int(part) for part in line.split()]
        row = tuple((numbers[i], numbers[i + 1] / _SCALE) for i in range(0, len(numbers), 2))
        self._read[name] = row
        return row


@dataclass(frozen=True, slots=True)
class Categories:
    """What speaks for which category."""

    names: tuple[str, ...]
    """The categories, in the order of each line of weights."""
    bias: Mapping[str, float]
    """Where each category starts."""
    about: Rows
    """By feature, what it adds to which categories."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned, and when a score is enough."""

    kinds: tuple[str, ...]
    """Trigger kinds, in the order of each list of scores."""
    bias: tuple[float, ...]
    """Score of an empty sentence, per kind."""
    about: Rows
    """By feature, what it adds to which kinds."""
    meant: Mapping[str, float]
    """By second-stage feature, what it adds."""
    meant_bias: float
    """Where the second stage starts."""
    gist: Mapping[str, float]
    """By feature of a whole message, what it adds to its being unclear; `#` is where that starts."""
    enough: Mapping[str, float]
    """By kind, the probability from which a flag is raised."""
    category: Categories
    """What a thread is about."""


@dataclass(frozen=True, slots=True)
class Score:
    """How likely a sentence raises a kind of flag, and why."""

    kind: str
    """Which kind."""
    probability: float
    """0 to 1."""
    because: str
    """The feature that spoke loudest for it, as the tables name it; empty when none stands out."""


@once
def learned() -> Weights:
    """The packaged weights."""
    text = resources.files("supportdesk.rules").joinpath("data/weights.json").read_text(encoding="utf-8")
    return parse(json.loads(text))


def parse(raw: Mapping[str, object]) -> Weights:
    """Weights from what `dump` made of them."""
    kinds, category = raw["kinds"], raw["category"]
    about, meant, enough, bias, gist = (raw[key] for key in ("about", "meant", "enough", "bias", "gist"))
    assert isinstance(kinds, list)
    assert isinstance(about, dict)
    assert isinstance(meant, dict)
    assert isinstance(enough, dict)
    assert isinstance(bias, list)
    assert isinstance(gist, dict)
    assert isinstance(category, dict)
    return Weights(
        kinds=tuple(kinds),
        bias=tuple(value / _SCALE for value in bias),
        about=Rows(about),
        meant={name: value / _SCALE for name, value in meant.items() if name != "#"},
        meant_bias=meant.get("#", 0) / _SCALE,
        gist={name: value / _SCALE for name, value in gist.items()},
        enough=dict(enough),
        category=Categories(
            names=tuple(category["names"]),
            bias={name: value / _SCALE for name, value in zip(category["names"], category["bias"], strict=True)},
            about=Rows(category["about"]),
        ),
    )


def scores(readings: Sequence[Reading], weights: Weights | None = None) -> list[dict[str, Score]]:
    """For each sentence of a message, the kinds it may raise, by name."""
    known = weights or learned()
    return [_score(view, known) for view in views(readings)]


def _score(view: View, known: Weights) -> dict[str, Score]:
    totals = list(known.bias)
    about = known.about
    for name, value in view.about.items():
        for index, weight in about.get(name):
            totals[index] += weight * value
    found: dict[str, Score] = {}
    for index, kind in enumerate(known.kinds):
        topic = totals[index]
        if topic < _HOPELESS:
            continue
        probability = _probability(kind, topic, view.meant, known)
        if probability >= known.enough.get(kind, 0.5) / 2:
            found[kind] = Score(kind, probability, _loudest(view.about, index, known))
    return found


def _probability(kind: str, topic: float, meant: Features, known: Weights) -> float:
    total = known.meant_bias
    for name, value in manner_features(kind, topic, meant).items():
        total += known.meant.get(name, 0.0) * value
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def _loudest(about: Features, index: int, known: Weights) -> str:
    """The concept or word that adds most to a kind's score."""
    best, loudest = 0.0, ""
    for name, value in about.items():
        if name[0] not in "cw" or name[1] != " ":
            continue
        for at, weight in known.about.get(name):
            if at == index and weight * value > best:
                best, loudest = weight * value, name[2:]
    return loudest


def unclear(readings: Sequence[Reading], weights: Weights | None = None) -> float:
    """How likely nobody could act on a message without asking what it is about, 0 to 1."""
    gist = (weights or learned()).gist
    total = gist.get("#", 0.0)
    for name, value in gist_features(readings).items():
        total += gist.get(name, 0.0) * value
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))
