"""Words, numbers and signs of a text, each with its place: what every check of a draft reads."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from supportdesk.rules.tables import once, table

_TOKEN = re.compile(
    r"(?P<l>(?:https?://|www\.)[^\s<>\"'`|\\^{}]+|(?<![\w.+\-/])[\w.+\-]+@(?:[\w\-]+\.)+[^\W\d_]{2,24})"
    r"|(?P<c>[^\W\d_]+(?:_[^\W\d_]+)*(?:[\-_]?\d)[\w\-]*|\d+[^\W\d_][\w]*(?:-\d+)*)"
    r"|(?P<n>\d+(?:[.,:'’/\-–]\d+)*)"
    r"|(?P<w>[^\W\d_]+(?:['’](?=[^\W\d_]))?)"
    r"|(?P<s>[^\w\s]|_+)"
)


class Token(NamedTuple):
    """One word, number or sign."""

    text: str
    """Folded (see `fold_word`) for words; as written for everything else."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset just after its last."""
    kind: str
    """w word, n number, c code of letters and digits, l link or mail address, s sign."""


def tokens(text: str, offset: int = 0) -> tuple[Token, ...]:
    """The tokens of a text in order; `offset` is added to every place.

    An apostrophe splits a word as its language does: `we` `'ll`, but `d'` `ici`. Hyphens between letters vanish,
    so that "non-refundable" reads like "non refundable".
    """
    found: list[Token] = []
    pending = ""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "s"
        raw = match.group()
        start, end = match.span()
        if kind == "w":
            word = raw.rstrip("'’")
            folded = fold_word(word)
            if pending:
                folded, start, pending = pending + folded, start - 1, ""
                found.append(Token(folded, start + offset, start + 1 + len(word) + offset, "w"))
                continue
            if len(word) < len(raw):
                if folded in _elided():
                    folded += "'"
                else:
                    pending = "'"
            found.append(Token(folded, start + offset, start + len(word) + offset, "w"))
        elif kind == "s" and raw == "-" and _inside(text, start):
            continue
        else:
            found.append(Token(raw, start + offset, end + offset, kind))
    return tuple(found)


def _inside(text: str, at: int) -> bool:
    """Whether a hyphen joins two words."""
    return 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalpha()


@lru_cache(maxsize=20_000)
def fold_word(word: str) -> str:
    """A word without case and accents: Größe → grosse, déjà → deja."""
    word = word.casefold()
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@once
def _elided() -> frozenset[str]:
    """French and Italian words that lose their vowel before the next word."""
    return frozenset(table("statements.toml")["words"]["elided"].split())
