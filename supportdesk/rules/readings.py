"""All values of a text at once, each token used by one value only."""

from __future__ import annotations

from collections.abc import Sequence

from supportdesk.rules.amounts import quantities
from supportdesk.rules.dates import dates
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value


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
    strong = [v for v in strong if not (v.first in hours and v.unit == "hour" and tokens[v.last].text == "h")]
    for value in [*strong, *dated, *weak]:
        covered = range(value.first, value.last + 1)
        if used.isdisjoint(covered):
            used.update(covered)
            kept.append(value)
    return tuple(sorted(kept, key=lambda v: v.start))
