"""All values of a text at once, each token used by one value only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from supportdesk.rules.amounts import quantities
from supportdesk.rules.dates import dates
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, word_set

_MINUTES = re.compile(r"\d{1,2}[.:]\d{2}")
"""An hour with its minutes: "9.50 uur" is no length of time."""


def readings(tokens: Sequence[Token], language: str = "") -> tuple[Value, ...]:
    """Values in order. Dates win over numbers; lengths of time and money win over bare dates and clocks."""
    strong: list[Value] = []
    weak: list[Value] = []
    for value in quantities(tokens):
        (strong if value.kind in ("amount", "duration", "percent", "quantity") else weak).append(value)
    used: set[int] = set()
    kept: list[Value] = []
    dated = dates(tokens, language)
    hours = {v.first for v in dated if v.kind == "time"}
    strong = [v for v in strong if not (v.first in hours and v.unit == "hour" and _is_clock(tokens, v))]
    for value in [*strong, *dated, *weak]:
        covered = range(value.first, value.last + 1)
        other_end = kept and kept[-1].kind == value.kind == "time" and kept[-1].first == value.first
        if used.isdisjoint(covered) or other_end:
            used.update(covered)
            kept.append(value)
    return tuple(sorted(kept, key=lambda v: v.start))


def _is_clock(tokens: Sequence[Token], value: Value) -> bool:
    """Whether "16 h", "16h" or "16 uur" is the time of day."""
    last = tokens[value.last].text.casefold()
    before = tokens[value.first - 1].text if value.first else ""
    if last == "uur":
        minutes = _MINUTES.fullmatch(tokens[value.first].text) is not None
        ranged = any(t.text == "tot" for t in tokens[value.first : value.last])
        # "een hersteltijd van acht uur" is a length, "van 9 tot 17 uur" is not.
        return minutes or (before in word_set("dates.toml", "small", "clock") and (before != "van" or ranged))
    return last.endswith("h")
