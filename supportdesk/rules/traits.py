"""A draft's statement as the learned weights see it: its words, what they mean, and the grammar around them.

Words and their neighbours speak for one language; concepts and the classes of the phrase tables (we, future,
denied, money, a deadline…) are the same in all seven, so that what is learned in one holds in the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from supportdesk.rules.drafts import Statement
from supportdesk.rules.lexicon import mentions, plain_words
from supportdesk.rules.topics import LANGUAGES

Traits = dict[str, float]

_STEM = 5
"""Letters by which inflected forms of a longer word are taken together."""
_LENGTHS = (3, 6, 10, 16, 25)
_NAMES = """
we you future past present can not hedge condition generic money service outcome process neutral
money_noun service_noun get be harmless heard event burden logistics way reports performs effective
lacking ours verdict sure_money sure_service sure_outcome sure_exception sure_deadline
"""
_GRAMMAR = frozenset(f"commitments.{name}" for name in _NAMES.split())
"""Classes of phrases whose meeting in one statement says how it is meant."""


def traits(statement: Statement, language: str, told: Iterable[str] = ()) -> Traits:
    """Everything the weights may rest on; `told` are names of what other rules and the sources say of it."""
    code = language if language in LANGUAGES else "en"
    found: Traits = {}
    _add_words(found, [t.text for t in statement.tokens if t.kind in "wl" or t.text in "!?:"])
    _add_concepts(found, statement, code)
    names = sorted({name for name in statement.hits if name in _GRAMMAR})
    for name in statement.hits:
        found["h " + name] = 0.8
    for first, second in combinations(names, 2):
        found[f"hh {first[12:]} {second[12:]}"] = 0.5
    _add_order(found, statement)
    for value in statement.values:
        found["v " + value.kind] = 0.8
    told = tuple(told)
    for name in told:
        found["r " + name] = 1.0
    for first, second in combinations(sorted(told), 2):
        found[f"rr {first} {second}"] = 0.6
    if statement.question:
        found["q"] = 1.0
    found[f"n {sum(len(statement.tokens) > limit for limit in _LENGTHS)}"] = 0.3
    return found


def _add_words(found: Traits, words: Sequence[str]) -> None:
    for word in words:
        found["w " + word] = 0.5
        if len(word) > _STEM:
            found["s " + word[:_STEM]] = 0.5
    for first, second in pairwise(("^", *words, "$")):
        found[f"b {first} {second}"] = 0.5
    for first, second, third in zip(words, words[1:], words[2:], strict=False):
        found[f"t {first} {second} {third}"] = 0.4
        found[f"k {first} {third}"] = 0.3


def _add_concepts(found: Traits, statement: Statement, code: str) -> None:
    concepts = sorted(set(_meant(tuple(plain_words(statement.tokens)), code)))
    topics = sorted(word for word in statement.topic if word[:1] == "=")
    for concept in (*concepts, *topics):
        found["c " + concept] = 0.6
    for first, second in combinations(concepts, 2):
        found[f"p {first} {second}"] = 0.4


@lru_cache(maxsize=4096)
def _meant(words: tuple[str, ...], code: str) -> tuple[str, ...]:
    return tuple(mention.concept for mention in mentions(words, code))


def _add_order(found: Traits, statement: Statement) -> None:
    """Grammar in its order within a clause: "we" before "refund" is not "refund" before "we"."""
    for first, after in statement.clauses:
        here = sorted(
            (hit.first, name[12:])
            for name, hits in statement.hits.items()
            if name in _GRAMMAR
            for hit in hits
            if first <= hit.first < after
        )
        for (_, one), (_, two) in pairwise(here):
            found[f"o {one}>{two}"] = 0.5
