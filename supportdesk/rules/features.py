"""A sentence as the learned weights see it: its words, its concepts, and how it is meant.

Two views, two stages. What it is about: words, pairs of words, concepts, pairs of concepts, groups of kindred
concepts. How it is meant: the small words alone (asked, wished, denied, supposed, settled), the same in every
language, so that "how would I cancel" is learned once and holds for refunds in Polish.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from supportdesk.rules.clauses import Reading
from supportdesk.rules.tables import once, table

Features = dict[str, float]

_LINKS = "_but"
_LENGTHS = (2, 4, 8, 15)
_TELLING = 3
"""Letters a word has to exceed to say anything by itself; shorter ones count in pairs and as concepts."""
_SHORT = 18
"""Words up to which a message's own words count for whether it can be understood."""
_OPEN = frozenset({"vague", "broken", "complain", "again", "rhetorical"})
_STEM = 5
"""Letters by which inflected forms of a longer word are taken together."""


@dataclass(frozen=True, slots=True)
class Groups:
    """The packaged table of what belongs together."""

    topics: Mapping[str, frozenset[str]]
    """Names of trigger kinds (and `figure`) a concept speaks for."""
    manner: Mapping[str, str]
    """By trigger kind, how it is meant to be told."""
    skip: frozenset[str]
    """Concepts that say nothing about the matter."""
    around: frozenset[str]
    """Small words that colour a message's other sentences."""


@dataclass(frozen=True, slots=True)
class View:
    """One sentence, ready to be scored."""

    about: Features
    """What it is about."""
    meant: Features
    """How it is meant."""


@once
def groups() -> Groups:
    """The packaged groups, by concept."""
    raw: dict[str, Any] = table("groups.toml")
    topics: dict[str, set[str]] = {}
    for topic, concepts in raw["topics"].items():
        for concept in concepts.split():
            topics.setdefault(concept, set()).add(topic)
    return Groups(
        topics={concept: frozenset(names) for concept, names in topics.items()},
        manner={kind: name for name, kinds in raw["manner"].items() for kind in kinds.split()},
        skip=frozenset(raw["dialogue"]["skip"].split()),
        around=frozenset(raw["around"]["keep"].split()),
    )


def views(readings: Sequence[Reading]) -> tuple[View, ...]:
    """Every sentence of one message, each coloured by the others."""
    keep = groups().around
    colours = [reading.structure & keep for reading in readings]
    count: dict[str, int] = {}
    for colour in colours:
        for name in colour:
            count[name] = count.get(name, 0) + 1
    found = []
    for reading, own in zip(readings, colours, strict=True):
        around = sorted(name for name, n in count.items() if n > (name in own))
        found.append(View(_about(reading, around), _meant(reading, around)))
    return tuple(found)


def _about(reading: Reading, around: Sequence[str]) -> Features:
    found: Features = {}
    words = [word for word in reading.words if word[:1].isalpha() or word[:1] == "'"]
    _add_words(found, words)
    concepts, topics = _concepts(reading)
    ways = sorted(reading.structure - {_LINKS})
    for way in ways:
        found["t " + way] = 0.5
    for name in around:
        found["m " + name] = 0.4
    listed = sorted(concepts)
    for at, first in enumerate(listed):
        found["c " + first] = 1.0
        for second in listed[at + 1 :]:
            found[f"p {first} {second}"] = 0.7
        for way in ways:
            found[f"p {first} {way}"] = 0.5
    _add_topics(found, topics, listed, ways, around)
    found[f"n {_length(len(words))}"] = 0.5
    return found


def _add_words(found: Features, words: Sequence[str]) -> None:
    for word in words:
        if len(word) > _TELLING:
            found["w " + word] = 0.6
        if len(word) > _STEM:
            found["s " + word[:_STEM]] = 0.5
    for first, second in pairwise(words):
        found[f"b {first} {second}"] = 0.5
    found.update(_opening(words))


def _opening(words: Sequence[str]) -> Features:
    """How a sentence begins: "do you", "i can't", "my" tell questions from reports before anything else is said."""
    return {f"f {' '.join(words[:size])}": 0.6 for size in (1, 2, 3) if len(words) >= size}


def concepts_of(reading: Reading) -> tuple[str, ...]:
    """The names of the concepts a sentence brings up, denied ones marked `!`, in order."""
    return tuple(sorted(_concepts(reading)[0]))


def _concepts(reading: Reading) -> tuple[set[str], dict[str, set[str]]]:
    """The concepts, denied ones marked `!`, and the topics they speak for."""
    table_, denied = groups(), reading.denied
    concepts: set[str] = set()
    topics: dict[str, set[str]] = {}
    for index, mention in enumerate(reading.content):
        if mention.concept in table_.skip:
            continue
        sign = "!" if index in denied else ""
        concepts.add(sign + mention.concept)
        for topic in table_.topics.get(mention.concept, ()):
            topics.setdefault(sign + topic, set()).add(mention.concept)
    for way in reading.structure:
        for topic in table_.topics.get(way, ()):
            topics.setdefault(topic, set()).add(way)
    return concepts, topics


def _add_topics(
    found: Features,
    topics: Mapping[str, set[str]],
    concepts: Sequence[str],
    ways: Sequence[str],
    around: Sequence[str],
) -> None:
    for topic, its in topics.items():
        found["g " + topic] = 1.0
        if len(its) > 1:
            found["g2 " + topic] = 1.0
        for way in ways:
            found[f"gt {topic} {way}"] = 0.7
        for name in around:
            found[f"gm {topic} {name}"] = 0.5
        for other in topics:
            if topic < other:
                found[f"gg {topic} {other}"] = 0.7
        for concept in concepts:
            found[f"gc {topic} {concept}"] = 0.7


def _meant(reading: Reading, around: Sequence[str]) -> Features:
    ways = set(reading.structure) - {_LINKS}
    if any(mention.concept.startswith("idiom") for mention in reading.content):
        ways.add("idiom")
    listed = sorted(ways)
    found: Features = {}
    for at, first in enumerate(listed):
        found["x " + first] = 1.0
        for second in listed[at + 1 :]:
            found[f"y {first} {second}"] = 0.7
    for name in around:
        found["m " + name] = 0.7
    words = [word for word in reading.words if word[:1].isalpha() or word[:1] == "'"]
    found[f"xn {_length(sum(word[:1].isalpha() for word in words))}"] = 0.5
    found.update(_opening(words))
    return found


def _length(words: int) -> int:
    """The size class of a sentence: 0 for a word or two, 4 for a long one."""
    return sum(words > limit for limit in _LENGTHS)


def manner_features(kind: str, topic: float, meant: Features) -> Features:
    """What the second stage sees: how strongly a sentence is about a kind, and how it is meant.

    `topic` is the first stage's score; it is held within bounds, so that no heap of words outweighs a "not".
    """
    held = max(-2.5, min(2.5, topic)) / 2
    found: Features = {"t": held, "k " + kind: 1.0, "t " + kind: held}
    if topic > 0:
        found["pos"] = 1.0
    manner = groups().manner[kind]
    for name, value in meant.items():
        found["a " + name] = value
        found[f"c {manner} {name}"] = value * 0.8
        if name[0] in "xm":
            found[f"k {kind} {name}"] = value * 0.5
    return found


def gist_features(readings: Sequence[Reading]) -> Features:
    """How much a whole message says: for telling a matter nobody could act on from a short one."""
    words = [word for reading in readings for word in reading.words if word[:1].isalnum()]
    found: Features = {f"u n{sum(len(words) > limit for limit in (0, 1, 2, 4, 6, 9, 12))}": 1.0}
    telling: set[str] = set()
    for reading in readings:
        small = {at for m in reading.mentions if _small(m.concept) for at in range(m.first, m.last + 1)}
        telling |= {
            w for at, w in enumerate(reading.words) if at not in small and len(w) > _TELLING and w[:1].isalnum()
        }
        for mention in reading.mentions:
            found["u c " + mention.concept] = 0.5
        for way in reading.structure:
            found["u c " + way] = 0.5
    found[f"u i{min(len(telling), 6)}"] = 1.0
    if len(words) <= _SHORT:
        for word in words:
            found["u w " + word] = 0.6
        for first, second in pairwise(words):
            found[f"u b {first} {second}"] = 0.4
    return found


def category_features(readings: Sequence[Reading], kinds: Iterable[str]) -> Features:
    """What a whole thread is about: its concepts and words, and the flags it raised."""
    found: Features = {f"k {kind}": 1.5 for kind in kinds}
    for reading in readings:
        for mention in reading.content:
            found["c " + mention.concept] = 0.8
        for word in reading.words:
            if len(word) > _TELLING and word[:1].isalpha():
                found["w " + word] = 0.6
                found["s " + word[:_STEM]] = 0.5
    return found


def _small(concept: str) -> bool:
    """Whether a concept leaves open what a message is about."""
    return concept[0] == "_" or concept in _OPEN or concept in groups().skip
