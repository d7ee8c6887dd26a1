"""A customer's words as a whole, as the learned weights see them: which words stand in it, in which company.

A sentence is judged by how it is meant; a letter also by all it says together: what no single sentence says plainly
is often told by many that hint at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt

from supportdesk.rules.clauses import Reading
from supportdesk.rules.features import Features, concepts_of

_STEM, _SHORT = 5, 6
"""Letters by which inflected forms are taken together: of one word, and of words beside each other."""
_HELD = 6.0
"""Scores beyond this say no more than this."""


def sentence_features(reading: Reading) -> Iterator[str]:
    """What one sentence adds: its words, pairs and triples of them, pairs with a word between, and its concepts."""
    words = [word for word in reading.words if word[:1].isalpha() or word[:1] == "'" or word in "?!"]
    cut = [word[:_SHORT] for word in words]
    for word in words:
        yield "w " + word
        if len(word) > _STEM:
            yield "s " + word[:_STEM]
    for first, second in pairwise(words):
        yield f"b {first} {second}"
    for first, second in zip(cut, cut[2:], strict=False):
        yield f"k {first} {second}"
    for first, second, third in zip(cut, cut[1:], cut[2:], strict=False):
        yield f"t {first} {second} {third}"
    for concept in concepts_of(reading):
        yield "c " + concept


def letter_features(readings: Sequence[Reading], rarity: Mapping[str, float]) -> Features:
    """What a whole letter is about, the rarer the louder, a long one no louder than a short one."""
    names = dict.fromkeys(name for reading in readings for name in sentence_features(reading))
    scale = letter_scale(len(names))
    return {name: rarity[name] * scale for name in names if name in rarity}


def letter_scale(names: int) -> float:
    """By what a feature counts less among so many different ones."""
    return 1 / sqrt(max(names, 1))


def joined_features(kind: str, said: float, whole: float, sentences: int) -> Features:
    """What the last stage sees: the score of the plainest sentence, that of the letter, and how long it is."""
    plain, letter = (max(-_HELD, min(_HELD, score)) / 2 for score in (said, whole))
    long = log(1 + sentences) / 2
    return {
        "k " + kind: 1.0,
        "s": plain,
        "s " + kind: plain,
        "d": letter,
        "d " + kind: letter,
        "n": long,
        "n " + kind: long,
    }
