"""Whether a sentence that sounds binding only repeats what records, articles or earlier messages already say."""

from __future__ import annotations

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.words import Author, SourceKind, Support
from supportdesk.rules.bindings import Binding
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.matching import closest, likeness, match
from supportdesk.rules.policies import contradicts, costs_alike
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.values import Value, word_set

_RULE = 0.42
"""How like an article's line a sentence must be to count as its rule told again."""
_TOLD = 0.5
"""How like an earlier message a sentence must be to count as told again."""
_FEW = 2
"""Topic words a sentence and its line must share at least."""
_OURS = (".act", ".deed", ".performed")
"""Ends of the rules that saw us act ourselves, not the rule told."""
_TIMES = ("date", "weekday", "relative", "period", "time", "duration")


def covered(statement: Statement, binding: Binding, draft: Draft, index: SourceIndex) -> tuple[Evidence, ...]:
    """The lines that already say what a binding sentence says; empty where none does, and it binds anew."""
    if binding.kind == "exception":
        return ()
    for find in (_done, _scheduled, _ruled, _promised):
        line = find(statement, binding, draft, index)
        if line is not None:
            return (line.evidence,)
    return ()


def _values(statement: Statement, *, times: bool = True) -> list[Value]:
    kinds = ("amount", "percent", *(_TIMES if times else ()))
    return [v for v in statement.values if v.kind in kinds]


def _supporting(value: Value, statement: Statement, draft: Draft, index: SourceIndex) -> Line | None:
    found = match(value, statement.topic, draft.language, index)
    return found.lines[0] if found.support is Support.SUPPORTED and found.lines else None


def _done(statement: Statement, binding: Binding, draft: Draft, index: SourceIndex) -> Line | None:
    """A record or note that shows the deed: same concept, no refusal, every amount and date in it."""
    if not binding.done:
        return None
    for value in _values(statement):
        if value.kind != "relative" and _supporting(value, statement, draft, index) is None:
            return None
    acts = statement.topic & word_set("statuses.toml", "deeds", "money" if binding.kind == "money" else "words")
    if not acts:
        return None
    if statement.has("commitments.service_noun") and binding.kind == "service":
        acts = acts & {"=replace", "=exchange", "=upgrade", "=booking"}
    needed = min(_FEW, len(statement.topic))
    refusals = word_set("statuses.toml", "deeds", "refusals")
    for line in index.lines:
        if line.source is SourceKind.ARTICLE or line.author is Author.CUSTOMER:
            continue
        shown = acts & (line.topic | line.setting)
        words = {t.text for t in line.tokens}
        if shown and len(statement.topic & (line.topic | line.setting | line.kin)) < needed:
            continue
        if shown and not words & refusals and (line.source is SourceKind.RECORD or _says_done(line)):
            return line
    return None


def _says_done(line: Line) -> bool:
    """Whether a message says that something has been done, not that somebody wants it."""
    return any(t.text in word_set("statuses.toml", "keys", "verbs") or t.text == "done" for t in line.tokens)


def _scheduled(statement: Statement, binding: Binding, draft: Draft, index: SourceIndex) -> Line | None:
    """A record that holds the date or time somebody is told to expect."""
    if binding.rule.endswith(_OURS) and not binding.done:
        return None
    times = [v for v in _values(statement) if v.kind in _TIMES]
    if not times or statement.has("commitments.sure_deadline"):
        return None
    best = None
    for value in _values(statement):
        line = _supporting(value, statement, draft, index)
        if line is None or (line.source is not SourceKind.RECORD and line.author is not Author.AGENT):
            return None
        if not statement.topic & (line.topic | line.setting | line.kin):
            return None
        best = best or line
    return best


def _ruled(statement: Statement, binding: Binding, draft: Draft, index: SourceIndex) -> Line | None:
    """An article whose rule the sentence tells again, without an amount or date of its own."""
    alike, line = closest(statement.topic, draft.language, index)
    if binding.kind == "money" and binding.rule.endswith((".phrase", ".unburdened")) and not _values(statement):
        alike_in_cost = costs_alike(statement, draft, index)
        if alike_in_cost is not None and not binding.done and not contradicts(statement, draft, index):
            return alike_in_cost
    if line is None or alike < _RULE or binding.done or len(statement.topic & (line.topic | line.setting)) < _FEW:
        return None
    if binding.rule.endswith(_OURS) and binding.kind != "deadline" and not binding.standing:
        return None
    if statement.has("commitments.sure_deadline") or contradicts(statement, draft, index):
        return None
    for value in _values(statement):
        found = _supporting(value, statement, draft, index)
        if found is None or found.source is not SourceKind.ARTICLE:
            return None
    return line


def _promised(statement: Statement, binding: Binding, draft: Draft, index: SourceIndex) -> Line | None:
    """An agent's own earlier promise, told again with the same amounts and times."""
    del binding
    alike, line = closest(statement.topic, draft.language, index, (SourceKind.MESSAGE,))
    if line is None or line.author is not Author.AGENT or alike < _TOLD or len(statement.topic & line.topic) < _FEW:
        return None
    for value in _values(statement):
        found = _supporting(value, statement, draft, index)
        if found is None or found.author is not Author.AGENT:
            return None
    return line if likeness(statement.topic, draft.language, line, index) >= _TOLD else None
