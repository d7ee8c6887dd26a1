"""Statements about rules and products, against the line of the sources that speaks of the same thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind, Support
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.matching import likeness
from supportdesk.rules.opposites import Side, concur, cues, excepted, opposed, sides, signs
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tokens import Token, tokens
from supportdesk.rules.topics import is_plain_word

_ALIKE = 0.38
"""How like a line a statement must be for its opposite to count."""
_WORTH = 0.2
"""How like one it must be for its opposite to be worth a look."""
_SURE = 0.6
"""How like a source clause one has to be before its opposite holds approval."""
_SAME = 0.34
"""How like a line a statement must be to rest on it."""
_FEW = 3
"""Letters a word needs to be one with content, and strange words a statement needs to rest on nothing."""
_CANDIDATES = 6
_ENOUGH_WORDS = 12


@dataclass(frozen=True, slots=True)
class Part:
    """A clause of a source line, read like a line of its own."""

    line: Line
    """The line it stands in."""
    side: Side
    """What it says."""
    excepted: frozenset[str] = frozenset()
    """What the exceptions to it in the same sentence are about."""

    @property
    def all(self) -> frozenset[str]:
        """What it is about, heading included."""
        return self.side.topic | self.line.setting


def claims(
    draft: Draft, index: SourceIndex, bound: frozenset[tuple[int, int]]
) -> Iterator[tuple[Claim, Finding | None]]:
    """Each statement about how things are, with the line it rests on or that says otherwise."""
    for statement in draft.statements:
        if statement.frame or statement.question or not statement.topic:
            continue
        nearest = _nearest(statement.topic, draft.language, index)
        against = _against(statement, nearest, draft, index)
        place = (statement.start, statement.end)
        if against is not None:
            yield against
        elif not _asserts(statement, 0, len(statement.tokens)):
            continue
        elif nearest and nearest[0][0] >= _SAME:
            yield Claim(*place, statement.text, "policy", Support.SUPPORTED, (nearest[0][1].line.evidence,)), None
        elif not _binds(statement, bound) and (unsaid := _unsaid(draft, statement, index)):
            yield unsaid


def contradicts(statement: Statement, draft: Draft, index: SourceIndex) -> bool:
    """Whether the sources say the opposite of a statement."""
    nearest = _nearest(statement.topic, draft.language, index)
    found = _against(statement, nearest, draft, index)
    return found is not None and not found[1].rule.endswith(".perhaps")


def costs_alike(statement: Statement, draft: Draft, index: SourceIndex) -> Line | None:
    """The article's line that says as well that something is free, or what it costs."""
    for mine in _spoken(statement, draft.language):
        side = mine.signs.get("cost", 0)
        for alike, part in _nearest(mine.topic, draft.language or "en", index):
            about = (mine.topic - cues()) & part.all
            told = part.line.source is SourceKind.ARTICLE and about and alike >= _WORTH
            if side and told and side * part.side.signs.get("cost", 0) > 0:
                return part.line
    return None


def _against(
    statement: Statement, nearest: list[tuple[float, Part]], draft: Draft, index: SourceIndex
) -> tuple[Claim, Finding] | None:
    """A finding where a clause says the opposite of the source clause most like it."""
    del nearest
    spoken = [(m, _nearest(m.topic, draft.language or "en", index)) for m in _spoken(statement, draft.language)]
    for least, perhaps in ((_ALIKE, False), (_WORTH, True)):
        for mine, near in spoken:
            for alike, part in near[:3]:
                if alike < least or part.line.author is Author.CUSTOMER or not mine.topic & part.all:
                    continue
                if part.excepted & _matter(index) or part.excepted & statement.topic:
                    continue
                if perhaps and not (mine.topic - cues()) & part.all:
                    continue
                why = _opposed(mine, part, alike, perhaps=perhaps)
                if why and not any(_agrees(mine, other, near_alike, part, alike) for near_alike, other in near):
                    sure = None if perhaps else alike >= _SURE
                    return _contradicted(draft, statement, why, part.line, sure=sure)
    return None


def _matter(index: SourceIndex) -> frozenset[str]:
    """What the customer's matter is about."""
    known = index.remembered("matter", lambda i: frozenset().union(*(li.topic for li in i.lines if _asked(li))))
    assert isinstance(known, frozenset)
    return known


def _asked(line: Line) -> bool:
    return line.author is Author.CUSTOMER


def _spoken(statement: Statement, language: str) -> Iterator[Side]:
    """The clauses of a statement that assert something, and the whole where it is one thought."""
    found = sides(statement.tokens, language or "en")
    places = {t.start: i for i, t in enumerate(statement.tokens)}
    for side in found:
        first = places[side.tokens[0].start]
        if _asserts(statement, first, first + len(side.tokens)):
            yield side


def _opposed(mine: Side, part: Part, alike: float, *, perhaps: bool) -> str:
    record = part.line.source is SourceKind.RECORD and len(part.side.tokens) < 2
    return opposed(mine, part.side, alike, record=record, perhaps=perhaps)


def _agrees(mine: Side, part: Part, alike: float, against: Part, most: float) -> bool:
    """Whether another clause about as like agrees: the rule beside its exception."""
    if part is against or alike < most - 0.12 or part.line.author is Author.CUSTOMER:
        return False
    shared = mine.topic & part.side.topic - cues()
    shared_more = len(shared) >= len(mine.topic & against.side.topic - cues())
    return shared_more and bool(shared) and concur(mine, part.side)


def _contradicted(
    draft: Draft, statement: Statement, why: str, line: Line, *, sure: bool | None
) -> tuple[Claim, Finding]:
    """A finding that holds approval where it is sure, and says so in its rule where it is no more than a hint."""
    kind, subkind = FindingKind.FACT, "contradicted"
    if line.author is Author.AGENT:
        kind, subkind = FindingKind.THREAD, "contradicts_earlier"
    place = (statement.start, statement.end)
    finding = mark(
        draft,
        place,
        kind,
        subkind,
        f"{why}: {place_name(line)} says “{said(line)}”.",
        "Correct it, or show where it stands.",
        rule=f"{kind.value}.policy.{subkind}" + (".perhaps" if sure is None else ""),
        evidence=(line.evidence,),
        blocking=bool(sure),
    )
    return Claim(*place, statement.text, "policy", Support.CONTRADICTED, (line.evidence,)), finding


def _binds(statement: Statement, bound: frozenset[tuple[int, int]]) -> bool:
    return any(start < statement.end and statement.start < end for start, end in bound)


def _asserts(statement: Statement, first: int, after: int) -> bool:
    """Whether a clause says how something is, rather than being polite, asking, or telling what we do with the mail."""
    courtesy = statement.within("statements.courtesy", first, after)
    able = statement.within("commitments.can", first, after)
    if able and any(t.text == "i" for t in statement.tokens[first:after]):
        return False  # What one agent can do is no rule.
    talk = statement.within("statements.process", first, after) or statement.within("statements.request", first, after)
    return not talk and (not courtesy or bool(able))


def _nearest(about: frozenset[str], language: str, index: SourceIndex) -> list[tuple[float, Part]]:
    """The source clauses most like a topic, the most alike first."""
    parts, by_word = _parts(index)
    counts: dict[int, float] = {}
    for word in sorted(about, key=index.weight, reverse=True)[:_ENOUGH_WORDS]:
        for number in by_word.get(word, ()):
            counts[number] = counts.get(number, 0.0) + index.weight(word)
    best = sorted(counts, key=lambda n: -counts[n])[: 2 * _CANDIDATES]
    found = [(_alike(about, language, parts[n], index), parts[n]) for n in best]
    return sorted(found, key=lambda pair: -pair[0])[:_CANDIDATES]


def _alike(about: frozenset[str], language: str, part: Part, index: SourceIndex) -> float:
    return likeness(about, language, part.line, index, own=part.side.topic)


def _parts(index: SourceIndex) -> tuple[list[Part], dict[str, list[int]]]:
    """All source clauses, and where their words stand; worked out once."""
    known = index.remembered("parts", _cut)
    assert isinstance(known, tuple)
    return known


def _cut(index: SourceIndex) -> tuple[list[Part], dict[str, list[int]]]:
    parts: list[Part] = []
    for line in index.lines:
        if line.source is SourceKind.MESSAGE and line.text.rstrip().endswith("?"):
            continue
        found = sides(_stocked(line), line.language, line.setting)
        if line.source is SourceKind.RECORD:
            words = _stocked(line)
            none: frozenset[str] = frozenset()
            found = (Side(words, line.topic, line.topic, line.setting, signs(words), none, False, none),)
        but = excepted(line.tokens, line.language)
        parts += [Part(line, side, but) for side in found]
    by_word: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        for word in part.all:
            by_word.setdefault(word, []).append(number)
    return parts, by_word


def _stocked(line: Line) -> tuple[Token, ...]:
    """The words of a line; for a number under "stock", the words it stands for."""
    if line.source is SourceKind.RECORD and "=stock" in line.setting and line.text.strip().isdecimal():
        return tokens("in stock" if int(line.text) else "out of stock")
    return line.tokens


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
