"""What could be typed next in a filter line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supportdesk.domain.query import STATES, Sort, split
from supportdesk.domain.words import Path, Priority, Status, TriggerKind

SAYS = {
    "queue": "where it waits",
    "trigger": "why it may not take the short way",
    "is": "unread, late, taken, free, waiting, resolved…",
    "assignee": "whose it is: me, none, a login",
    "older": "no message for: 2d, 4h, 1w",
    "newer": "a message within: 2d, 4h",
    "priority": "how soon it wants an answer",
    "path": "routine, review or escalation",
    "status": "where it stands",
    "requester": "a mail address",
    "category": "what it is about",
    "channel": "how it came",
    "language": "en, de, fr…",
    "tag": "a word of your own",
    "id": "one ticket, by its number: id:2, #2",
    "sort": "another order",
}
"""What each key filters by, in the order they are offered."""

_FIXED: dict[str, tuple[str, ...]] = {
    "is": STATES,
    "trigger": tuple(k.value for k in TriggerKind),
    "priority": tuple(p.value for p in Priority),
    "path": tuple(p.value for p in Path),
    "status": ("open", "waiting", "resolved", "any", *(s.value for s in Status)),
    "older": ("1h", "4h", "1d", "2d", "1w"),
    "newer": ("1h", "4h", "1d", "2d", "1w"),
    "sort": tuple(s.value for s in Sort),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to go on."""

    text: str
    """The whole word it would make."""
    says: str = ""
    """What it means, where that is worth saying."""


@dataclass(frozen=True, slots=True)
class Offers:
    """The ways to go on at a place in a line."""

    start: int
    """Where the word that would be replaced begins."""
    end: int
    """Where it ends."""
    offers: tuple[Offer, ...]
    """Best first."""


def complete(typed: str, cursor: int, known: Mapping[str, Sequence[str]]) -> Offers:
    """What the word at the cursor could become; `known` are a desk's own values by key: its queues, its people."""
    cursor = min(max(cursor, 0), len(typed))
    if typed.count('"', 0, cursor) % 2:
        return Offers(cursor, cursor, ())  # inside a phrase everything is words
    here = next((w for w in split(typed[:cursor]) if w.end == cursor), None)
    start = here.start if here is not None else cursor
    word = typed[start:cursor]
    key, colon, value = word.partition(":")
    if colon and key in SAYS:
        return Offers(start, cursor, tuple(Offer(f"{key}:{v}") for v in _values(key, value, known)))
    keys = [k for k in SAYS if k.startswith(word)] if not colon else []
    return Offers(start, cursor, tuple(Offer(f"{k}:", SAYS[k]) for k in keys))


def _values(key: str, begun: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    """Values that begin so, then those that hold it somewhere."""
    every = list(dict.fromkeys([*_FIXED.get(key, ()), *known.get(key, ())]))
    begun = begun.casefold()
    starting = [v for v in every if v.casefold().startswith(begun)]
    return starting + [v for v in every if begun in v.casefold() and v not in starting]
