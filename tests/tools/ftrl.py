"""Logistic regression with an L1 penalty by FTRL-Proximal (McMahan et al. 2013), over runs of sentences.

A run is what somebody labelled at once: of one that has the kind only its plainest sentence is learned from, of one
that has not every sentence. With a C compiler the loops take a minute; without one the same loops take hours.
"""

from __future__ import annotations

import ctypes
import math
import random
import shutil
import subprocess
import tempfile
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from supportdesk.rules.features import Features

ABSENT, PRESENT, SILENT = 0, 1, 2
"""What a run says of a kind."""


class Runs:
    """Runs of sentences, laid out flat."""

    def __init__(self, runs: Sequence[Sequence[Features]]) -> None:
        """Number the features; 0 is where every score starts."""
        numbers = {"#": 0}
        self._ends, self._names, self._values = array("i"), array("i"), array("d")
        self._run_ends = array("i")
        for run in runs:
            for features in run:
                for name, value in features.items():
                    self._names.append(numbers.setdefault(name, len(numbers)))
                    self._values.append(value)
                self._ends.append(len(self._names))
            self._run_ends.append(len(self._ends))
        self._known = list(numbers)

    def learn(
        self,
        wanted: bytes,
        weights: Sequence[float],
        *,
        rounds: int,
        alpha: float,
        l1: float,
        l2: float,
        seed: int | str,
        least: float = 0.0,
        wanted_weight: float = 1.0,
    ) -> dict[str, float]:
        """The weights that are not 0, by feature, after so many rounds in an order the seed gives.

        `wanted` and `weights` have one entry a run; gradients up to `least` are not worth a step.
        """
        shuffled, order, dice = list(range(len(self._run_ends))), array("i"), random.Random(seed)
        for _ in range(rounds):
            dice.shuffle(shuffled)
            order.extend(shuffled)
        z, n = array("d", bytes(8 * len(self._known))), array("d", bytes(8 * len(self._known)))
        flat = (self._run_ends, self._ends, self._names, self._values)
        (_compiled() or _plain)(order, flat, wanted, array("d", weights), z, n, (alpha, l1, l2, least, wanted_weight))
        found = ((name, _weight(z[at], n[at], alpha, l1, l2)) for at, name in enumerate(self._known))
        return {name: weight for name, weight in found if weight}


def fit(
    rows: Sequence[tuple[Features, bool, float]],
    rounds: int,
    alpha: float,
    l1: float,
    l2: float,
    least: float,
    seed: int | str,
) -> dict[str, float]:
    """The weights of one linear model over single texts: features, whether it has the kind, weight."""
    wanted = bytes(PRESENT if has else ABSENT for _, has, _ in rows)
    weights = [weight for _, _, weight in rows]
    runs = Runs([[features] for features, _, _ in rows])
    return runs.learn(wanted, weights, rounds=rounds, alpha=alpha, l1=l1, l2=l2, seed=seed, least=least)


def linear(weights: Mapping[str, float], features: Features) -> float:
    """The score of a model for some features."""
    return weights.get("#", 0.0) + sum(weights.get(n, 0.0) * v for n, v in features.items())


def probability(score: float) -> float:
    """A score as a probability."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _weight(z: float, n: float, alpha: float, l1: float, l2: float) -> float:
    if -l1 <= z <= l1:
        return 0.0
    return -(z - l1 if z > 0 else z + l1) / ((1 + math.sqrt(n)) / alpha + l2)


@cache
def _compiled():  # type: ignore[no-untyped-def]
    """The loops in C; None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    built = Path(tempfile.mkdtemp(prefix="ftrl-")) / "ftrl.so"
    source = Path(__file__).with_name("ftrl.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(built), str(source), "-lm"], check=True)
    library = ctypes.CDLL(str(built))

    def loops(order, flat, wanted, weights, z, n, penalties):  # type: ignore[no-untyped-def]
        here = [ctypes.c_void_p(part.buffer_info()[0]) for part in (order, *flat)]
        library.runs(
            ctypes.c_int(len(order)),
            *here,
            ctypes.c_char_p(wanted),
            *(ctypes.c_void_p(part.buffer_info()[0]) for part in (weights, z, n)),
            *map(ctypes.c_double, penalties),
        )

    return loops


def _plain(order, flat, wanted, weights, z, n, penalties):  # type: ignore[no-untyped-def]
    run_ends, ends, names, values = flat
    alpha, l1, l2, least, wanted_weight = penalties
    spans = [range(a, b) for a, b in pairwise([0, *ends])]
    sentences = [range(a, b) for a, b in pairwise([0, *run_ends])]

    def score(sentence: int) -> float:
        return _weight(z[0], n[0], alpha, l1, l2) + sum(
            _weight(z[names[i]], n[names[i]], alpha, l1, l2) * values[i] for i in spans[sentence]
        )

    def learn(sentence: int, gradient: float) -> None:
        for at, value in [*((names[i], values[i]) for i in spans[sentence]), (0, 1.0)]:
            by, before = gradient * value, n[at]
            after = before + by * by
            z[at] += by - (math.sqrt(after) - math.sqrt(before)) / alpha * _weight(z[at], before, alpha, l1, l2)
            n[at] = after

    for run in order:
        if wanted[run] == SILENT:
            continue
        if wanted[run] == PRESENT:
            plainest = max(sentences[run], key=score)
            gradient = (probability(score(plainest)) - 1) * weights[run] * wanted_weight
            if abs(gradient) > least:
                learn(plainest, gradient)
            continue
        for sentence in sentences[run]:
            gradient = probability(score(sentence)) * weights[run]
            if gradient > least:
                learn(sentence, gradient)
