"""What many letters are about: letters grouped by the pairs of words that belong together in them.

A graph of terms is drawn over all letters; how strongly two terms belong together is their normalised
pointwise mutual information (Bouma 2009). Each letter is placed by its strongest pair, like pairs are
joined while they are alike, and every letter then goes to the group it is most like.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import fold_word

ASIDE_WEIGHT = 0.5
"""What a word told as the occasion counts, against 1 for a word of the wish."""
ALIKE = 0.4
"""Cosine above which two groups are one theme."""
SMALLEST = 3
"""A theme has at least so many letters: fewer cannot be looked at before it is confirmed."""
SAMPLE = 5_000
"""Themes are looked for in at most so many letters, evenly taken."""
MOST_PAIRS = 300
"""How many of the commonest pairs begin a group; the letters of the others join the nearest."""
TERMS_A_LETTER = 12
"""How many of its terms a letter is placed by."""
TERMS_A_THEME = 12
"""How many of its terms a theme is recognised by."""
BELONGS = 0.4
"""Share of its keys' weight, earlier ones counting more, that a letter needs to be of a theme."""
LETTER_CHARACTERS = 1200
"""How far a letter is read: the matter stands at its beginning."""
_SPELLING = 88
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[.!?;\n]")

Vector = dict[str, float]


@dataclass(frozen=True, slots=True)
class FoundTheme:
    """Letters that are about the same."""

    terms: tuple[str, ...]
    """Its most telling words, as people wrote them; the first few name it."""
    keys: tuple[str, ...]
    """The same words as they are compared, to recognise the theme in another period."""
    members: tuple[int, ...]
    """Indices of its letters, the most typical first."""

    @property
    def name(self) -> str:
        """What to call it until a person does."""
        return " · ".join(self.terms[:3])


def find_themes(letters: Sequence[str]) -> tuple[FoundTheme, ...]:
    """The themes of letters, largest first; letters that are about nothing in common belong to none."""
    read = _read(letters)
    vectors = _vectors(read.terms, len(letters))
    # What there is to be about shows in some thousand letters; only to place them takes them all.
    step = -(-len(letters) // SAMPLE) or 1
    sample = vectors[::step]
    centres = _join(_by_pair(read.terms[::step], sample), sample)
    centres = _centres(sample, _place(sample, centres), len(centres))
    of: list[list[tuple[float, int]]] = [[] for _ in centres]
    placed = _place(vectors, centres)
    for i, (where, score) in enumerate(placed):
        if where >= 0:
            of[where].append((-score, i))
    found = []
    for centre, members in zip(_centres(vectors, placed, len(centres)), of, strict=True):
        if len(members) >= SMALLEST:
            keys = sorted(centre, key=lambda t: (-centre[t], t))[:6]
            words = tuple(read.forms[key].most_common(1)[0][0] for key in keys)
            found.append(FoundTheme(words, tuple(keys), tuple(i for _, i in sorted(members))))
    return tuple(sorted(found, key=lambda theme: (-len(theme.members), theme.keys)))


@dataclass(frozen=True, slots=True)
class _Read:
    """Letters as terms."""

    terms: list[Vector]
    """How much each term of a letter counts."""
    forms: dict[str, Counter[str]]
    """How people wrote a term."""


def _read(letters: Sequence[str]) -> _Read:
    small, aside, wish = _words("small"), _words("aside"), _words("wish")
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    every: list[Vector] = []
    for letter in letters:
        weight, terms = 1.0, Vector()
        for raw in _TOKEN.findall(letter[:LETTER_CHARACTERS].lower()):
            if raw in ".!?;\n":
                weight = 1.0
                continue
            word = _plain(raw)
            if word in wish:
                weight = 1.0
            elif word in aside and terms:
                weight = ASIDE_WEIGHT
            if word in small or word in aside or len(word) < 3:
                continue
            term = _stem(word)
            forms[term][raw] += 1
            if terms.get(term, 0.0) < weight:
                terms[term] = weight
        every.append(terms)
    spelt = _spelling(Counter(term for terms in every for term in terms))
    if spelt:
        for number, terms in enumerate(every):
            if any(term in spelt for term in terms):
                merged = Vector()
                for term, weight in terms.items():
                    known = spelt.get(term, term)
                    merged[known] = max(weight, merged.get(known, 0.0))
                every[number] = merged
    return _Read(every, forms)


def _spelling(counts: Mapping[str, int]) -> dict[str, str]:
    """Rare terms that are a common one misspelt."""
    from rapidfuzz import fuzz, process

    common: dict[str, list[str]] = defaultdict(list)
    floor = max(5, sum(counts.values()) // 20_000)
    for term, count in counts.items():
        if count >= floor and len(term) >= 5:
            common[term[0]].append(term)
    found = {}
    for term, count in counts.items():
        if count <= 2 and len(term) >= 5 and (near := common.get(term[0])):
            best = process.extractOne(term, near, scorer=fuzz.ratio, score_cutoff=_SPELLING)
            if best is not None:
                found[term] = best[0]
    return found


def _vectors(every: Sequence[Vector], size: int) -> list[Vector]:
    """Letters of length 1: terms weighed by how rare they are."""
    counts = Counter(term for terms in every for term in terms)
    floor = max(2, size // 1000)
    rare = {term: math.log(size / count) for term, count in counts.items() if count >= floor}
    made = []
    for terms in every:
        vector = {term: weight * rare[term] for term, weight in terms.items() if term in rare}
        if len(vector) > TERMS_A_LETTER:
            vector = dict(heapq.nlargest(TERMS_A_LETTER, vector.items(), key=lambda item: (item[1], item[0])))
        made.append(_unit(vector))
    return made


def _by_pair(every: Sequence[Vector], vectors: Sequence[Vector]) -> list[list[int]]:
    """Letters by the pair of their terms that belong together most, the commonest pairs first."""
    together: dict[tuple[str, str], float] = defaultdict(float)
    counts = Counter(term for terms in every for term in terms)
    pairs = [_pairs(vector) for vector in vectors]
    for terms, mine in zip(every, pairs, strict=True):
        for pair in mine:
            together[pair] += terms[pair[0]] * terms[pair[1]]
    size = max(len(every), 2)
    strength = {pair: _belonging(c, counts[pair[0]], counts[pair[1]], size) for pair, c in together.items() if c > 1.2}
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, (terms, mine) in enumerate(zip(every, pairs, strict=True)):
        best: tuple[str, ...] = ()
        most = 0.0
        for pair in mine:
            pull = strength.get(pair, 0.0) * terms[pair[0]] * terms[pair[1]]
            if pull > most:
                best, most = pair, pull
        vector = vectors[number]
        if not best and vector:
            best = (max(vector, key=lambda t: (vector[t], t)),)
        if best:
            groups[best].append(number)
    common = [(-len(members), pair, members) for pair, members in groups.items() if len(members) > 1]
    return [members for _, _, members in sorted(common)[:MOST_PAIRS]]


def _pairs(vector: Vector) -> list[tuple[str, str]]:
    terms = sorted(vector)
    return [(a, b) for i, a in enumerate(terms) for b in terms[i + 1 :]]


def _belonging(together: float, one: int, other: int, size: int) -> float:
    """Normalised pointwise mutual information, weighed by how often it was seen."""
    share = min(together / size, 0.999)
    mutual = math.log(share * size * size / (one * other)) / -math.log(share)
    return max(mutual, 0.0) * math.log1p(together)


def _join(groups: Sequence[Sequence[int]], vectors: Sequence[Vector]) -> list[Vector]:
    """Centres of the groups, the most alike joined first until none are alike enough."""
    centres: list[Vector] = []
    for members in groups:
        total: dict[str, float] = defaultdict(float)
        for number in members:
            for term, weight in vectors[number].items():
                total[term] += weight
        centres.append(dict(total))
    norms = [_norm(centre) for centre in centres]
    count = len(centres)
    age, alive = [0] * count, [True] * count
    heap: list[tuple[float, int, int, int, int]] = []

    def compare(i: int, j: int) -> None:
        alike = _dot(centres[i], centres[j]) / (norms[i] * norms[j] or 1.0)
        if alike >= ALIKE:
            heapq.heappush(heap, (-alike, i, j, age[i], age[j]))

    for i in range(count):
        for j in range(i):
            compare(i, j)
    while heap:
        _, i, j, age_i, age_j = heapq.heappop(heap)
        if not (alive[i] and alive[j] and age[i] == age_i and age[j] == age_j):
            continue
        alive[j] = False
        for term, weight in centres[j].items():
            centres[i][term] = centres[i].get(term, 0.0) + weight
        norms[i] = _norm(centres[i])
        age[i] += 1
        for k in range(count):
            if alive[k] and k != i:
                compare(i, k)
    return [_unit(centre) for centre, living in zip(centres, alive, strict=True) if living]


def _place(vectors: Sequence[Vector], centres: Sequence[Vector]) -> list[tuple[int, float]]:
    """The centre each letter is most like, and how much; -1 where it is like none."""
    known: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, centre in enumerate(centres):
        for term, weight in heapq.nlargest(TERMS_A_THEME, centre.items(), key=lambda item: (item[1], item[0])):
            known[term].append((number, weight))
    placed = []
    for vector in vectors:
        scores: dict[int, float] = {}
        get = scores.get
        for term, weight in vector.items():
            if term in known:
                for number, other in known[term]:
                    scores[number] = get(number, 0.0) + weight * other
        best = max(scores, key=scores.__getitem__, default=-1)
        placed.append((best, scores[best] if scores else 0.0))
    return placed


def _centres(vectors: Sequence[Vector], placed: Iterable[tuple[int, float]], count: int) -> list[Vector]:
    totals: list[dict[str, float]] = [defaultdict(float) for _ in range(count)]
    for vector, (where, _) in zip(vectors, placed, strict=True):
        if where >= 0:
            for term, weight in vector.items():
                totals[where][term] += weight
    return [_unit(total) for total in totals]


def alike(one: Sequence[str], other: Sequence[str]) -> float:
    """How much two themes' keys are the same, earlier ones counting more: 0 to 1."""
    first = {key: 1 / (place + 1) for place, key in enumerate(one)}
    second = {key: 1 / (place + 1) for place, key in enumerate(other)}
    return _dot(first, second) / (_norm(first) * _norm(second) or 1.0)


def belonging(letters: Sequence[str], keys: Sequence[str]) -> tuple[int, ...]:
    """Indices of the letters that are about a theme known by its keys: at least two of them, and enough together."""
    weights = {key: 1 / (place + 1) for place, key in enumerate(keys)}
    enough = BELONGS * sum(weights.values())
    found = []
    for number, terms in enumerate(_read(letters).terms):
        mine = [weights[term] for term in terms if term in weights]
        if len(mine) >= min(2, len(weights)) and sum(mine) >= enough:
            found.append(number)
    return tuple(found)


def _dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[term] for term, weight in one.items() if term in other)


def _norm(vector: Mapping[str, float]) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))


def _unit(vector: Mapping[str, float]) -> Vector:
    size = _norm(vector) or 1.0
    return {term: weight / size for term, weight in vector.items()}


@once
def _words(kind: str) -> frozenset[str]:
    return frozenset(word for words in table("themes.toml")[kind].values() for word in words.split())


@once
def _endings() -> tuple[str, ...]:
    return tuple(table("themes.toml")["endings"]["all"].split())


@lru_cache(maxsize=50_000)
def _plain(raw: str) -> str:
    """A word without accents, possessives and apostrophes."""
    word = fold_word(raw).replace("’", "'")
    return (word[:-2] if word.endswith("'s") else word).replace("'", "")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    for ending in _endings():
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
