"""What a binding clause is, and what softens or weighs it."""

from __future__ import annotations

from dataclasses import dataclass

from supportdesk.rules.drafts import Statement
from supportdesk.rules.moods import Mood, clause_of, hits
from supportdesk.rules.topics import LANGUAGES
from supportdesk.rules.values import word_set

ORDER = ("exception", "money", "service", "outcome", "deadline")
"""Kinds of binding, the weightiest first."""
VERBS = ("money", "service", "outcome")
"""Classes of verbs by which we act."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A clause that binds, before its amount and date are read."""

    kind: str
    """money, exception, service, outcome or deadline."""
    first: int
    """Index of its first token in the statement."""
    after: int
    """Index just after its last."""
    rule: str
    """Which rule saw it."""
    done: bool = False
    """Whether it says the thing has been done."""
    standing: bool = False
    """Whether it speaks as a rule would, of nobody in particular."""


def denied(statement: Statement, mood: Mood, at: int, language: str) -> bool:
    """Whether the clause doubts, denies, or only talks of asking, before it comes to the verb."""
    if soft(statement, mood, at, ("hedge", "not")):
        return True
    anywhere = language in ("de", "nl") and (
        hits(statement, "not", mood.first, mood.after) or hits(statement, "hedge", mood.first, mood.after)
    )
    return bool(anywhere) or soft(statement, mood, at, ("process",))


def soft(statement: Statement, mood: Mood, at: int, names: tuple[str, ...]) -> bool:
    """Whether a phrase of one of these classes stands in the clause before a token."""
    return any(h.first < at for name in names for h in hits(statement, name, mood.first, mood.after))


def only_possible(statement: Statement, mood: Mood, at: int, kind: str) -> bool:
    """Whether the verb is only allowed or possible; offering money is more than that."""
    able = [h for h in hits(statement, "can", mood.first, mood.after) if h.first < at]
    if not able:
        return False
    given = kind == "money" and any(
        v.kind in ("amount", "percent") and mood.first <= v.first < mood.after for v in statement.values
    )
    only = any(
        t.text in word_set("statements.toml", "words", "only") for t in statement.tokens[mood.first : mood.after]
    )
    return not (given and mood.we and not only and not mood.generic)


def weightier(statement: Statement, kind: str, first: int, after: int) -> str:
    """A service verb with money as its object gives money: "issue a voucher"."""
    if kind in ("service", "outcome") and (
        hits(statement, "money_noun", first, after)
        or any(v.kind in ("amount", "percent") and first <= v.first < after for v in statement.values)
    ):
        return "money"
    return kind


def harmless(statement: Statement, kind: str, last: int, after: int) -> bool:
    """Whether what is sent or given is only words: a confirmation, a link."""
    if kind == "money":
        return False
    first, _ = clause_of(statement, last)
    words = hits(statement, "harmless", first, after)
    things = (*hits(statement, "money_noun", first, after), *hits(statement, "service_noun", first, after))
    if not words:
        return False
    behind = [h.first for h in things if h.first > last] or [h.first for h in things]
    return not behind or min((h.first for h in words if h.first > last), default=words[0].first) < min(behind)


def definite(statement: Statement, first: int, after: int) -> bool:
    """Whether the clause speaks of one particular thing."""
    words = word_set("statements.toml", "words", "definite")
    return any(t.text in words for t in statement.tokens[first:after])


def is_noun(word: str, language: str) -> bool:
    """Whether an ending makes a word a thing rather than a deed: Lösung, solution, oplossing."""
    return word.endswith(tuple(word_set("commitments.toml", "nouns", language if language in LANGUAGES else "en")))
