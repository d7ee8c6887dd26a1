"""How well groups agree with labels, and the plain way to group: TF-IDF and k-means."""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence

Vector = Mapping[str, float]


def accuracy(labels: Sequence[Hashable], groups: Sequence[Hashable]) -> int:
    """How many are right when every group stands for at most one label, in the best possible way."""
    table = Counter(zip(labels, groups, strict=True))
    rows, columns = sorted(set(labels), key=str), sorted(set(groups), key=str)
    size = max(len(rows), len(columns))
    cost = [[0.0] * size for _ in range(size)]
    for i, label in enumerate(rows):
        for j, group in enumerate(columns):
            cost[i][j] = -float(table[label, group])
    return round(-_assign(cost))


def mutual_information(labels: Sequence[Hashable], groups: Sequence[Hashable]) -> float:
    """NMI, normalised by the mean of both entropies."""
    size = len(labels)
    one, other = Counter(labels), Counter(groups)
    shared = 0.0
    for (label, group), n in Counter(zip(labels, groups, strict=True)).items():
        shared += n / size * math.log(n * size / (one[label] * other[group]))
    entropy = sum(-n / size * math.log(n / size) for counts in (one, other) for n in counts.values())
    return 2 * shared / entropy if entropy else 1.0


def rand_index(labels: Sequence[Hashable], groups: Sequence[Hashable]) -> float:
    """ARI: agreement over pairs, 0 for chance (Hubert and Arabie 1985)."""

    def pairs(counts: Counter[Hashable]) -> float:
        return sum(n * (n - 1) / 2 for n in counts.values())

    both = pairs(Counter(zip(labels, groups, strict=True)))
    one, other = pairs(Counter(labels)), pairs(Counter(groups))
    expected = one * other / (len(labels) * (len(labels) - 1) / 2)
    most = (one + other) / 2
    return (both - expected) / (most - expected) if most != expected else 1.0


def k_means(texts: Sequence[str], k: int, seed: int = 1, rounds: int = 25) -> list[int]:
    """TF-IDF (words, smoothed idf, length 1) and k-means with k-means++ seeds: groups by number."""
    vectors = _tf_idf(texts)
    chance = random.Random(seed)
    centres = _seeds(vectors, k, chance)
    placed: list[int] = []
    for _ in range(rounds):
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        sizes = [sum(w * w for w in c.values()) for c in centres]
        for number, centre in enumerate(centres):
            for term, weight in centre.items():
                postings[term].append((number, weight))
        now = []
        for vector in vectors:
            far = list(sizes)
            for term, weight in vector.items():
                for number, other in postings[term]:
                    far[number] -= 2 * weight * other
            now.append(min(range(k), key=far.__getitem__))
        if now == placed:
            break
        placed = now
        totals: list[dict[str, float]] = [defaultdict(float) for _ in range(k)]
        counts = Counter(placed)
        for vector, where in zip(vectors, placed, strict=True):
            for term, weight in vector.items():
                totals[where][term] += weight / counts[where]
        centres = [dict(t) if t else dict(chance.choice(vectors)) for t in totals]
    return placed


def _tf_idf(texts: Sequence[str]) -> list[dict[str, float]]:
    counted = [Counter(re.findall(r"\b\w\w+\b", text.lower())) for text in texts]
    seen = Counter(term for counts in counted for term in counts)
    made = []
    for counts in counted:
        vector = {t: n * (math.log((1 + len(texts)) / (1 + seen[t])) + 1) for t, n in counts.items()}
        size = math.sqrt(sum(w * w for w in vector.values())) or 1.0
        made.append({t: w / size for t, w in vector.items()})
    return made


def _seeds(vectors: Sequence[dict[str, float]], k: int, chance: random.Random) -> list[dict[str, float]]:
    """k-means++: each next seed far from those there are."""
    seeds = [chance.choice(vectors)]
    far = [2.0] * len(vectors)
    while len(seeds) < k:
        last = seeds[-1]
        for i, vector in enumerate(vectors):
            near = sum(w * last[t] for t, w in vector.items() if t in last)
            far[i] = min(far[i], max(2 - 2 * near, 0.0))
        seeds.append(chance.choices(vectors, weights=far)[0])
    return [dict(s) for s in seeds]


def _assign(cost: Sequence[Sequence[float]]) -> float:
    """Least total cost of a one-to-one assignment (Hungarian method, shortest augmenting paths)."""
    n = len(cost)
    u, v, match, way = [0.0] * (n + 1), [0.0] * (n + 1), [0] * (n + 1), [0] * (n + 1)
    for row in range(1, n + 1):
        match[0], column = row, 0
        least, used = [math.inf] * (n + 1), [False] * (n + 1)
        while True:
            used[column] = True
            at, step, following = match[column], math.inf, 0
            for j in range(1, n + 1):
                if not used[j]:
                    reduced = cost[at - 1][j - 1] - u[at] - v[j]
                    if reduced < least[j]:
                        least[j], way[j] = reduced, column
                    if least[j] < step:
                        step, following = least[j], j
            for j in range(n + 1):
                if used[j]:
                    u[match[j]] += step
                    v[j] -= step
                else:
                    least[j] -= step
            column = following
            if match[column] == 0:
                break
        while column:
            match[column], column = match[way[column]], way[column]
    return sum(cost[match[j] - 1][j - 1] for j in range(1, n + 1))
