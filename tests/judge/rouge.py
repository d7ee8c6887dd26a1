"""ROUGE-1 and ROUGE-L as F1 over lower-cased words (Lin 2004), without stemming."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text, lower case."""
    return _WORD.findall(text.lower())


def rouge_1(candidate: str, reference: str) -> float:
    """F1 of the words both have, each counted as often as both have it."""
    a, b = words(candidate), words(reference)
    return _f1(sum((Counter(a) & Counter(b)).values()), len(a), len(b))


def rouge_l(candidate: str, reference: str) -> float:
    """F1 of the longest common subsequence of words."""
    a, b = words(candidate), words(reference)
    return _f1(_common(a, b), len(a), len(b))


def _f1(both: int, candidate: int, reference: int) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * both / (candidate + reference) if both else 0.0


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for left in a:
        before = 0
        for j, right in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if left == right else max(row[j], row[j - 1])
    return row[-1]
