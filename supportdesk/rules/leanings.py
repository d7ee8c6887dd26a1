"""What learned weights say of a draft's statements: whether they bind us, hurt the reader, or advise.

The weights come from labelled sentences and drafts (`tests/tools/train_check.py`) and lie in a file people can
read: a trait a line, and what it adds to which score, in hundredths.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from math import exp

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.words import Author, SourceKind, Support
from supportdesk.rules.bindings import Binding
from supportdesk.rules.commitments import bindings
from supportdesk.rules.covered import covered
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.matching import closest, match
from supportdesk.rules.sources import SourceIndex
from supportdesk.rules.tables import once
from supportdesk.rules.traits import Traits, traits

_SCALE = 100
_VALUES = frozenset(("amount", "percent", "date", "weekday", "relative", "period", "time", "duration"))
_LEAST, _MOST, _STEPS = 0.25, 0.75, 8
"""How alike a source line must be to be told of, where more likeness says no more, and how finely it is told."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """One thing a statement may do, how likely it does it, and in which way."""

    probability: float
    """0 to 1."""
    kind: str
    """money, deadline, blame, medical…: the likeliest."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement with all that was found out about how it is meant."""

    statement: Statement
    """The statement."""
    bindings: tuple[tuple[Binding, tuple[Evidence, ...]], ...]
    """Its clauses that bind by their grammar, each with the lines that already say so."""
    leanings: Mapping[str, Leaning]
    """What the weights say of it; nothing for a greeting."""

    def leans(self, head: str, bar: float) -> bool:
        """Whether it does something at least this likely."""
        return head in self.leanings and self.leanings[head].probability >= bar


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned."""

    heads: Mapping[str, tuple[int, ...]]
    """By what a statement may do, its own score's index and those of its kinds."""
    names: tuple[str, ...]
    """The scores, in order."""
    bias: tuple[float, ...]
    """Where each score starts."""
    rows: Mapping[str, tuple[tuple[int, float], ...]]
    """By trait, what it adds to which scores."""


def leanings(found: Traits, weights: Weights | None = None) -> dict[str, Leaning]:
    """For each thing a statement may do, its likelihood and likeliest kind."""
    known = weights or learned()
    totals = list(known.bias)
    rows = known.rows
    for name, value in found.items():
        for index, weight in rows.get(name, ()):
            totals[index] += weight * value
    return {
        head: Leaning(_probability(totals[own]), known.names[max(kinds, key=totals.__getitem__)])
        for head, (own, *kinds) in known.heads.items()
    }


def weigh(draft: Draft, index: SourceIndex) -> tuple[Weighed, ...]:
    """Every statement of a draft, read by its grammar, beside its sources, and by the learned weights."""
    found = []
    for statement in draft.statements:
        every = bindings(statement, draft.language or "en")
        covering = tuple((b, covered(statement, b, draft, index)) for b in every)
        judged: Mapping[str, Leaning] = {}
        if not statement.frame:
            over = [b for b, lines in covering if lines]
            judged = leanings(seen(statement, draft, index, every, over))
        found.append(Weighed(statement, covering, judged))
    return tuple(found)


def seen(
    statement: Statement, draft: Draft, index: SourceIndex | None, every: Sequence[Binding], over: Iterable[Binding]
) -> Traits:
    """The traits of a statement beside its sources: what the other rules found, and what the sources hold of it.

    `over` are the bindings the sources already hold. Without an index, as for a labelled sentence by itself, only
    the words and the rules speak.
    """
    told = {binding.rule for binding in every}
    if any(True for _ in over):
        told.add("covered")
    if index is not None:
        told.update(_sourced(statement, draft, index))
    return traits(statement, draft.language or "en", told)


def _sourced(statement: Statement, draft: Draft, index: SourceIndex) -> Iterable[str]:
    for name, kind in (("art", SourceKind.ARTICLE), ("rec", SourceKind.RECORD)):
        alike, _ = closest(statement.topic, draft.language, index, (kind,))
        if alike >= _LEAST:
            yield f"{name} {int(min(alike, _MOST) * _STEPS)}"
    for value in statement.values:
        if value.kind not in _VALUES:
            continue
        found = match(value, statement.topic, draft.language, index)
        if found.support is not Support.SUPPORTED or not found.lines:
            yield f"in {found.support.value}"
            continue
        line = found.lines[0]
        yield f"in {line.author or Author.CUSTOMER}" if line.source is SourceKind.MESSAGE else f"in {line.source}"


def _probability(score: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


@once
def learned() -> Weights:
    """The packaged weights."""
    text = resources.files("supportdesk.rules").joinpath("data/leanings.json").read_text(encoding="utf-8")
    return parse(json.loads(text))


def parse(raw: Mapping[str, object]) -> Weights:
    """Weights from what the training wrote."""
    heads, bias, rows = raw["heads"], raw["bias"], raw["rows"]
    assert isinstance(heads, dict)
    assert isinstance(bias, list)
    assert isinstance(rows, dict)
    names: list[str] = []
    numbered: dict[str, tuple[int, ...]] = {}
    for head, kinds in heads.items():
        numbered[head] = tuple(range(len(names), len(names) + 1 + len(kinds)))
        names += [head, *kinds]
    return Weights(
        heads=numbered,
        names=tuple(names),
        bias=tuple(value / _SCALE for value in bias),
        rows={name: tuple((row[i], row[i + 1] / _SCALE) for i in range(0, len(row), 2)) for name, row in rows.items()},
    )
