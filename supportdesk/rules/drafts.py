"""A draft, taken apart once for all checks: statements, their clauses, words, values and phrases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from supportdesk.rules.identifiers import Identifier, identifiers
from supportdesk.rules.language import UNKNOWN, detect, leads
from supportdesk.rules.phrases import Hit, Phrases
from supportdesk.rules.readings import readings
from supportdesk.rules.sentences import sentences
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token, tokens
from supportdesk.rules.topics import LANGUAGES, topic
from supportdesk.rules.values import Value, word_set

TABLES = {
    "statements": (),
    "commitments": (),
    "tone": ("angry", "grief", "hard"),
    "advice": (),
    "privacy": ("sensitive",),
}
"""Data files whose phrases are looked for in every statement, and their classes that are for threads only."""
_FEW = 8
"""Words a draft needs before its own language is believed over the thread's."""
_BREAKS = frozenset(",;:()—–")


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a draft."""

    start: int
    """Offset in the draft."""
    end: int
    """Offset just after it."""
    text: str
    """Its words."""
    tokens: tuple[Token, ...]
    """Its words and signs; offsets count from the draft's beginning."""
    values: tuple[Value, ...]
    """Numbers, amounts and dates in it."""
    topic: frozenset[str]
    """What it is about."""
    hits: Mapping[str, tuple[Hit, ...]]
    """Phrases found, by `table.class`."""
    clauses: tuple[tuple[int, int], ...]
    """Token ranges (first, after last) between commas and joints."""
    question: bool
    """Whether it asks."""
    frame: bool
    """Whether it is a greeting, a signature or another courtesy without content."""

    def has(self, *names: str) -> bool:
        """Whether any phrase of one of these classes stands in it."""
        return any(name in self.hits for name in names)

    def within(self, name: str, first: int, after: int) -> tuple[Hit, ...]:
        """Hits of a class that lie in a token range."""
        return tuple(h for h in self.hits.get(name, ()) if first <= h.first and h.last < after)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Offsets of a token range in the draft, `last` included."""
        return self.tokens[first].start, self.tokens[last].end


@dataclass(frozen=True)
class Draft:
    """A draft's text and its statements."""

    text: str
    """As written."""
    language: str
    """ISO 639-1 code it is read in; empty where it cannot be told."""
    statements: tuple[Statement, ...]
    """In order."""

    @cached_property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The personal identifiers in it, looked for once."""
        return identifiers(self.text)


def read(text: str, fallback: str = "") -> Draft:
    """Take a draft apart; `fallback` is the language to read it in where it is too short to tell."""
    code = detect(text)
    language = "" if code == UNKNOWN else code
    if fallback and len(text.split()) < _FEW and not leads(text, code, fallback):
        language = fallback
    tables = phrases(language or fallback or "en")
    statements = []
    spans = sentences(text)
    for number, span in enumerate(spans):
        body = text[span.start : span.end]
        words = tokens(body, span.start)
        if words:
            place = (number == 0, number >= len(spans) - 3)
            statements.append(_statement(body, span.start, words, language or fallback or "en", tables, place))
    return Draft(text, language, tuple(statements))


def _statement(
    body: str, start: int, words: tuple[Token, ...], language: str, tables: Phrases, place: tuple[bool, bool]
) -> Statement:
    hits: dict[str, list[Hit]] = {}
    for hit in tables.find(words):
        hits.setdefault(hit.name, []).append(hit)
    first, late = place
    return Statement(
        start=start,
        end=start + len(body),
        text=body,
        tokens=words,
        values=readings(words, language),
        topic=frozenset(topic(words, language)),
        hits={name: tuple(found) for name, found in hits.items()},
        clauses=clauses(words, language),
        question=body.rstrip(" \"'»”)*_").endswith(("?", "？")),
        frame=_is_frame(words, hits, first=first, late=late),
    )


def _is_frame(words: Sequence[Token], hits: Mapping[str, Sequence[Hit]], *, first: bool, late: bool) -> bool:
    """Greetings are short and first, closings short and late."""
    spoken = sum(t.kind == "w" for t in words)
    opens = any(h.first == 0 for h in hits.get("statements.greeting", ()))
    closes = any(h.first == 0 for h in hits.get("statements.closing", ()))
    return (
        (opens and spoken <= 6)
        or (late and (closes or spoken <= 3) and spoken <= 6 and not _numbered(words))
        or (first and spoken <= 3 and words[-1].text == ",")
    )


def _numbered(words: Sequence[Token]) -> bool:
    return any(t.kind in "ncl" for t in words)


def clauses(words: Sequence[Token], language: str) -> tuple[tuple[int, int], ...]:
    """Ranges of tokens between commas, colons, brackets, and before "but" or "and we"."""
    cuts = [0]
    code = language if language in LANGUAGES else "en"
    joints = word_set("statements.toml", "joints", code)
    openers = word_set("statements.toml", "openers", code)
    for at, token in enumerate(words):
        if token.kind == "s" and token.text in _BREAKS:
            cuts.append(at + 1)
        elif at and (
            (token.text in joints and at - cuts[-1] >= 3 and len(words) - at >= 4)
            or (_opens(words, at, openers) and at - cuts[-1] >= 2)
        ):
            cuts.append(at)
    cuts.append(len(words))
    return tuple((a, b) for a, b in pairwise(cuts) if b > a)


def _opens(words: Sequence[Token], at: int, openers: frozenset[str]) -> bool:
    """Whether a word begins a clause inside the sentence: "if", "dass", "que"."""
    text = words[at].text
    if text == "that" and at + 1 < len(words):
        return words[at + 1].text in word_set("statements.toml", "openers", "that")
    before = words[at - 1].text
    after = words[at + 1].text if at + 1 < len(words) else ""
    if text == "once" and before in ("at", "this", "just", "only"):
        return False
    if text == "dat" and before in word_set("statuses.toml", "keys", "verbs"):
        return False  # "is dat gratis": a pronoun
    if text in ("ya", "ja") and after != "que":
        return False
    return text in openers


@once
def phrases(language: str) -> Phrases:
    """All tables' phrases for one language; for one we have no words for, the English ones."""
    code = language if language in LANGUAGES else "en"
    merged: dict[str, list[str]] = {}
    for name, others in TABLES.items():
        for kind, entries in table(f"{name}.toml").get(code, {}).items():
            if kind not in others:
                merged[f"{name}.{kind}"] = entries
    return Phrases(merged)
