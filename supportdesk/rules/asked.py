"""Details a draft asks for although the customer has given them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.identifiers import identifiers
from supportdesk.rules.marks import mark, said
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.topics import LANGUAGES
from supportdesk.rules.values import Value, word_set

_ALIKE = 0.45
"""How much of what a question is about a sentence must speak of to have answered it already."""
_VALUED = 0.15
"""How much a number in it adds: it is what was asked for more often than not."""
_STEM, _NEAR = 6, 3
"""Letters by which two forms of a word are told to be one; words between a thing and its number."""
_DIGITS = 5
"""Digits a telephone number has at least."""
_WHOLE = 8
"""Characters an address or number has at least; a postcode alone is no address."""


def findings(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    """One finding for each request for something the thread already holds."""
    given = index.remembered("given", _given)
    assert isinstance(given, Mapping)
    for statement in draft.statements:
        if statement.frame or not (statement.question or statement.has("statements.request")):
            continue
        names = [h.name for h in _asking(draft.language).find(statement.tokens)]
        if "telephone number" in names:
            names = [n for n in names if n != "order number"]
        for name in dict.fromkeys(names):
            line = given.get(name)
            if line is not None:
                yield _finding(draft, statement, name, line)
                break
        else:
            said_so = _told(draft, statement, index) or _said(draft, statement, index)
            if said_so is not None:
                yield _finding(draft, statement, "matter", said_so, sure=False)


def _told(draft: Draft, statement: Statement, index: SourceIndex) -> Line | None:
    """The customer's line that holds what a question names: "Member 40417" for "your member number?"."""
    if draft.language not in ("", index.language):
        return None
    numbered, chosen = set(_numbered_things(statement.tokens)), set(_chosen_things(statement.tokens))
    counted = set(_counted_things(statement.tokens))
    if not (numbered or chosen or counted):
        return None
    for line in index.lines:
        if line.author is not Author.CUSTOMER or line.text.rstrip().endswith("?"):
            continue
        for at, token in enumerate(line.tokens):
            begun = token.text[:_STEM]
            if begun in numbered and any(t.kind in "nc" for t in line.tokens[at + 1 : at + 1 + _NEAR]):
                return line
            if begun in chosen and _particular(line, at):
                return line
            if begun in counted and any(t.kind == "n" for t in line.tokens[max(0, at - _NEAR) : at + 1 + _NEAR]):
                return line
    return None


def _counted_things(words: Sequence[Token]) -> Iterator[str]:
    """What a statement asks the number of: "how many boxes", "In quanti siete"."""
    leads = word_set("details.toml", "numbers", "many")
    for at, token in enumerate(words):
        if token.text in leads or (token.text == "many" and at and words[at - 1].text == "how"):
            if at + 1 < len(words) and words[at + 1].kind == "w":
                yield words[at + 1].text[:_STEM]
            yield from (w[:_STEM] for w in word_set("details.toml", "numbers", "people"))


def _numbered_things(words: Sequence[Token]) -> Iterator[str]:
    """What a statement asks the number of: "member number", "numéro d'adhérent", "Mitgliedsnummer"."""
    nouns = word_set("details.toml", "numbers", "nouns")
    small = word_set("details.toml", "numbers", "between")
    for at, token in enumerate(words):
        compound = next((e for e in ("nummer", "code") if token.text.endswith(e) and len(token.text) >= len(e) + 3), "")
        if compound:
            yield token.text.removesuffix(compound).rstrip("s")[:_STEM]
        if token.text not in nouns:
            continue
        if at and words[at - 1].kind == "w" and words[at - 1].text not in small:
            yield words[at - 1].text[:_STEM]
        behind = at + 1
        while behind < len(words) and words[behind].text in small:
            behind += 1
        if at + 1 < behind < len(words) and words[behind].kind == "w":
            yield words[behind].text[:_STEM]


def _chosen_things(words: Sequence[Token]) -> Iterator[str]:
    """What a statement asks to be told which one it is: "which branch", "in welcher Filiale"."""
    leads = word_set("details.toml", "numbers", "which")
    for at in range(len(words) - 1):
        if words[at].text in leads and words[at + 1].kind == "w" and len(words[at + 1].text) > 3:
            yield words[at + 1].text[:_STEM]


def _particular(line: Line, at: int) -> bool:
    """Whether a number or a name stands beside a word: "Filiale Kleve", "on page 12"."""
    for near in (*range(max(0, at - 2), at), *range(at + 1, min(len(line.tokens), at + 3))):
        token = line.tokens[near]
        raw = line.text[token.start - line.start : token.end - line.start]
        named = near and raw[:1].isupper() and (line.language != "de" or near == at + 1)
        if token.kind in "nc" or (token.kind == "w" and named and line.tokens[near - 1].text not in ".!?:"):
            return True
    return False


def _said(draft: Draft, statement: Statement, index: SourceIndex) -> Line | None:
    """The customer's sentence that speaks of what a question asks for."""
    about = statement.topic - word_set("details.toml", "asking")
    if draft.language not in ("", index.language) or not about:
        return None
    whole = sum(0.3 + index.weight(w) for w in about)
    best: tuple[float, Line | None] = (_ALIKE, None)
    for line in index.lines:
        if line.author is not Author.CUSTOMER or line.quoted or line.text.rstrip().endswith("?"):
            continue
        share = sum(0.3 + index.weight(w) for w in about & line.topic) / whole
        if any(v.kind in ("reference", "number", "amount", "date", "quantity") for v in line.values):
            share += _VALUED
        if share > max(best[0], _VALUED) and len(line.topic) > len(about & line.topic):
            best = (share, line)
    return best[1]


def _finding(draft: Draft, statement: Statement, name: str, line: Line, *, sure: bool = True) -> Finding:
    again = any(_again().find(s.tokens) for s in draft.statements)
    return mark(
        draft,
        (statement.start, statement.end),
        FindingKind.THREAD,
        "asked_again",
        f"It asks for the {name}, which the customer gave: “{said(line)}”.",
        "Use what they wrote instead of asking.",
        evidence=(line.evidence,),
        rule="thread.asked_again" if sure else "thread.asked_again.alike",
        blocking=sure and not again,
    )


def _given(index: SourceIndex) -> dict[str, Line]:
    """The details the customer has given, each with the line that gives it."""
    found: dict[str, Line] = {}
    lines = [
        li for li in index.lines if li.source is SourceKind.MESSAGE and li.author is Author.CUSTOMER and not li.quoted
    ]
    for line in lines:
        told = {i.kind for i in identifiers(line.text) if len(i.value) >= _WHOLE}
        for name, how in _sorts():
            if name not in found and (how in told or _holds(line, name, how)):
                found[name] = line
    messages = index.sources.thread.customer_messages
    pictures = any(a.media_type.startswith("image/") for m in messages for a in m.attachments)
    if pictures and lines:
        found.setdefault("photo", lines[0])
    return found


def _holds(line: Line, name: str, how: str) -> bool:
    if how == "reference":
        return any(_is_number_of_ours(v, line) for v in line.values)
    if how in ("date", "amount"):
        return any(v.kind == how for v in line.values)
    if how == "phone" and _phoned(line):
        return True
    if how == "photo":
        return bool(_given_phrases().find(line.tokens))
    if how == "value":
        words = table("details.toml")["values"]
        wanted = "colours" if "colour" in name else "words"
        named = {w for entry in words[wanted] for w in entry.split("|")}
        return any(t.text.casefold() in named for t in line.tokens) and not line.text.rstrip().endswith("?")
    return False


def _phoned(line: Line) -> bool:
    """Whether a number stands behind a word for a telephone: "Phone is 555-0142"."""
    words = word_set("details.toml", "phones")
    return any(
        token.text in words
        and any(t.kind in "nc" and sum(map(str.isdecimal, t.text)) >= _DIGITS for t in line.tokens[at + 1 : at + 4])
        for at, token in enumerate(line.tokens)
    )


def _is_number_of_ours(value: Value, line: Line) -> bool:
    """Whether a number is an order, invoice or customer number rather than a postcode or a telephone."""
    packed = str(value.norms[0])
    if value.kind != "reference" or sum(c.isdecimal() for c in packed) < 4:
        return False
    before = {t.text for t in line.tokens[max(0, value.first - 4) : value.first]}
    if before & word_set("details.toml", "postcodes"):
        return False
    told = before & word_set("details.toml", "numbered") or line.topic & word_set("details.toml", "numbered", "topics")
    return (
        bool(told)
        or len(packed) >= 6
        or not packed.isdecimal()
        or line.text[value.start - line.start : value.start - line.start + 1] == "#"
    )


@once
def _sorts() -> tuple[tuple[str, str], ...]:
    return tuple((entry["name"], entry["found_by"]) for entry in table("details.toml")["details"])


@once
def _asking(language: str) -> Phrases:
    code = language if language in LANGUAGES else "en"
    return Phrases({entry["name"]: entry[code] for entry in table("details.toml")["details"]})


@once
def _given_phrases() -> Phrases:
    return Phrases({"photo": table("details.toml")["photo"]["given"]})


@once
def _again() -> Phrases:
    return Phrases({"again": table("answers.toml")["again"]["words"]})
