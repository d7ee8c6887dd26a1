"""Scoring sentences with learned weights: plain sums, read from a data file that people can read too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import exp

from supportdesk.rules.clauses import Reading
from supportdesk.rules.features import Features, View, gist_features, manner_features, views
from supportdesk.rules.letters import joined_features, letter_scale, sentence_features
from supportdesk.rules.tables import once

_SCALE = 100
"""The file keeps whole numbers: hundredths."""
_HOPELESS = -4.0
"""A first-stage score below which the second stage is not asked."""
FLOOR = -6.0
"""The score of a sentence that is about something else altogether."""


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
    whole: Rows
    """By feature of a whole letter, what it adds to which kinds."""
    whole_bias: tuple[float, ...]
    """Score of an empty letter, per kind."""
    joined: Mapping[str, float]
    """By last-stage feature, what it adds."""
    joined_bias: float
    """Where the last stage starts."""
    gist: Mapping[str, float]
    """By feature of a whole message, what it adds to its being unclear; `#` is where that starts."""
    enough: Mapping[str, float]
    """By kind, the probability from which a flag is raised."""
    category: Categories
    """What a thread is about."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How likely a letter raises a kind of flag, and where and why."""

    kind: str
    """Which kind."""
    probability: float
    """0 to 1."""
    message: int
    """Number of the message that says it most plainly, from 0."""
    sentence: int
    """Number of the sentence in that message."""
    because: str
    """The feature that spoke loudest for it there, as the tables name it; empty when none stands out."""


@once
def learned() -> Weights:
    """The packaged weights."""
    text = resources.files("supportdesk.rules").joinpath("data/weights.json").read_text(encoding="utf-8")
    return parse(json.loads(text))


def parse(raw: Mapping[str, object]) -> Weights:
    """Weights from what `dump` made of them."""
    kinds, category = raw["kinds"], raw["category"]
    about, meant, enough, bias, gist = (raw[key] for key in ("about", "meant", "enough", "bias", "gist"))
    whole, whole_bias, joined = (raw[key] for key in ("whole", "whole_bias", "joined"))
    assert isinstance(kinds, list)
    assert isinstance(about, dict)
    assert isinstance(meant, dict)
    assert isinstance(enough, dict)
    assert isinstance(bias, list)
    assert isinstance(gist, dict)
    assert isinstance(category, dict)
    assert isinstance(whole, dict)
    assert isinstance(whole_bias, list)
    assert isinstance(joined, dict)
    return Weights(
        kinds=tuple(kinds),
        bias=tuple(value / _SCALE for value in bias),
        about=Rows(about),
        meant={name: value / _SCALE for name, value in meant.items() if name != "#"},
        meant_bias=meant.get("#", 0) / _SCALE,
        whole=Rows(whole),
        whole_bias=tuple(value / _SCALE for value in whole_bias),
        joined={name: value / _SCALE for name, value in joined.items() if name != "#"},
        joined_bias=joined.get("#", 0) / _SCALE,
        gist={name: value / _SCALE for name, value in gist.items()},
        enough=dict(enough),
        category=Categories(
            names=tuple(category["names"]),
            bias={name: value / _SCALE for name, value in zip(category["names"], category["bias"], strict=True)},
            about=Rows(category["about"]),
        ),
    )


def judge(messages: Sequence[Sequence[Reading]], heading: Sequence[Reading] = ()) -> tuple[Judged, ...]:
    """How likely a letter raises each kind, the least likely kinds left out.

    Its messages are judged sentence by sentence, each coloured by the others of its message, and as a whole; a
    `heading` counts in the whole only.
    """
    known = learned()
    places = [(number, at) for number, message in enumerate(messages) for at in range(len(message))]
    seen = [view for message in messages for view in views(message)]
    said = [_scores(view, known) for view in seen]
    whole, shares = _whole([r for message in messages for r in message], heading, known)
    found = []
    for index, kind in enumerate(known.kinds):
        plainest = max((scores[index] for scores in said), default=FLOOR)
        total = known.joined_bias
        for name, value in joined_features(kind, plainest, whole[index], len(places)).items():
            total += known.joined.get(name, 0.0) * value
        probability = _chance(total)
        if places and probability >= known.enough.get(kind, 0.5) / 2:
            best = max((said[at][index] / 2 + shares[at][index], -at) for at in range(len(places)))
            at = -best[1]
            found.append(Judged(kind, probability, *places[at], _loudest(seen[at].about, index, known)))
    return tuple(found)


def _scores(view: View, known: Weights) -> list[float]:
    """How plainly one sentence raises each kind."""
    totals = list(known.bias)
    about = known.about
    for name, value in view.about.items():
        for index, weight in about.get(name):
            totals[index] += weight * value
    return [
        _meant(kind, topic, view.meant, known) if topic > _HOPELESS else FLOOR
        for kind, topic in zip(known.kinds, totals, strict=True)
    ]


def _whole(
    readings: Sequence[Reading], heading: Sequence[Reading], known: Weights
) -> tuple[list[float], list[list[float]]]:
    """What a letter's words together say of each kind, and each sentence's share of it."""
    totals = [0.0] * len(known.kinds)
    shares = []
    met: set[str] = set()
    for reading in (*readings, *heading):
        own = [0.0] * len(known.kinds)
        for name in sentence_features(reading):
            row = known.whole.get(name)
            for index, weight in row:
                own[index] += weight
            if name not in met:
                met.add(name)
                for index, weight in row:
                    totals[index] += weight
        shares.append(own)
    scale = letter_scale(len(met))
    return (
        [start + scale * total for start, total in zip(known.whole_bias, totals, strict=True)],
        [[scale * share for share in own] for own in shares],
    )


def _meant(kind: str, topic: float, meant: Features, known: Weights) -> float:
    total = known.meant_bias
    for name, value in manner_features(kind, topic, meant).items():
        total += known.meant.get(name, 0.0) * value
    return max(FLOOR, total)


def _chance(score: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


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
    return _chance(total)
