"""Where searched words stand in a text, and a few words around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

BEGIN, END = "\x02", "\x03"
"""Around each found stretch; outside text never keeps them."""

BEFORE, LENGTH = 24, 120
"""Characters shown before the first match, and altogether."""


def excerpt(text: str, words: Sequence[str]) -> str:
    """A stretch of a text around the first of the words, found ones between BEGIN and END; empty without any.

    Case and accents do not count, as in the search itself; the last word may be the beginning of one.
    """
    wanted = [_pattern(word, open_end=word == words[-1]) for word in words if re.search(r"\w", word)]
    if not wanted:
        return ""
    folded = _fold(text)
    spots = re.compile("|".join(wanted))
    first = spots.search(folded)
    if first is None:
        return ""
    start = max(first.start() - BEFORE, 0)
    if start:
        start = text.find(" ", start, first.start()) + 1 or start
    end = min(start + LENGTH, len(text))
    parts = ["…" if start else ""]
    at = start
    for spot in spots.finditer(folded, start, end):
        parts += [_bare(text[at : spot.start()]), BEGIN, _bare(text[spot.start() : spot.end()]), END]
        at = spot.end()
    parts += [_bare(text[at:end]), "…" if end < len(text) else ""]
    return "".join(parts)


def _pattern(word: str, *, open_end: bool) -> str:
    tokens = re.findall(r"\w+", _fold(word))
    return r"\b" + r"\W+".join(re.escape(t) for t in tokens) + ("" if open_end else r"\b")


def _fold(text: str) -> str:
    """Lower case without accents, as long as it was."""
    if text.isascii():
        return text.lower()
    return "".join(c if c.isascii() else (unicodedata.normalize("NFKD", c)[:1] or c) for c in text).lower()[: len(text)]


def _bare(text: str) -> str:
    return text.replace(BEGIN, "").replace(END, "")
