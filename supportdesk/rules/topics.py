"""What a stretch of text is about: its content words as concepts or stems, comparable across seven languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token, fold_word

LANGUAGES = ("en", "de", "fr", "es", "pt", "nl", "it")
"""Languages the tables know."""


def topic(tokens: Iterable[Token], language: str) -> tuple[str, ...]:
    """The content words of tokens, in order: `=refund` for a known concept, a stem for any other word."""
    code = language if language in LANGUAGES else "en"
    return tuple(key for t in tokens if t.kind == "w" and (key := topic_word(t.text, code)))


def key_topic(tokens: Iterable[Token]) -> frozenset[str]:
    """What the words of a record's key are about, in whichever language they are."""
    found: set[str] = set()
    for token in tokens:
        if token.kind == "w":
            keys = [topic_word(token.text, code) for code in LANGUAGES]
            concepts = [key for key in keys if is_concept(key)]
            found.update(concepts[:1] or [key for key in keys[:1] if key])
    return frozenset(found)


def topic_at(tokens: Sequence[Token], first: int, last: int, language: str) -> frozenset[str]:
    """The content words among tokens `first` to `last`, both included."""
    return frozenset(topic(tokens[first : last + 1], language))


@lru_cache(maxsize=50_000)
def topic_word(word: str, language: str) -> str:
    """The concept or stem of one folded word; empty for a word that says nothing by itself."""
    if len(word) < 2 or word in _stopwords(language) or word in _measures():
        return ""
    exact, beginnings = _concepts(language)
    if word in exact:
        return exact[word]
    for size in range(len(word), 2, -1):
        if (concept := beginnings.get(word[:size])) is not None:
            return concept
    return stem(word, language)


def stem(word: str, language: str) -> str:
    """A word without its ending, at most eight letters, so that forms of one word meet."""
    for ending in _endings(language):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:8]


def is_concept(key: str) -> bool:
    """Whether a topic key is a known concept, comparable between languages."""
    return key.startswith("=")


def is_plain_word(word: str, language: str) -> bool:
    """Whether a word is one the tables know: a small word, or one that carries a concept."""
    code = language if language in LANGUAGES else "en"
    return word in _stopwords(code) or topic_word(word, code).startswith("=")


@once
def _measures() -> frozenset[str]:
    """Units, months and weekdays: they belong to a value, not to what a text is about."""
    numbers, dates = table("numbers.toml"), table("dates.toml")
    lines = [*numbers["units"].values(), *dates["months"].values()]
    lines += [" ".join(pair.split("=")[0] for pair in line.split()) for line in numbers["words"].values()]
    return frozenset(w for line in lines for w in line.split() if len(w) > 2)


@once
def _stopwords(language: str) -> frozenset[str]:
    return frozenset(fold_word(w) for w in table("topics.toml")["stopwords"][language].split())


@once
def _endings(language: str) -> tuple[str, ...]:
    endings = table("topics.toml")["endings"][language].split()
    return tuple(sorted(endings, key=len, reverse=True))


@once
def _concepts(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """({word: concept}, {beginning: concept}) of one language."""
    exact: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    for name, words in table("topics.toml")["concepts"].items():
        for word in words.get(language, "").split():
            folded = fold_word(word.rstrip("*"))
            (beginnings if word.endswith("*") else exact).setdefault(folded, f"={name}")
    return exact, beginnings
