"""What tells tickets that people send on from those that stay: a category, or a word; as a rule for the settings."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from supportdesk.domain.theme import Rerouted, WrongRoute
from supportdesk.rules.tables import once, table
from supportdesk.text import fold

SURE = 0.8
"""A sign is proposed when so large a share of the tickets that bear it were sent on."""
WIDE = 0.3
"""And when so large a share of those sent on bear it."""
EXAMPLES = 3
_QUOTE = 160
_READ = 1200
_WORD = re.compile(r"[^\W\d_]{4,}")


def wrong_route(
    way: tuple[str, str], many: Sequence[Rerouted], stayed: Sequence[tuple[str, str]], total: int
) -> WrongRoute:
    """A way people keep correcting, with the rule that would take it; `stayed` are (category, letter) that belonged."""
    source, target = way
    proposal, why = _proposal(target, many, stayed)
    return WrongRoute(
        source=source,
        target=target,
        count=len(many),
        total=total,
        tickets=tuple(one.ticket_id for one in many),
        reasons=tuple(Counter(one.reason for one in many).most_common()),
        examples=tuple((one.ticket_id, fold(one.letter)[:_QUOTE]) for one in many[:EXAMPLES]),
        proposal=proposal,
        why=why,
    )


def _proposal(target: str, many: Sequence[Rerouted], stayed: Sequence[tuple[str, str]]) -> tuple[str, str]:
    left, kept = Counter(one.category for one in many), Counter(category for category, _ in stayed)
    category, count = left.most_common(1)[0]
    if count >= WIDE * len(many) and count >= SURE * (count + kept[category]):
        why = f"{count} of {count + kept[category]} tickets of category {category} were sent to {target}"
        return _rule({"category": category, "queue": target}), why
    gone = [_words(one.letter) for one in many]
    there = [_words(letter) for _, letter in stayed]
    with_it = Counter(word for words in gone for word in words)
    without = Counter(word for words in there for word in words)
    signs = [
        (n, word)
        for word, n in with_it.items()
        if n >= max(WIDE * len(many), EXAMPLES) and n >= SURE * (n + without[word])
    ]
    if not signs:
        return "", "no category and no single word tells them from those that stay: look at the examples"
    # Of signs as common, the longest word is the least likely to stand in other letters.
    n, word = max(signs, key=lambda sign: (sign[0], len(sign[1]), sign[1]))
    why = f"“{word}” stands in {n} of {len(many)} sent on, and in {without[word]} of {len(stayed)} that stayed"
    return _rule({"keyword": word, "queue": target}), why


def _rule(values: dict[str, str]) -> str:
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(["[[routing.rules]]", *lines])


def _words(letter: str) -> frozenset[str]:
    return frozenset(_WORD.findall(letter[:_READ].lower())) - _small()


@once
def _small() -> frozenset[str]:
    kinds = table("themes.toml")
    return frozenset(w for kind in ("small", "aside", "wish") for words in kinds[kind].values() for w in words.split())
