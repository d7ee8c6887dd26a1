"""Which language a text is in: by script first, then by the small words, letters and endings a language is made of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from supportdesk.rules.tables import once

UNKNOWN = "und"
"""ISO 639 code for a text whose language the rules cannot tell."""
READABLE = frozenset({"en", "de", "fr", "es", "pt", "nl", "it", "pl"})
"""Languages whose words the triggers know; in any other a person has to look."""

# Vowel signs of Indic scripts are no letters to `\w`, but part of their words.
_WORD = re.compile(r"(?:[^\W\d_]|[\u0900-\u0dff])+(?:['·][^\W\d_]+)*")
_NOISE = re.compile(r"https?://\S+|\S+@\S+|\b[A-Za-z]*\d[A-Za-z0-9]*\b")
_SAMPLE = 4000
_WORDS = 400
_SURE = 0.6
"""Evidence a word-based guess needs; a word only one language has brings 1."""
_USUAL = {"cyrillic": "ru", "arabic": "ar", "devanagari": "hi"}
"""Whom most text in a shared script belongs to, where its words do not tell."""
_MARGIN = 1.08
"""How many times the runner-up's evidence the winner needs when the evidence is thin."""


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """What tells the languages of one script apart."""

    words: dict[str, tuple[tuple[str, float], ...]]
    letters: dict[str, tuple[tuple[str, float], ...]]
    tails: dict[str, tuple[tuple[str, float], ...]]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Data:
    """The packaged tables, prepared for look-up."""

    scripts: tuple[tuple[str, int, int, str], ...]
    alphabets: dict[str, _Alphabet]


def detect(text: str) -> str:
    """ISO 639-1 code of a text's main language, `und` when there is too little to tell by."""
    return _detected(text[:_SAMPLE])


@lru_cache(maxsize=16)
def _detected(text: str) -> str:
    """The same for a sample; one thread's words are asked about three times in a row."""
    sample = _NOISE.sub(" ", text).replace("’", "'")
    script, code = _script(sample)
    if code:
        return code
    alphabet = _data().alphabets.get(script)
    if alphabet is None:
        return UNKNOWN
    words = _WORD.findall(sample.casefold())[:_WORDS]
    ranked = sorted(_evidence(words, alphabet).items(), key=lambda pair: (-pair[1], pair[0] not in READABLE, pair[0]))
    usual = _USUAL.get(script, UNKNOWN)
    if not ranked:
        return usual
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    # A long text in a language we have no words for still meets a few strays: ask for a share of the words.
    needed = max(_SURE, 0.08 * len(words))
    rival = ranked[1][0] if len(ranked) > 1 else ""
    tied = score < 4 and score < second * _MARGIN and not (best in READABLE and rival not in READABLE)
    if score < needed or tied:
        return usual
    return best


def leads(text: str, code: str, other: str) -> bool:
    """Whether a short text's words speak at least twice as much for one language as for another."""
    words = _WORD.findall(_NOISE.sub(" ", text[:_SAMPLE]).replace("’", "'").casefold())[:_WORDS]
    evidence = _evidence(words, _data().alphabets["latin"])
    return evidence.get(code, 0.0) >= max(1.0, 2 * evidence.get(other, 0.0))


def _evidence(words: list[str], alphabet: _Alphabet) -> dict[str, float]:
    totals: dict[str, float] = {}
    for word in words:
        for code, weight in _word_evidence(word, alphabet):
            totals[code] = totals.get(code, 0.0) + weight
    return totals


def _word_evidence(word: str, alphabet: _Alphabet) -> tuple[tuple[str, float], ...]:
    known = alphabet.words.get(word)
    found = list(known or ())
    for part in word.split("'") if "'" in word and not known else ():
        found += alphabet.words.get(part, ())
    if not word.isascii():
        for letter in set(word):
            found += alphabet.letters.get(letter, ())
    if not known and len(word) > 4:
        for size in (6, 5, 4, 3):
            tail = alphabet.tails.get(word[-size:])
            if tail:
                found += tail
                break
    return tuple(found)


def _script(text: str) -> tuple[str, str]:
    """The script most letters are in and, where a script is one language's own, that language."""
    counts: dict[str, int] = {}
    codes: dict[str, str] = {}
    data = _data()
    latin = other = 0
    for letter in text[:1500]:
        point = ord(letter)
        if point < 0x370:
            latin += letter.isalpha()
            continue
        if not letter.isalpha() and not 0x900 <= point <= 0xE7F:
            continue
        for name, low, high, code in data.scripts:
            if low <= point <= high:
                counts[name] = counts.get(name, 0) + 1
                codes[name] = code
                other += 1
                break
    # One ideograph says as much as several Latin letters; product names in Latin letters are common everywhere.
    if not other or latin > other * 4:
        return "latin", ""
    if counts.get("hiragana", 0) * 12 >= counts.get("han", 0) and counts.get("hiragana"):
        return "hiragana", "ja"
    name = max(counts, key=lambda script: counts[script])
    return name, codes[name]


@once
def _data() -> _Data:
    raw = json.loads(resources.files("supportdesk.rules").joinpath("data/languages.json").read_text(encoding="utf-8"))
    scripts = tuple((name, low, high, code) for name, low, high, code in raw.pop("scripts"))
    return _Data(scripts, {name: _alphabet(table) for name, table in raw.items()})


def _alphabet(table: dict[str, dict[str, str]]) -> _Alphabet:
    return _Alphabet(
        words=_shared({code: entry["words"].split() for code, entry in table.items()}, 1.0),
        letters=_shared({code: list(entry["letters"]) for code, entry in table.items()}, 0.8),
        tails=_shared({code: entry["tails"].split() for code, entry in table.items()}, 0.35),
        codes=tuple(table),
    )


def _shared(lists: dict[str, list[str]], weight: float) -> dict[str, tuple[tuple[str, float], ...]]:
    """Marks by what they stand for, each worth less the more languages share it."""
    owners: dict[str, list[str]] = {}
    for code, marks in lists.items():
        for mark in marks:
            owners.setdefault(mark, []).append(code)
    return {mark: tuple((code, weight / len(codes) ** 0.7) for code in codes) for mark, codes in owners.items()}
