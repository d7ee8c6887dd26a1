"""Named kinds (a tariff, a plan, a fare) a draft says the customer has, where a record names another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import FindingKind, SourceKind, Support
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tokens import Token, fold_word
from supportdesk.rules.topics import topic

_LONGEST = 3
"""Words a kind's name has at most."""


class _Kinds(NamedTuple):
    """What a record says the customer has, and what others of the sort are called."""

    line: Line
    own: frozenset[str]
    others: frozenset[str]


def claims(draft: Draft, index: SourceIndex) -> Iterator[tuple[Claim, Finding | None]]:
    """Each kind a draft says the customer has, with a finding where the record names another."""
    known = index.remembered("variants", _known)
    assert isinstance(known, tuple)
    if not known:
        return
    for statement in draft.statements:
        if statement.frame or statement.question:
            continue
        for first, after in statement.clauses:
            if _has(statement, first, after):
                yield from _judged(draft, statement.tokens[first:after], known)


def _judged(draft: Draft, words: Sequence[Token], known: tuple[_Kinds, ...]) -> Iterator[tuple[Claim, Finding | None]]:
    named = {t.text for t in words if _capital(draft, t)}
    for kinds in known:
        wrong = named & kinds.others
        if wrong and not kinds.own & {t.text for t in words}:
            token = next(t for t in words if t.text in wrong and _capital(draft, t))
            yield _contradicted(draft, token, kinds.line)
            return


def _contradicted(draft: Draft, token: Token, line: Line) -> tuple[Claim, Finding]:
    quote = draft.text[token.start : token.end]
    finding = mark(
        draft,
        (token.start, token.end),
        FindingKind.FACT,
        "contradicted",
        f"It says {quote}, but {place_name(line)} says “{said(line)}”.",
        "Correct it, or show where it stands.",
        rule="fact.variant.contradicted",
        evidence=(line.evidence,),
    )
    return Claim(token.start, token.end, quote, "name", Support.CONTRADICTED, (line.evidence,)), finding


def _has(statement: Statement, first: int, after: int) -> bool:
    """Whether a clause says what the customer has now, not what they could have."""
    loose = any(statement.within(f"commitments.{n}", first, after) for n in ("can", "future", "condition", "hedge"))
    return bool(statement.within("statements.having", first, after)) and not loose


def _known(index: SourceIndex) -> tuple[_Kinds, ...]:
    beside = _beside(index)
    found = []
    for line in index.lines:
        names = frozenset(t.text for t in line.tokens if t.kind == "w")
        if line.source is not SourceKind.RECORD or not 1 <= len(line.tokens) <= _LONGEST or not line.text[:1].isupper():
            continue
        sorts = {sort for sort, named in beside.items() if names & named}
        others = frozenset().union(*(beside[sort] for sort in sorts)) - names
        if sorts and others:
            found.append(_Kinds(line, names, others))
    return tuple(found)


def _beside(index: SourceIndex) -> Mapping[str, frozenset[str]]:
    """For each thing articles name kinds of ("ticket"), the capitalised words beside it ("Saver", "Standard")."""
    found: dict[str, set[str]] = {}
    for line in index.lines:
        if line.source is not SourceKind.ARTICLE:
            continue
        for at, token in enumerate(line.tokens):
            raw = line.text[token.start - line.start : token.end - line.start]
            if token.kind != "w" or not raw[:1].isupper() or (line.language == "de" and at == 0):
                continue
            for near in (at - 1, at + 1):
                if 0 <= near < len(line.tokens) and line.tokens[near].kind == "w":
                    for sort in topic([line.tokens[near]], line.language):
                        found.setdefault(sort, set()).add(fold_word(raw))
    return {sort: frozenset(named) for sort, named in found.items() if len(named) > 1}


def _capital(draft: Draft, token: Token) -> bool:
    return token.kind == "w" and draft.text[token.start].isupper()
