"""Words by what they mean: one concept for fire, feu and pożar, so that what is learned in one language holds in all.

The tables under `data/concepts/` are text that people may read and extend. A word is looked up in the text's
own language and, since product words travel, in English; typing errors of one letter are forgiven in longer words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from supportdesk.rules.tables import once
from supportdesk.rules.tokens import Token, fold_word, tokens

_HEAD = re.compile(r"\[([\w]+)\]\s*$")
_LINE = re.compile(r"([a-z]{2}|\*):\s*(.+)$")
_GAP = re.compile(r"_\d?$")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "đ": "d", "œ": "oe", "æ": "ae"})
_LONGEST = 14
"""Letters of a stem that are looked at; longer ones differ in no concept."""
_TYPO_FROM = 6
"""Letters a word needs before a letter too many, too few or swapped is forgiven."""
_WRONG_FROM = 9
"""Letters a word needs before a wrong letter is: 'branch' is no 'breach', 'course' no 'courts'."""
_GERMANIC = frozenset({"de", "nl"})
"""Languages that write compounds as one word, so that a stem may stand at their end."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept and the tokens that bring it up."""

    concept: str
    """Its name in the tables."""
    first: int
    """Index of its first token."""
    last: int
    """Index of its last token."""


@dataclass(slots=True)
class _Table:
    """One language's words, prepared for look-up."""

    exact: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inner: dict[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: dict[str, list[tuple[str, tuple[_Step, ...]]]] = field(default_factory=dict)
    phrase_stems: dict[str, list[tuple[str, tuple[_Step, ...]]]] = field(default_factory=dict)
    slips: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    """One position of a phrase."""

    words: frozenset[str]
    stems: tuple[str, ...]
    gap: int

    def fits(self, word: str) -> bool:
        return word in self.words or (bool(self.stems) and word.startswith(self.stems))


@lru_cache(maxsize=50_000)
def plain(word: str) -> str:
    """A folded word in the letters of the tables: no stroke on ł, no letter more than twice in a row."""
    word = word.translate(_LETTERS)
    return re.sub(r"(.)\1{2,}", r"\1\1", word) if len(word) > 4 else word


def mentions(words: Sequence[str], language: str) -> tuple[Mention, ...]:
    """The concepts brought up by a run of plain words, in order; a phrase counts beside its words' own concepts."""
    found: list[Mention] = []
    last = len(words)
    for at, word in enumerate(words):
        for concept in _concepts(word, language):
            found.append(Mention(concept, at, at))
        for concept, steps in _begun(word, language):
            if (end := _follow(steps, 0, words, at + 1, last)) is not None:
                found.append(Mention(concept, at, end - 1))
    return tuple(found)


@lru_cache(maxsize=50_000)
def _begun(word: str, language: str) -> tuple[tuple[str, tuple[_Step, ...]], ...]:
    """The phrases a word may begin, each with the steps that must follow."""
    table = _table(language)
    found = list(table.phrases.get(word, ()))
    if len(word) > 2:
        for size in range(2, min(len(word), _LONGEST) + 1):
            found += table.phrase_stems.get(word[:size], ())
    return tuple(found)


@lru_cache(maxsize=50_000)
def _concepts(word: str, language: str) -> tuple[str, ...]:
    """The concepts one word stands for by itself."""
    table = _table(language)
    found = dict.fromkeys(table.exact.get(word, ()))
    for size in range(min(len(word), _LONGEST), 2, -1):
        found.update(dict.fromkeys(table.stems.get(word[:size], ())))
    if len(word) >= 8:
        for at in range(1, len(word) - 3):
            for size in range(4, min(len(word) - at, _LONGEST) + 1):
                found.update(dict.fromkeys(table.inner.get(word[at : at + size], ())))
    if language in _GERMANIC and len(word) >= 9 and not found:
        found.update(dict.fromkeys(_compound(word, table)))
    if not found and len(word) >= _TYPO_FROM and word not in table.known:
        found.update(dict.fromkeys(_misspelt(word, table)))
    return tuple(found)


def _compound(word: str, table: _Table) -> tuple[str, ...]:
    """What the second half of a compound means, where the tables know it: Ersatz-rechnung, school-rekening."""
    for at in range(3, len(word) - 4):
        rest = word[at:]
        if found := table.exact.get(rest):
            return found
        for size in range(min(len(rest), _LONGEST), 4, -1):
            if found := table.stems.get(rest[:size]):
                return found
    return ()


def _misspelt(word: str, table: _Table) -> tuple[str, ...]:
    """What a word means that is one letter too many, too few or swapped; in a long one, wrong.

    The first letter must be right.
    """
    if not table.slips:
        _learn_slips(table)
    for at in range(1, len(word) - 1):
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if found := table.exact.get(swapped) or table.stems.get(swapped[:_LONGEST]):
            return found
    for slip in (word, *_shorter(word)):
        found = table.slips.get(slip)
        if found and (slip == word or len(word) >= _WRONG_FROM):
            return found
        if found := table.exact.get(slip):
            return found
    return ()


def _learn_slips(table: _Table) -> None:
    for source in (table.exact, table.stems):
        for word, concepts in source.items():
            if len(word) >= _TYPO_FROM and not any(concept.startswith("_") for concept in concepts):
                for slip in _shorter(word):
                    table.slips.setdefault(slip, concepts)


def _shorter(word: str) -> Iterator[str]:
    """The word without each of its letters but the first."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]


def _follow(steps: Sequence[_Step], step: int, words: Sequence[str], at: int, stop: int) -> int | None:
    """Where a phrase that got as far as `step` ends; None where the words leave it."""
    while step < len(steps):
        now = steps[step]
        if now.gap > 1:
            for skipped in range(now.gap + 1):
                if (end := _follow(steps, step + 1, words, at + skipped, stop)) is not None:
                    return end
            return None
        if at >= stop or not (now.gap or now.fits(words[at])):
            return None
        at, step = at + 1, step + 1
    return at


@once
def _table(language: str) -> _Table:
    table = _Table()
    for concept, code, entry in _entries():
        if code in (language, "*") or language == "und":
            _add(table, concept, entry)
        elif code == "en" and not concept.startswith("_"):
            _add(table, concept, entry, foreign=True)
    return table


def _add(table: _Table, concept: str, entry: str, *, foreign: bool = False) -> None:
    parts = _parts(entry)
    if len(parts) == 1 and "|" not in parts[0]:
        bare = parts[0].strip("*")
        if foreign and len(bare) < 5:
            return
        if parts[0].startswith("*"):
            target, bare = table.inner, bare[:_LONGEST]
        elif parts[0].endswith("*"):
            target, bare = table.stems, bare[:_LONGEST]
        else:
            target = table.exact
        target[bare] = (*target.get(bare, ()), concept)
        return
    steps = tuple(_step(part) for part in parts)
    for word in steps[0].words:
        table.phrases.setdefault(word, []).append((concept, steps[1:]))
    for stem in steps[0].stems:
        table.phrase_stems.setdefault(stem[:_LONGEST], []).append((concept, steps[1:]))


def _parts(entry: str) -> list[str]:
    """The words of an entry, cut as the tokeniser cuts a text."""
    parts: list[str] = []
    for part in entry.split():
        if _GAP.match(part) or "*" in part or "|" in part:
            parts.append(part if part.startswith("_") else "|".join(_plain_part(choice) for choice in part.split("|")))
        else:
            parts += [plain(token.text) for token in tokens(part)]
    return parts


def _plain_part(choice: str) -> str:
    head, tail = "*" if choice.startswith("*") else "", "*" if choice.endswith("*") else ""
    return head + plain(fold_word(choice.strip("*"))) + tail


def _step(part: str) -> _Step:
    if _GAP.match(part):
        return _Step(frozenset(), (), int(part[1:] or 1))
    choices = part.split("|")
    words = frozenset(choice for choice in choices if not choice.endswith("*"))
    return _Step(words, tuple(choice.rstrip("*") for choice in choices if choice.endswith("*")), 0)


@once
def _entries() -> tuple[tuple[str, str, str], ...]:
    """Every entry of every file as (concept, language, words)."""
    folder = resources.files("supportdesk.rules").joinpath("data/concepts")
    found: list[tuple[str, str, str]] = []
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        concept = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if head := _HEAD.match(line):
                concept = head.group(1)
            elif (match := _LINE.match(line)) and concept:
                entries = (entry.strip() for entry in match.group(2).split(","))
                found += [(concept, match.group(1), entry) for entry in entries if entry]
    return tuple(found)


def plain_words(found: Sequence[Token]) -> list[str]:
    """The plain form of each token, as `mentions` wants them."""
    return [plain(token.text) for token in found]
