"""The customer's questions that a draft leaves unanswered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import table
from supportdesk.rules.topics import is_concept

_MOST = 6
"""Questions looked at, the latest; whoever asks more expects no full list."""
_SHARE = 0.3
"""How much of a question's weight a sentence must share to speak of it."""
_GIVES = {
    "time": ("duration", "date", "weekday", "relative", "period", "time"),
    "amount": ("amount", "percent", "number", "quantity"),
}
_FOLLOW_UPS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that stands open when the draft is written."""

    line: Line
    """The sentence that asks it."""
    sort: str
    """time, amount, reason, manner, thing, or empty for yes or no."""
    topic: frozenset[str]
    """What it is about: its own words, or those before it where it has too few."""


def findings(draft: Draft, index: SourceIndex) -> list[Finding]:
    """One finding for each open question that no sentence of the draft takes up."""
    asked = index.remembered("asked", _asked)
    assert isinstance(asked, tuple)
    body = [s for s in draft.statements if not s.frame]
    if not asked or not body:
        return []
    told = [s for s in body if not s.question and not s.has("statements.request")]
    missed = [q for q in asked if not _answered(q, body, told, draft, index, alone=len(asked) == 1)]
    if not told or (len(missed) == len(asked) and any(s.has("statements.request") or s.question for s in body)):
        # A reply that only asks back cannot answer yet.
        return []
    return [_finding(draft, body, question) for question in missed]


def _asked(index: SourceIndex) -> tuple[Asked, ...]:
    """The questions of the customer's messages since an agent last wrote, the latest last."""
    messages = index.sources.thread.messages
    last = max((m.position for m in messages if m.author is Author.AGENT), default=-1)
    recent = [
        line
        for line in index.lines
        if line.source is SourceKind.MESSAGE
        and line.author is Author.CUSTOMER
        and not line.quoted
        and int(line.ref) > last
    ]
    found = []
    for at, line in enumerate(recent):
        hits = {h.name for h in _phrases().find(line.tokens)}
        marked = line.text.rstrip(" )\"'»”*_\n").endswith(("?", "？")) or "indirect" in hits
        small = sum(t.kind == "w" for t in line.tokens)
        if not marked or ("idle" in hits and small <= 10) or small < 2:
            continue
        topic = line.topic
        if len(topic) < 2 and at:
            topic = topic | recent[at - 1].topic
        sorts = [s for s in ("time", "amount", "reason", "manner", "thing") if s in hits]
        found.append(Asked(line, sorts[0] if sorts else "", topic))
    return tuple(found[-_MOST:])


def _answered(
    question: Asked, body: list[Statement], told: list[Statement], draft: Draft, index: SourceIndex, *, alone: bool
) -> bool:
    about = question.topic
    if draft.language != question.line.language:
        about = frozenset(w for w in about if is_concept(w))
    whole = sum(map(index.weight, about)) or 1.0
    wanted = _GIVES.get(question.sort, ())
    for at, statement in enumerate(body):
        shared = sum(map(index.weight, about & statement.topic)) / whole
        holding = any(h.name == "holding" for h in _phrases().find(statement.tokens))
        gives = any(v.kind in wanted for v in statement.values) or (
            question.sort == "amount" and "=free" in statement.topic
        )
        if statement.question:
            continue
        if shared >= _SHARE and (not wanted or gives or holding):
            return True
        neighbour = body[at - 1] if at else None
        near = neighbour and sum(map(index.weight, about & neighbour.topic)) / whole >= _SHARE
        if gives and (shared > 0 or near or len(told) <= _FOLLOW_UPS):
            return True
        if holding and (alone or shared > 0 or near):
            return True
    if not about:
        return True
    everything = frozenset().union(*(s.topic for s in told)) if told else frozenset()
    covered = sum(map(index.weight, about & everything)) / whole
    return covered >= 2 * _SHARE and not wanted


def _finding(draft: Draft, body: list[Statement], question: Asked) -> Finding:
    words = " ".join(question.line.text.split())
    sure = len(question.topic) >= 2 and bool(question.line.text.rstrip().endswith("?"))
    return mark(
        draft,
        (body[0].start, body[-1].end),
        FindingKind.THREAD,
        "unanswered",
        f"The customer asked “{words[:160]}”, and the reply does not take it up.",
        "Answer it, or say when they will hear.",
        evidence=(question.line.evidence,),
        blocking=sure,
        about=f"question {words}",
    )


@cache
def _phrases() -> Phrases:
    data = table("answers.toml")
    names = {name: data[name]["words"] for name in ("indirect", "idle", "holding")}
    return Phrases({**data["sorts"], **names})
