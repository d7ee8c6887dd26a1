"""Statements about rules, steps and products, against the line of the sources that speaks of the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind, Support
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.matching import closest
from supportdesk.rules.phrases import Hit, Phrases
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import table
from supportdesk.rules.tokens import Token
from supportdesk.rules.topics import is_plain_word

_ALIKE = 0.42
"""How like a line a statement must be for its opposite to count."""
_SAME = 0.34
"""How like a line a statement must be to rest on it."""
_BEFORE = 3
"""How many words before a word its denial may stand."""
_SOURCES = (SourceKind.ARTICLE, SourceKind.RECORD, SourceKind.MESSAGE)
_FEW = 3


def claims(draft: Draft, index: SourceIndex, bound: frozenset[int]) -> Iterator[tuple[Claim, Finding | None]]:
    """Each statement about how things are, with the line it rests on or that says otherwise."""
    for statement in draft.statements:
        if statement.frame or statement.question or not _states(statement):
            continue
        likeness, line = closest(statement.topic, draft.language, index, _SOURCES)
        if line is None:
            if statement.start not in bound and (unsaid := _unsaid(draft, statement, index)):
                yield unsaid
            continue
        place = (statement.start, statement.end)
        if likeness >= _ALIKE and line.author is not Author.CUSTOMER and (why := _against(statement, line, draft)):
            kind, subkind = FindingKind.FACT, "contradicted"
            if line.author is Author.AGENT:
                kind, subkind = FindingKind.THREAD, "contradicts_earlier"
            finding = mark(
                draft,
                place,
                kind,
                subkind,
                f"{why}: {place_name(line)} says “{said(line)}”.",
                "Correct it, or show where it stands.",
                rule=f"{kind.value}.policy.{subkind}",
                evidence=(line.evidence,),
            )
            yield Claim(*place, statement.text, "policy", Support.CONTRADICTED, (line.evidence,)), finding
        elif likeness >= _SAME:
            yield Claim(*place, statement.text, "policy", Support.SUPPORTED, (line.evidence,)), None
        elif statement.start not in bound and (unsaid := _unsaid(draft, statement, index)):
            yield unsaid


def _states(statement: Statement) -> bool:
    """Whether a statement says how something is, rather than being polite or telling what we do with the mail."""
    courtesy = statement.has("statements.courtesy") and not statement.has("commitments.can")
    talk = statement.has("statements.process") or statement.has("statements.request")
    return len(statement.topic) >= 2 and not courtesy and not talk


def _unsaid(draft: Draft, statement: Statement, index: SourceIndex) -> tuple[Claim, Finding] | None:
    """A statement most of whose content words no source has."""
    content = [w for w in statement.topic if len(w) > _FEW]
    strange = [w for w in content if w not in index.by_topic and not is_plain_word(w, draft.language)]
    if len(strange) < _FEW or 2 * len(strange) < len(content) or statement.has("tone.acknowledge", "tone.stock"):
        return None
    place = (statement.start, statement.end)
    finding = mark(
        draft,
        place,
        FindingKind.FACT,
        "unsupported",
        "No message, record or article speaks of this.",
        "Show where it comes from, or take it out.",
        rule="fact.policy.unsupported",
        blocking=False,
    )
    return Claim(*place, statement.text, "policy", Support.UNSUPPORTED), finding


def _against(statement: Statement, line: Line, draft: Draft) -> str:
    """How a statement contradicts a line; empty where it does not."""
    mine, theirs = _signs(statement.tokens), _signs(line.tokens)
    for name, sign in mine.items():
        if name in theirs and sign * theirs[name] < 0:
            return "It says the opposite"
    for members in _groups().values():
        here, there = statement.topic & members, line.topic & members
        if here and there and not here & there and not here & line.setting:
            return "It names something else"
    del draft
    return ""


def _signs(tokens: Sequence[Token]) -> Mapping[str, int]:
    """The side of each pair of opposites a text is on: 1, -1, or 0 where it names both."""
    found: dict[str, set[int]] = {}
    hits = _pairs().find(tokens)
    denials = [h for h in hits if h.name == "not"]
    covered: list[Hit] = sorted((h for h in hits if h.name != "not"), key=lambda h: (h.first - h.last, h.first))
    taken: set[int] = set()
    for hit in covered:
        # "no charge" is not a charge denied: the longest phrase takes its words.
        if taken & set(range(hit.first, hit.last + 1)):
            continue
        taken.update(range(hit.first, hit.last + 1))
        name, side = hit.name.rsplit(" ", 1)
        denied = any(
            (0 < hit.first - d.last <= _BEFORE and d.first not in taken) or 0 < d.first - hit.last <= 1 for d in denials
        )
        found.setdefault(name, set()).add(-int(side) if denied else int(side))
    return {name: sum(sides) for name, sides in found.items()}


@cache
def _pairs() -> Phrases:
    merged: dict[str, list[str]] = {}
    for pair in table("polarity.toml")["pairs"]:
        merged[f"{pair['name']} 1"] = pair["plus"]
        merged[f"{pair['name']} -1"] = pair["minus"]
    tables = table("commitments.toml")
    merged["not"] = sorted(
        {p for code in ("en", "de", "fr", "es", "pt", "nl", "it") for p in tables[code]["not"] if " " not in p}
    )
    return Phrases(merged)


@cache
def _groups() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in table("polarity.toml")["groups"].items()}
