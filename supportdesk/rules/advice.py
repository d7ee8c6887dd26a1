"""Advice that only a professional may give: a field's words in a sentence that directs or reassures."""

from __future__ import annotations

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import FindingKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark
from supportdesk.rules.matching import closest
from supportdesk.rules.sources import SourceIndex

_FIELDS = ("medical", "legal", "financial", "safety")
_COVERED = 0.5
"""How like an article's line a sentence must be to count as its rule told again."""


def findings(draft: Draft, index: SourceIndex) -> list[Finding]:
    """Sentences that advise on health, law, money or safety; at most one finding each."""
    found = []
    near = _nearby(draft)
    for number, statement in enumerate(draft.statements):
        field = "" if statement.frame else _field(statement, near[number])
        if field and _advises(statement, field) and not _told(statement, draft, index):
            found.append(
                mark(
                    draft,
                    (statement.start, statement.end),
                    FindingKind.ADVICE,
                    field,
                    f"It gives {field} advice that no article covers.",
                    "Take it out, or point to somebody qualified.",
                )
            )
    return found


def _nearby(draft: Draft) -> list[frozenset[str]]:
    """For each statement, the fields its neighbours speak of: "take two" is medical beside "your headache"."""
    strong = [frozenset(f for f in _FIELDS if s.has(f"advice.{f}")) for s in draft.statements]
    return [
        frozenset().union(*strong[max(0, at - 1) : at], *strong[at + 1 : at + 2]) for at in range(len(draft.statements))
    ]


def _field(statement: Statement, near: frozenset[str]) -> str:
    """The professional field a statement speaks of; empty for none."""
    scores = {}
    for field in _FIELDS:
        strong = len(statement.hits.get(f"advice.{field}", ()))
        weak = len(statement.hits.get(f"advice.{field}_weak", ()))
        scores[field] = 2 * strong + weak + (field in near)
    best = max(_FIELDS, key=lambda f: scores[f])
    return best if scores[best] >= 2 else ""


def _advises(statement: Statement, field: str) -> bool:
    """Whether the statement directs or reassures rather than refers, warns or asks."""
    if statement.question or (statement.has("advice.refers") and not _waved_off(statement)):
        return False
    assures = _unnegated(statement, "assures")
    directs = _unnegated(statement, "directive")
    if field == "safety":
        return not statement.has("advice.caution") and (assures or directs)
    return assures or directs


def _waved_off(statement: Statement) -> bool:
    """Whether a professional is named only to say that none is needed: "no need to see a doctor"."""
    return any(
        d.last < r.first and r.first - d.last <= 4
        for d in statement.hits.get("commitments.not", ())
        for r in statement.hits.get("advice.refers", ())
    )


def _unnegated(statement: Statement, name: str) -> bool:
    return bool(statement.hits.get(f"advice.{name}", ()))


def _told(statement: Statement, draft: Draft, index: SourceIndex) -> bool:
    """Whether an article says the same."""
    likeness, _ = closest(statement.topic, draft.language, index)
    return likeness >= _COVERED
