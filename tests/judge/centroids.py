"""The plain baseline for triggers: bags of words, the nearest centroid wins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from math import log, sqrt

from .sets import BUILDING, load, words_of

_WORD = re.compile(r"[^\W\d_]+")

Vector = dict[str, float]


def trained() -> Centroids | None:
    """Centroids learned from the building sets; None while there are none."""
    records = [
        record
        for path in sorted(BUILDING.rglob("*.jsonl"))
        for record in load(path)
        if "messages" in record and "triggers" in record.get("expect", {})
    ]
    if not records:
        return None
    return Centroids([words_of(r) for r in records], [frozenset(r["expect"]["triggers"]) for r in records])


class Centroids:
    """For each kind two mean vectors, of texts with it and without it; the nearer one decides."""

    def __init__(self, texts: Sequence[str], labels: Sequence[Collection[str]]) -> None:
        """Learn inverse document frequencies and the centroids."""
        bags = [_bag(text) for text in texts]
        seen = Counter(word for bag in bags for word in bag)
        self._idf = {word: log(len(bags) / n) + 1 for word, n in seen.items()}
        vectors = [self._vector(bag) for bag in bags]
        self._pairs: dict[str, tuple[Vector, Vector]] = {}
        for kind in sorted({kind for label in labels for kind in label}):
            having = [v for v, label in zip(vectors, labels, strict=True) if kind in label]
            lacking = [v for v, label in zip(vectors, labels, strict=True) if kind not in label]
            if having and lacking:
                self._pairs[kind] = _mean(having), _mean(lacking)

    def kinds(self, text: str) -> frozenset[str]:
        """The kinds whose centroid is nearer than that of the texts without it."""
        vector = self._vector(_bag(text))
        return frozenset(
            kind for kind, (having, lacking) in self._pairs.items() if _dot(vector, having) > _dot(vector, lacking)
        )

    def _vector(self, bag: Counter[str]) -> Vector:
        """TF-IDF of length one; words never seen are left out."""
        raw = {word: n * self._idf[word] for word, n in bag.items() if word in self._idf}
        return _unit(raw)


def _bag(text: str) -> Counter[str]:
    """How often each word stands in a text."""
    return Counter(_WORD.findall(text.casefold()))


def _unit(vector: Vector) -> Vector:
    """The same direction, length one."""
    length = sqrt(sum(value * value for value in vector.values()))
    return {word: value / length for word, value in vector.items()} if length else {}


def _mean(vectors: Iterable[Vector]) -> Vector:
    """The direction of the mean."""
    total: Vector = {}
    for vector in vectors:
        for word, value in vector.items():
            total[word] = total.get(word, 0.0) + value
    return _unit(total)


def _dot(a: Vector, b: Vector) -> float:
    """Scalar product."""
    return sum(value * b.get(word, 0.0) for word, value in a.items())
