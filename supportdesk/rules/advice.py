"""Advice that only a professional may give: a field's words in a sentence that directs or reassures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.leanings import Weighed
from supportdesk.rules.marks import mark
from supportdesk.rules.matching import closest
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.sources import SourceIndex
from supportdesk.rules.tables import table
from supportdesk.rules.topics import LANGUAGES

_FIELDS = ("medical", "legal", "financial", "safety")
_TELLING = 2
"""What the words of a field must add up to: one of its own, or two that others share."""
_BODILY = ("medical", "safety")
"""Fields in which reassuring somebody who asked is advice, whatever the words."""
_RULED, _ALONE, _SURE = 0.1, 0.3, 0.75
"""How likely a statement advises: enough where its words say so, enough without, and enough to hold approval."""
_COVERED = 0.5
"""How like an article's line a sentence must be to count as its rule told again."""


def findings(draft: Draft, index: SourceIndex, weighed: Sequence[Weighed]) -> list[Finding]:
    """Sentences that advise on health, law, money or safety; at most one finding each."""
    found = []
    near = _nearby(draft)
    asked = index.remembered("fields", _fields)
    assert isinstance(asked, frozenset)
    for number, statement in enumerate(draft.statements):
        field = "" if statement.frame else _field(statement, near[number], asked)
        one = weighed[number]
        ruled = bool(field) and _advises(statement, field) and one.leans("advises", _RULED)
        if not ruled and one.leans("advises", _ALONE):
            field = one.leanings["advises"].kind
        elif not ruled:
            continue
        if not _told(statement, draft, index):
            found.append(
                mark(
                    draft,
                    (statement.start, statement.end),
                    FindingKind.ADVICE,
                    field,
                    f"It gives {field} advice that no article covers.",
                    "Take it out, or point to somebody qualified.",
                    rule=f"advice.{field}" if ruled else f"advice.{field}.learned",
                    blocking=one.leans("advises", _SURE),
                )
            )
    return found


def _fields(index: SourceIndex) -> frozenset[str]:
    """The fields the customer's own words speak of."""
    code = index.language if index.language in LANGUAGES else "en"
    found = _phrases(code)
    lines = [line for line in index.lines if line.author is Author.CUSTOMER]
    return frozenset(hit.name for line in lines for hit in found.find(line.tokens))


@lru_cache(maxsize=len(LANGUAGES))
def _phrases(code: str) -> Phrases:
    return Phrases({field: table("advice.toml")[code][field] for field in _FIELDS})


def _nearby(draft: Draft) -> list[frozenset[str]]:
    """For each statement, the fields its neighbours speak of: "take two" is medical beside "your headache"."""
    strong = [frozenset(f for f in _FIELDS if s.has(f"advice.{f}")) for s in draft.statements]
    return [
        frozenset().union(*strong[max(0, at - 1) : at], *strong[at + 1 : at + 2]) for at in range(len(draft.statements))
    ]


def _field(statement: Statement, near: frozenset[str], asked: frozenset[str]) -> str:
    """The professional field a statement speaks of; empty for none."""
    scores = {}
    for field in _FIELDS:
        strong = len(statement.hits.get(f"advice.{field}", ()))
        weak = len(statement.hits.get(f"advice.{field}_weak", ()))
        assured = statement.has("advice.assures") and not statement.has("statements.courtesy", "statements.request")
        scores[field] = (
            2 * strong + weak + (field in near) + (field in asked) * (2 if assured and field in _BODILY else 1)
        )
    best = max(_FIELDS, key=lambda f: scores[f])
    return best if scores[best] >= _TELLING else ""


def _advises(statement: Statement, field: str) -> bool:
    """Whether the statement directs or reassures rather than refers, warns or asks."""
    if statement.question or (statement.has("advice.refers") and not _waved_off(statement)):
        return False
    assures = _unnegated(statement, "assures")
    directs = _unnegated(statement, "directive")
    if field == "safety":
        return not statement.has("advice.caution") and (assures or directs)
    if assures or directs:
        return True
    polite = statement.has("statements.courtesy", "statements.request", "statements.process", "tone.acknowledge")
    return field in ("medical", "financial") and statement.has(f"advice.{field}") and not polite


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
