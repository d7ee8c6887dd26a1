"""Claims: every number, amount, date, time span and reference of a draft, looked for in thread, records, articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind, Support
from supportdesk.rules.days import resolved
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.matching import Match, match
from supportdesk.rules.rates import reckoned_otherwise
from supportdesk.rules.reckoned import reckoned
from supportdesk.rules.sources import Line, SourceIndex, keys
from supportdesk.rules.sums import derived
from supportdesk.rules.topics import topic
from supportdesk.rules.values import Value, word_set

_HARD = frozenset(("amount", "percent", "date", "duration", "reference", "time", "quantity", "version"))
_WHEN = frozenset(("date", "weekday", "time", "percent"))
"""Kinds of value that are worth a look in a promise too."""
_BESIDE = ("duration", "date", "reference", "quantity", "percent", "amount")
"""Kinds of value that, said beside another, tell which line is meant."""
_OFTEN = 2
"""How many words after "once" its year or month may stand."""
_NEAR = 3
"""How many words a date may stand after its weekday: "Donnerstag, den 26. März"."""
_ALIKE = 0.25
"""How like a line must be before its figure's unit is held against the statement's."""
_PART = 2
"""Topic words a part of a sentence needs to be compared by itself."""
_AGAINST = 0.45
"""How like a line must be to be worth a look though the value follows from others."""
_SURE = 0.5
"""How like a line must be before "a year" is held against its "two years"."""
_NAMES = {
    "amount": "amount",
    "percent": "percentage",
    "date": "date",
    "duration": "time span",
    "reference": "number",
    "time": "time",
    "quantity": "quantity",
    "version": "version",
    "number": "number",
    "weekday": "day",
    "relative": "day",
    "period": "period",
}


def value_claims(
    draft: Draft, index: SourceIndex, bound: frozenset[tuple[int, int]]
) -> Iterator[tuple[Claim, Finding | None]]:
    """Each value a draft states, with what the sources say; what lies in a promise (`bound`) is no fact yet."""
    phones = [(i.start, i.end) for i in draft.identifiers if i.kind == "phone"]
    for statement in draft.statements:
        for value in statement.values:
            if any(start < value.end and value.start < end for start, end in phones):
                continue  # The number is looked up whole.
            if _dated(statement, value, index):
                continue
            if _is_said(statement, value):
                yield _judged(statement, value, draft, index, promised=_promised(value, bound))


def _dated(statement: Statement, value: Value, index: SourceIndex) -> bool:
    """Whether a weekday stands right before a date that falls on it: "Wednesday 13 May"."""
    if value.kind != "weekday" or len(value.norms) > 1:
        return False
    for other in statement.values:
        if other.kind == "date" and 0 < other.first - value.last <= _NEAR:
            days = [d for d in resolved(other, index.today) if d is not None]
            return not days or any(d.weekday() in value.norms for d in days)
    return False


def _promised(value: Value, bound: frozenset[tuple[int, int]]) -> bool:
    """Whether a value belongs to a promise rather than to the state of things."""
    future = value.kind in ("amount", "percent", "duration", "weekday", "time", "number", "quantity", "date")
    return future and any(start <= value.start < end for start, end in bound)


def _is_said(statement: Statement, value: Value) -> bool:
    """Whether a value states a fact: no list number, no "one moment", no courtesy."""
    if statement.frame:
        return False
    text = statement.text[value.start - statement.start : value.end - statement.start]
    if value.start == statement.start and re.match(r"\W*\d{1,2}[.)]\s", statement.text):
        return False
    if value.kind in ("relative", "period"):
        return False
    if value.unit == "times" and Decimal(1) in value.norms:
        return _repeated(statement, value)
    if value.kind == "duration" and not text[0].isdecimal():
        before = statement.tokens[value.first - 1].text if value.first else ""
        one = value.norms[0] == value.norms[-1] and text.split()[0].casefold() in word_set("numbers.toml", "one")
        return before in word_set("numbers.toml", "span_leads") or not _rate(statement, value) if one else True
    if value.kind == "number":
        return value.first == 0 or statement.tokens[value.first - 1].text not in (
            "step",
            "option",
            "schritt",
            "etape",
            "paso",
        )
    return True


def _repeated(statement: Statement, value: Value) -> bool:
    """Whether "once" says how often: "once a year", "einmal im Monat"."""
    return any(v.kind == "duration" and 0 < v.first - value.last <= _OFTEN for v in statement.values)


def _rate(statement: Statement, value: Value) -> bool:
    """Whether "a month" says how often: "29 € a month", "once a week"."""
    before = statement.tokens[value.first - 1] if value.first else None
    if before is None:
        return True
    return before.kind in "nc" or before.text in word_set("numbers.toml", "one", "rates")


def _soft(statement: Statement, value: Value) -> bool:
    """Whether a value is worth a word only where a source says otherwise: "garantis un an", "three times"."""
    if value.unit == "times" or (value.kind == "date" and None in value.norms[0][1:]):  # type: ignore[index]
        return True
    text = statement.text[value.start - statement.start : value.end - statement.start]
    one = text.split()[0].casefold() in word_set("numbers.toml", "one")
    if value.kind != "duration" or text[0].isdecimal() or not one:
        return False
    before = statement.tokens[value.first - 1].text if value.first else ""
    return before not in word_set("numbers.toml", "span_leads")


def _judged(
    statement: Statement, value: Value, draft: Draft, index: SourceIndex, *, promised: bool
) -> tuple[Claim, Finding | None]:
    about = _about(statement, value, draft.language or "en")
    beside = frozenset(k for v in statement.values if v is not value for k in keys(v) if v.kind in _BESIDE)
    others = tuple(v for v in statement.values if v is not value)
    found = match(value, about, draft.language, index, beside, others)
    if found.support is not Support.SUPPORTED:
        loose = found.support is Support.UNSUPPORTED
        terms = derived(value, statement, draft, index, loose=loose)
        if terms := terms or reckoned(value, statement, draft, index, sent=loose):
            # What a line like the statement says otherwise may follow from others by chance.
            found = replace(found, perhaps=True) if found.likeness >= _AGAINST else Match(Support.SUPPORTED, terms)
    if found.support is Support.SUPPORTED and found.likeness >= _ALIKE:
        line = found.lines[0]
        if line.author is not Author.CUSTOMER and reckoned_otherwise(value, statement.tokens, draft.language, line):
            found = Match(Support.CONTRADICTED, found.lines, found.likeness, perhaps=True)
    quote = draft.text[value.start : value.end]
    evidence = tuple(line.evidence for line in found.lines)
    claim = Claim(value.start, value.end, quote, value.kind, found.support, evidence)
    if found.support is Support.SUPPORTED:
        return claim, None
    if found.support is Support.UNSUPPORTED and _soft(statement, value):
        return claim, None
    if _soft(statement, value) and found.likeness < _SURE:
        return claim, None
    if found.support is Support.UNSUPPORTED and promised:
        return claim, _finding(claim, value, found, statement, promised=True) if value.kind in _WHEN else None
    return claim, _finding(claim, value, found, statement)


def _about(statement: Statement, value: Value, language: str) -> frozenset[str]:
    """The topic of a value's sentence, or of its part between semicolons where that says enough."""
    cuts = [at for at, token in enumerate(statement.tokens) if token.text == ";"]
    if not cuts:
        return statement.topic
    first = max((at for at in cuts if at < value.first), default=-1) + 1
    after = min((at for at in cuts if at > value.first), default=len(statement.tokens))
    part = frozenset(topic(statement.tokens[first:after], language))
    return part if len(part) >= _PART else statement.topic


def _finding(claim: Claim, value: Value, found: Match, statement: Statement, *, promised: bool = False) -> Finding:
    name = _NAMES.get(value.kind, value.kind)
    if found.support is Support.CONTRADICTED:
        line = found.lines[0]
        return Finding(
            kind=FindingKind.FACT,
            subkind="contradicted",
            start=claim.start,
            end=claim.end,
            quote=claim.quote,
            why=f"{_place(line)} says otherwise: “{line.text.strip()[:120]}”.",
            evidence=claim.evidence,
            blocking=not (found.told or found.perhaps)
            and line.author is not Author.CUSTOMER
            and (value.kind != "amount" or found.likeness >= _SURE or line.source is SourceKind.RECORD),
            settle=f"Correct the {name}, or show where it stands.",
            rule=f"fact.{value.kind}.contradicted",
        )
    blocking = value.kind in _HARD and not statement.question and not statement.has("commitments.condition")
    # Half of what, no source need say; a promise holds approval by itself.
    blocking = blocking and value.unit != "share" and not promised
    return Finding(
        kind=FindingKind.FACT,
        subkind="unsupported",
        start=claim.start,
        end=claim.end,
        quote=claim.quote,
        why=f"This {name} stands in no message, record or article.",
        evidence=(),
        blocking=blocking,
        settle=f"Show where the {name} comes from, or take it out.",
        rule=f"fact.{value.kind}.unsupported",
    )


def _place(line: Line) -> str:
    """How a sentence names a source."""
    if line.source is SourceKind.RECORD:
        return f"The record {line.ref}"
    if line.source is SourceKind.ARTICLE:
        return f"The article {line.ref}"
    who = {Author.CUSTOMER: "customer’s", Author.AGENT: "agent’s", Author.INTERNAL: "internal"}
    return f"The {who[line.author or Author.CUSTOMER]} message {int(line.ref) + 1}"
