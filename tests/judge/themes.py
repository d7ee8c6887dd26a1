"""Themes against labelled intents, beside TF-IDF with k-means, which is told how many there are."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from supportdesk.rules.themes import find_themes

from .clusters import accuracy, k_means, mutual_information, rand_index
from .corpora import corpora
from .intervals import Share
from .rows import Row
from .sets import load

SETS = (
    ("insurance", "dstc11_insurance.jsonl", 0.60),
    ("NLU++", "nlupp_banking_folds0-9.jsonl", None),
    ("banking77", "banking77_train.jsonl", None),
)
LETTERS = 20_000
SECONDS = 3.0


def rows() -> list[Row]:
    """ACC, NMI and ARI per set, and the seconds for 20,000 letters."""
    out: list[Row] = []
    every: list[str] = []
    for name, file, goal in SETS:
        texts, labels = labelled(load(corpora() / "intents" / file))
        every += texts
        groups, plain = grouped(texts), k_means(texts, len(set(labels)))
        right, base = accuracy(labels, groups), accuracy(labels, plain)
        share = Share(right, len(texts))
        out.append(Row("themes", f"{name}: ACC", share, None, f"{base / len(texts):.2f}", goal))
        measures: Sequence[tuple[str, Callable[[Sequence[str], Sequence[int]], float]]] = (
            ("NMI", mutual_information),
            ("ARI", rand_index),
        )
        for kind, measure in measures:
            ours, theirs = measure(labels, groups), measure(labels, plain)
            ahead = Share(int(ours > theirs), 1)
            out.append(Row("themes", f"{name}: {kind}", ahead, None, f"{theirs:.2f}", 1.0, score=ours))
    chance = random.Random(1)
    letters = [f"{chance.choice(every)} {chance.choice(every)}" for _ in range(LETTERS)]
    began = time.process_time()
    find_themes(letters)
    took = time.process_time() - began
    in_time = Share(int(took <= SECONDS), 1)
    out.append(Row("themes", f"seconds for {LETTERS:,} letters", in_time, None, "", 1.0, score=took))
    return out


def labelled(records: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Texts with one label each: where there are several intents the rarest, which says most; none are left out."""
    many = [record.get("intents") or [record[k] for k in ("intent",) if k in record] for record in records]
    common = Counter(intent for intents in many for intent in intents)
    kept = [
        (record["text"], min(intents, key=lambda i: (common[i], i)))
        for record, intents in zip(records, many, strict=True)
        if intents
    ]
    return [text for text, _ in kept], [label for _, label in kept]


def grouped(texts: Sequence[str]) -> list[int]:
    """The theme of each letter by number; those of no theme are one group of their own."""
    found = [-1] * len(texts)
    for number, theme in enumerate(find_themes(texts)):
        for member in theme.members:
            found[member] = number
    return found
