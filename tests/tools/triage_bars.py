"""How likely is likely enough: a bar for each kind of flag, found by trying."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from triage_examples import Example

from supportdesk.domain.words import ALWAYS_ESCALATE, TriggerKind

KINDS = tuple(k.value for k in TriggerKind if k not in (TriggerKind.UNCLEAR, TriggerKind.LOW_CONFIDENCE))
ROUTINE = 0.94
"""Share of the building set's tickets without a trigger that the thresholds leave in peace, out of fold."""
BARS = (0.2, 0.25, 0.3, 0.34, 0.38, 0.42, 0.46, 0.5, 0.55, 0.6, 0.65)
"""Bars that are tried for each kind."""
HARM_FOUND = 0.88
"""Share of what must escalate that the bars let through, out of fold, whatever it costs in calm."""
LOWEST = 0.15
"""No bar lies below this."""
FURTHER = 0.7
"""As in `rules/triggers.py`: share of its bar that is enough for a further kind."""
SHORT_TEXT = 45
"""Letters up to which a text is too terse to stand for real tickets when bars are set."""


def thresholds(judged: Sequence[tuple[Example, dict[str, float]]]) -> dict[str, float]:
    """A bar for each kind: harm is found first, then coordinate ascent on recalls, calm and right paths."""
    rows = [
        (e.kinds, e.kinds | e.may, [p[k] for k in KINDS])
        for e, p in judged
        if e.gist and "unclear" not in e.kinds and len(e.text) > SHORT_TEXT
    ]
    bars = dict.fromkeys(KINDS, 0.4)
    for kind in ALWAYS_ESCALATE:
        having = sorted(chances[KINDS.index(kind)] for kinds, _, chances in rows if kind in kinds)
        bars[kind.value] = round(max(LOWEST, min(0.4, having[int(len(having) * (1 - HARM_FOUND))])), 2)
    best = _worth(rows, bars)
    for _ in range(3):
        for kind in (k for k in KINDS if k not in ALWAYS_ESCALATE):
            for bar in BARS:
                tried = {**bars, kind: bar}
                worth = _worth(rows, tried)
                if worth > best + 1e-9:
                    best, bars = worth, tried
    return bars


def _worth(rows: Sequence[tuple[frozenset[str], frozenset[str], list[float]]], bars: Mapping[str, float]) -> float:
    """How well bars serve: recall of each kind up to its goal, calm tickets left in peace, right paths."""
    limits = [bars[k] for k in KINDS]
    having, hits = [0] * len(KINDS), [0] * len(KINDS)
    calm = quiet = right = 0
    for kinds, allowed, chances in rows:
        up = {k for k, p, bar in zip(KINDS, chances, limits, strict=True) if p >= bar}
        if up:
            up |= {
                k
                for k, p, bar in zip(KINDS, chances, limits, strict=True)
                if p >= bar * FURTHER and k not in ALWAYS_ESCALATE
            }
        right += way(kinds) == way((up - allowed) | kinds if way(up) == way(kinds) else up)
        if not kinds:
            calm += 1
            quiet += not up
        for at, kind in enumerate(KINDS):
            if kind in kinds:
                having[at] += 1
                hits[at] += kind in up
    recalls = [
        min(1.0, hit / max(1, have) / (0.95 if kind in ALWAYS_ESCALATE else 0.86))
        * (2 if kind in ALWAYS_ESCALATE else 1)
        for kind, hit, have in zip(KINDS, hits, having, strict=True)
    ]
    return 3 * right / len(rows) + 3 * min(ROUTINE, quiet / max(1, calm)) + 1.5 * sum(recalls) / len(recalls)


def way(kinds: Iterable[str]) -> int:
    """0 routine, 1 review, 2 escalation."""
    found = set(kinds)
    return 2 if found & ALWAYS_ESCALATE else 1 if found else 0
