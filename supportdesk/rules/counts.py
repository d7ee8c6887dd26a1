"""How many of something a draft names ("three nights"), against the number the sources give for the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind, Support
from supportdesk.rules.drafts import Draft
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.matching import likeness
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tokens import Token
from supportdesk.rules.topics import LANGUAGES, topic_word
from supportdesk.rules.values import parse_number, word_numbers

_BARE = ("number", "quantity")
_SURE = 0.5
"""The same before approval waits for it."""
_ALIKE = 0.3
"""How like a statement a line must be before its number counts against the statement's."""


def claims(draft: Draft, index: SourceIndex) -> Iterator[tuple[Claim, Finding | None]]:
    """Each count that the sources give differently."""
    known = index.remembered("counts", _known)
    assert isinstance(known, Mapping)
    for statement in draft.statements:
        if statement.frame or statement.question or statement.has("commitments.future"):
            continue
        for at, number, thing in _counted(statement.tokens, draft.language):
            if any(v.first <= at <= v.last and v.kind not in _BARE for v in statement.values):
                continue  # 45 EUR are no forty-five of anything.
            there = known.get(thing, ())
            if not there or any(number == other for other, _ in there):
                continue
            line = next((li for _, li in there if _bears(statement.topic, draft.language, li, index)), None)
            if line is None:
                continue
            place = statement.span(at, at + 1)
            quote = draft.text[place[0] : place[1]]
            finding = mark(
                draft,
                place,
                FindingKind.FACT,
                "contradicted",
                f"It says {quote}, but {place_name(line)} says “{said(line)}”.",
                "Correct the number, or show where it stands.",
                rule="fact.count.contradicted",
                evidence=(line.evidence,),
                blocking=likeness(statement.topic, draft.language, line, index) >= _SURE,
            )
            yield Claim(*place, quote, "number", Support.CONTRADICTED, (line.evidence,)), finding


def _bears(about: frozenset[str], language: str, line: Line, index: SourceIndex) -> bool:
    return line.source is SourceKind.RECORD or likeness(about, language, line, index) >= _ALIKE


def _known(index: SourceIndex) -> dict[str, list[tuple[Decimal, Line]]]:
    """Numbers by the thing they count: before a noun in a line, or under a record's key."""
    found: dict[str, list[tuple[Decimal, Line]]] = {}
    for line in index.lines:
        if line.author is Author.CUSTOMER:
            continue
        for _, number, thing in _counted(line.tokens, line.language):
            found.setdefault(thing, []).append((number, line))
        if line.source is SourceKind.RECORD and len(line.tokens) == 1 and line.tokens[0].kind == "n":
            for number in parse_number(line.tokens[0].text)[:1]:
                key = line.ref.rsplit(".", 1)[-1].casefold()
                for word in line.setting:
                    if number == int(number) and number < 100 and (word in key or word.startswith("=")):
                        found.setdefault(word, []).append((number, line))
    return found


def _counted(tokens: Sequence[Token], language: str) -> Iterator[tuple[int, Decimal, str]]:
    """(index, number, thing counted) for a number word or small number right before a noun."""
    code = language if language in LANGUAGES else "en"
    for at in range(len(tokens) - 1):
        token, thing = tokens[at], tokens[at + 1]
        if thing.kind != "w" or len(thing.text) < 3:
            continue
        if token.kind == "w" and token.text in word_numbers() and token.text not in ("a", "an", "un", "una", "um"):
            number = Decimal(word_numbers()[token.text])
        elif token.kind == "n" and token.text.isdecimal() and len(token.text) <= 2:
            number = Decimal(token.text)
        else:
            continue
        key = topic_word(thing.text, code)
        if key and not (number == 1 and token.text in ("ein", "eine", "einen", "een", "uno", "une")):
            yield at, number, key
