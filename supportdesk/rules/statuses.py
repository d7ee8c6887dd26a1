"""What a draft says of the state of an order, payment or account, against what the records say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind, Support
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import word_set

_REACH = 5
"""How many words before a state its verb may stand."""


class State(NamedTuple):
    """One state and what it is a state of."""

    name: str
    """pending, shipped, delivered, …"""
    holds: bool
    """False where it is denied."""
    subjects: frozenset[str]
    """What it is a state of: topic words, as the data file lists them."""
    first: int
    """Index of its first token."""
    last: int
    """Index of its last."""


def claims(draft: Draft, index: SourceIndex) -> Iterator[tuple[Claim, Finding | None]]:
    """Each state a draft asserts, with what the records say about it."""
    known = index.remembered("states", _recorded)
    assert isinstance(known, tuple)
    for statement in draft.statements:
        if statement.frame or statement.question or _supposed(statement):
            continue
        for state in _asserted(statement):
            judged = _judged(draft, statement, state, known, index)
            if judged is not None:
                yield judged
                break


def _supposed(statement: Statement) -> bool:
    """Whether the statement speaks of what would be: "if it has been delivered"."""
    return statement.has("commitments.condition") or statement.has("commitments.future")


def _asserted(statement: Statement) -> Iterator[State]:
    verbs = word_set("statuses.toml", "keys", "verbs")
    subjects = statement.topic
    for state in states(statement.tokens, subjects):
        before = statement.tokens[max(0, state.first - _REACH) : state.first]
        able = any(h.last < state.first <= h.last + _REACH for h in statement.hits.get("commitments.can", ()))
        able = able or any(t.text == "to" for t in before[-3:]) or statement.has("commitments.generic")
        if subjects and not able and any(t.text in verbs or t.text == ":" for t in before):
            denied = any(
                h.last < state.first and state.first - h.last <= _REACH
                for h in statement.hits.get("commitments.not", ())
            )
            yield state._replace(holds=not denied)


def states(tokens: Sequence[Token], subjects: frozenset[str]) -> list[State]:
    """The states named among tokens, the longest phrase where several begin together."""
    found: dict[int, State] = {}
    for hit in _phrases().find(tokens):
        if hit.first not in found or found[hit.first].last < hit.last:
            found[hit.first] = State(hit.name, True, subjects, hit.first, hit.last)
    return [found[at] for at in sorted(found)]


def _recorded(index: SourceIndex) -> tuple[tuple[Line, State], ...]:
    """The states the records hold."""
    found = []
    names = word_set("statuses.toml", "keys")
    flags = word_set("statuses.toml", "keys", "flags")
    subjects = word_set("statuses.toml", "subjects")
    for line in index.lines:
        if line.source is not SourceKind.RECORD:
            continue
        key = line.ref.rsplit(".", 1)[-1].casefold().replace("-", "_")
        parts = set(key.split("_"))
        named = {w for w in line.setting if w not in names}
        about = frozenset(named) or (line.kin & subjects)
        if parts & names or key in names:
            found += [(line, s) for s in states(line.tokens, about)[:1]]
        elif parts & flags:
            holds = line.text.casefold() not in ("false", "no", "0", "never", "none")
            state = _flag(next(p for p in key.split("_") if p in flags))
            if state:
                found.append((line, State(state, holds, about, 0, 0)))
    return tuple(found)


def _judged(
    draft: Draft, statement: Statement, state: State, known: Sequence[tuple[Line, State]], index: SourceIndex
) -> tuple[Claim, Finding | None] | None:
    named = {v.norms[0] for v in statement.values if v.kind == "reference"}
    groups = {line.group for n in named for line, _ in index.by_norm.get(("reference", n), ())}
    fitting = [(line, s) for line, s in known if _same_subject(state, s) and (not groups or _within(line, groups))]
    agreeing = [(line, s) for line, s in fitting if _agrees(state, s)]
    against = [(line, s) for line, s in fitting if _conflicts(state, s)]
    place = statement.span(state.first, state.last)
    quote = draft.text[place[0] : place[1]]
    if agreeing:
        return Claim(*place, quote, "status", Support.SUPPORTED, (agreeing[0][0].evidence,)), None
    if against:
        line = against[0][0]
        finding = mark(
            draft,
            (statement.start, statement.end),
            FindingKind.FACT,
            "contradicted",
            f"It says “{quote}”, but {place_name(line)} says “{said(line)}”.",
            "Correct it, or show where it stands.",
            rule="fact.status.contradicted",
            evidence=(line.evidence,),
        )
        return Claim(*place, quote, "status", Support.CONTRADICTED, (line.evidence,)), finding
    spoken = next((line for line in index.lines if line.author and _says(line, state)), None)
    if spoken is not None:
        return Claim(*place, quote, "status", Support.SUPPORTED, (spoken.evidence,)), None
    return None


def _says(line: Line, state: State) -> bool:
    """Whether an agent or a note says the same."""
    if line.author is Author.CUSTOMER or not line.topic & state.subjects:
        return False
    return any(s.name == state.name for s in states(line.tokens, line.topic))


def _within(line: Line, groups: set[str]) -> bool:
    return any(line.group == g or line.group.startswith(g + ".") or g.startswith(line.group + ".") for g in groups if g)


def _same_subject(mine: State, theirs: State) -> bool:
    of = word_set("statuses.toml", "only_of", mine.name) if mine.name in table("statuses.toml")["only_of"] else None
    if of is not None and not theirs.subjects & of:
        return False
    if not theirs.subjects:
        return True
    alike = word_set("statuses.toml", "subjects", "alike")
    return any(a == b or a + b in alike or b + a in alike for a in mine.subjects for b in theirs.subjects)


def _agrees(mine: State, theirs: State) -> bool:
    if mine.holds and theirs.holds:
        return mine.name == theirs.name or (mine.name, theirs.name) in (("shipped", "delivered"), ("paid", "shipped"))
    return mine.name == theirs.name and mine.holds == theirs.holds


def _conflicts(mine: State, theirs: State) -> bool:
    if mine.holds and theirs.holds:
        return theirs.name in _conflicting().get(mine.name, frozenset())
    return mine.name == theirs.name and mine.holds != theirs.holds


@once
def _conflicting() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in table("statuses.toml")["conflicts"].items()}


@once
def _phrases() -> Phrases:
    return Phrases(table("statuses.toml")["states"])


@lru_cache(maxsize=4096)
def _flag(word: str) -> str:
    """The state a key like `refund_issued` is about."""
    special = {"issued": "refunded", "sent": "shipped", "received": "delivered", "enabled": "active"}
    return special.get(word) or next((n for n, ps in table("statuses.toml")["states"].items() if word in ps), "")
