"""Finding the phrases of a table in a run of tokens, in one pass however long the table is.

A phrase in a data file is words with spaces between. `a|b` is either word, `refund*` any word that begins so,
`_` any one word, `_3` up to three words. Accents and case do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from supportdesk.rules.tokens import Token, fold_word

_SHORTEST, _LONGEST = 2, 12
"""Lengths of the beginnings that `refund*` phrases are found by."""
_REMEMBERED = 20_000
"""Words whose phrases are remembered at once."""


class Hit(NamedTuple):
    """A phrase found: which class it belongs to and which tokens it covers."""

    name: str
    """The class the table gives it."""
    first: int
    """Index of its first token."""
    last: int
    """Index of its last token."""


class _Step(NamedTuple):
    """One position of a phrase."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    gap: int

    def fits(self, word: str) -> bool:
        return word in self.words or (bool(self.beginnings) and word.startswith(self.beginnings))


class Phrases:
    """A table of phrases, ready to be looked for."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        """Prepare `{class: phrases}`."""
        self._words: dict[str, list[tuple[str, tuple[_Step, ...]]]] = {}
        self._beginnings: dict[str, list[tuple[str, tuple[_Step, ...]]]] = {}
        self._known: dict[str, tuple[tuple[str, tuple[_Step, ...]], ...]] = {}
        for name, phrases in table.items():
            for phrase in phrases:
                self._add(name, phrase)

    def _add(self, name: str, phrase: str) -> None:
        steps = [_step(part) for part in phrase.split()]
        first, rest = steps[0], tuple(steps[1:])
        for word in first.words:
            self._words.setdefault(word, []).append((name, rest))
        for beginning in first.beginnings:
            key = beginning[:_LONGEST]
            self._beginnings.setdefault(key, []).append((name, (_Step(frozenset(), (beginning,), 0), *rest)))

    def find(self, tokens: Sequence[Token], first: int = 0, last: int | None = None) -> list[Hit]:
        """All hits among tokens `first` to `last` (exclusive), in order of their first token."""
        stop = len(tokens) if last is None else last
        hits: list[Hit] = []
        known = self._known.get
        for at in range(first, stop):
            word = tokens[at].text
            begun = known(word)
            for name, rest in self._from(word) if begun is None else begun:
                if not rest:
                    hits.append(Hit(name, at, at))
                elif (end := _follow(rest, 0, tokens, at + 1, stop)) is not None:
                    hits.append(Hit(name, at, end - 1))
        return hits

    def _from(self, word: str) -> tuple[tuple[str, tuple[_Step, ...]], ...]:
        """The phrases a word may begin, each with what must follow; remembered, since words come back."""
        known = self._known.get(word)
        if known is None:
            found = list(self._words.get(word, ()))
            for size in range(_SHORTEST, min(len(word), _LONGEST) + 1):
                for name, steps in self._beginnings.get(word[:size], ()):
                    if steps[0].fits(word):
                        found.append((name, steps[1:]))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[word] = tuple(found)
        return known


def _step(part: str) -> _Step:
    if part[0] == "_" and (part == "_" or part[1:].isdecimal()):
        return _Step(frozenset(), (), int(part[1:] or 1) if part != "_" else -1)
    words: list[str] = []
    beginnings: list[str] = []
    for choice in part.split("|"):
        folded = fold_word(choice.rstrip("*"))
        (beginnings if choice.endswith("*") else words).append(folded)
    return _Step(frozenset(words), tuple(beginnings), 0)


def _follow(steps: tuple[_Step, ...], at_step: int, tokens: Sequence[Token], at: int, stop: int) -> int | None:
    """Where a phrase that got as far as `at_step` ends, or None where the tokens leave it."""
    while at_step < len(steps):
        step = steps[at_step]
        if step.gap:
            if step.gap == -1:
                if at >= stop:
                    return None
                at, at_step = at + 1, at_step + 1
                continue
            for skipped in range(step.gap + 1):
                if at + skipped > stop:
                    return None
                if (end := _follow(steps, at_step + 1, tokens, at + skipped, stop)) is not None:
                    return end
            return None
        if at >= stop or not step.fits(tokens[at].text):
            return None
        at, at_step = at + 1, at_step + 1
    return at
