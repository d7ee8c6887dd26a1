"""Learning from the work: what letters are about, and what people change in drafts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from supportdesk.domain.report import Period
from supportdesk.domain.theme import Change, Correction, Sent, Theme
from supportdesk.rules.sentences import sentences
from supportdesk.rules.themes import alike, find_themes
from supportdesk.services.ports import Store
from supportdesk.text import fold

EXAMPLES = 3
"""How many letters a person looks at before confirming a theme."""
SAME_THEME = 0.45
"""From here on two periods' themes are one."""
SAME_SENTENCE = 45
"""From here on (0 to 100) a sentence sent is one drafted, rewritten."""
_QUOTE = 160


class Improvement:
    """What the desk can learn. Reads only: it proposes, people decide."""

    def __init__(self, store: Store) -> None:
        """Work on this store."""
        self._store = store

    def themes(self, period: Period) -> tuple[Theme, ...]:
        """What the letters of a period are about, most letters first, beside the period before."""
        earlier = replace(period, since=period.since - (period.until - period.since), until=period.since)
        with self._store.read() as tx:
            letters, before = tx.improvement.letters(period), tx.improvement.letters(earlier)
        past = find_themes([text for _, text in before])
        found = []
        for theme in find_themes([text for _, text in letters]):
            same = sum(len(p.members) for p in past if alike(theme.keys, p.keys) >= SAME_THEME)
            numbers = tuple(letters[i][0] for i in theme.members)
            shown = tuple((letters[i][0], fold(letters[i][1])[:_QUOTE]) for i in theme.members[:EXAMPLES])
            found.append(Theme(theme.name, theme.keys, numbers, same, shown))
        return tuple(found)

    def corrections(self, period: Period) -> tuple[Correction, ...]:
        """Sentences of drafts that people changed, the most often changed first. What was sent as it was counts too."""
        with self._store.read() as tx:
            return group_corrections(tx.improvement.sent(period))


def group_corrections(many: Iterable[Sent]) -> tuple[Correction, ...]:
    """Corrections by category and sentence; a sentence nobody changed is none."""
    written: Counter[tuple[str, str]] = Counter()
    instead: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    tickets: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in many:
        kept = [fold(part) for part in _parts(one.sent)]
        drafted = [fold(part) for part in _parts(one.drafted)]
        new = [part for part in kept if part not in drafted]
        for sentence in dict.fromkeys(drafted):
            key = (one.category, sentence)
            written[key] += 1
            if sentence in kept:
                continue
            best = max(new, key=lambda part: fuzz.ratio(sentence, part), default="")
            instead[key][best if fuzz.ratio(sentence, best) >= SAME_SENTENCE else ""] += 1
            tickets[key].append(one.ticket_id)
    found = [
        Correction(
            category=key[0],
            sentence=key[1],
            changed=len(numbers),
            written=written[key],
            tickets=tuple(numbers),
            instead=tuple(words for words, _ in instead[key].most_common(EXAMPLES)),
        )
        for key, numbers in tickets.items()
    ]
    return tuple(sorted(found, key=lambda c: (-c.changed, c.written, c.category, c.sentence)))


def word_diff(drafted: str, sent: str) -> tuple[Change, ...]:
    """The words of a draft against the words sent, in order."""
    before, after = drafted.split(), sent.split()
    changes: list[Change] = []
    for step in Indel.opcodes(before, after):
        old = " ".join(before[step.src_start : step.src_end])
        new = " ".join(after[step.dest_start : step.dest_end])
        kept = step.tag == "equal"
        if changes and not kept and not changes[-1].kept:
            last = changes.pop()
            old, new = f"{last.drafted} {old}".strip(), f"{last.sent} {new}".strip()
        changes.append(Change(kept, old, new))
    return tuple(changes)


def _parts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]
