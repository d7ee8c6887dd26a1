"""What a thread says, in a few of its own sentences: each point quotes its line verbatim.

Sentences are ranked by how much of the thread they speak for (TextRank over the words they share), moved up for
who says them and for what: the customer's first wish, what raised a flag, what an agent answered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.preparation import SummaryPoint, Trigger
from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.clauses import Reading
from supportdesk.rules.questions import Turn
from supportdesk.text import clean

_POOL = 120
"""Sentences that are compared with each other; the time grows with the square of this, not with the thread."""
_SHORTEST = 4
_ROUNDS = 12
_DAMPING = 0.85


def summary(turns: Sequence[Turn], triggers: Sequence[Trigger], most: int = 6) -> tuple[SummaryPoint, ...]:
    """The points a reader needs first, in the order of the thread; none for a thread without words."""
    pool = _pool(turns)
    if not pool:
        return ()
    flagged = {(trigger.message, trigger.start) for trigger in triggers if trigger.quote}
    stems = [_stems(reading) for _, reading in pool]
    ranks = _ranks(stems)
    scores = [rank * _weight(turn, reading, turns, flagged) for rank, (turn, reading) in zip(ranks, pool, strict=True)]
    wanted = max(1, min(most, math.ceil(len(pool) / 4)))
    chosen: list[int] = []
    for index in sorted(range(len(pool)), key=lambda i: (-scores[i], i)):
        if any(_alike(stems[index], stems[other]) for other in chosen):
            continue
        chosen.append(index)
        if len(chosen) == wanted:
            break
    return tuple(_point(*pool[index]) for index in sorted(chosen))


def _pool(turns: Sequence[Turn]) -> list[tuple[Turn, Reading]]:
    """The sentences worth comparing: long enough to say something, the thread's beginning and end first."""
    every = [
        (turn, reading)
        for turn in turns
        if turn.author is not Author.INTERNAL
        for reading in turn.readings
        if _telling(reading)
    ]
    if not every:
        every = [(turn, reading) for turn in turns for reading in turn.readings][:1]
    if len(every) <= _POOL:
        return every
    return every[: _POOL // 2] + every[-_POOL // 2 :]


def _telling(reading: Reading) -> bool:
    words = [word for word in reading.words if word[:1].isalpha()]
    if len(words) < _SHORTEST:
        return False
    return not (reading.structure & {"_thanks"} and len(words) < 2 * _SHORTEST)


def _stems(reading: Reading) -> frozenset[str]:
    small = {m.first for m in reading.mentions if m.concept[0] == "_" and m.first == m.last}
    return frozenset(
        word[:6] for index, word in enumerate(reading.words) if index not in small and len(word) > 2 and word.isalnum()
    )


def _ranks(stems: Sequence[frozenset[str]]) -> list[float]:
    """TextRank: a sentence counts as much as the sentences that share its words."""
    size = len(stems)
    links: list[dict[int, float]] = [{} for _ in range(size)]
    holders: dict[str, list[int]] = {}
    for index, words in enumerate(stems):
        for word in words:
            holders.setdefault(word, []).append(index)
    for held in holders.values():
        rarity = math.log(1 + size / len(held))
        for position, first in enumerate(held):
            for second in held[position + 1 :]:
                links[first][second] = links[first].get(second, 0.0) + rarity
                links[second][first] = links[second].get(first, 0.0) + rarity
    lengths = [math.log(2 + len(words)) for words in stems]
    for first, row in enumerate(links):
        for second in row:
            row[second] /= lengths[first] + lengths[second]
    totals = [sum(row.values()) for row in links]
    ranks = [1.0] * size
    for _ in range(_ROUNDS):
        ranks = [
            1 - _DAMPING + _DAMPING * sum(ranks[other] * weight / totals[other] for other, weight in row.items())
            for row in links
        ]
    return ranks


def _weight(turn: Turn, reading: Reading, turns: Sequence[Turn], flagged: set[tuple[int, int]]) -> float:
    weight = 1.0
    if (turn.position, reading.span.start) in flagged:
        weight *= 1.8
    if turn.author is Author.CUSTOMER:
        weight *= 1.2
    if turn is turns[0]:
        weight *= 1.3
    place = turn.readings.index(reading)
    return weight * (1.25 if place <= 1 else 1.0)


def _alike(first: frozenset[str], second: frozenset[str]) -> bool:
    return len(first & second) > 0.6 * min(len(first), len(second)) > 0


def _point(turn: Turn, reading: Reading) -> SummaryPoint:
    start, end = reading.span
    return SummaryPoint(
        text=clean(reading.quote, one_line=True),
        evidence=Evidence(SourceKind.MESSAGE, str(turn.position), reading.quote, start, end),
    )


def by_message(points: Sequence[SummaryPoint]) -> Mapping[int, list[SummaryPoint]]:
    """The points by the position of the message they quote."""
    found: dict[int, list[SummaryPoint]] = {}
    for point in points:
        if point.evidence is not None:
            found.setdefault(int(point.evidence.ref), []).append(point)
    return found
