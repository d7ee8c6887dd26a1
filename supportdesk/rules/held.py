"""Secrets and whole identifiers that records hold, or that look like one, spelled out in a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules.drafts import Draft
from supportdesk.rules.marks import mark, place_name
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import fold_word
from supportdesk.rules.values import word_set

_SHAPES = (
    re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![\w])"),
    re.compile(r"(?<![\w.,-])\d{4}([ -])\d{4}\1\d{4}\1\d{3,4}(?![\w-])"),
)
"""Account and card numbers by their looks: a wrong check digit makes them no safer to send."""
_MASKED = re.compile(r"[*•…]|[xX]{3}")
_SHORT_SECRET, _SHORT_NUMBER, _LONG = 4, 7, 40
"""Letters and digits a secret and an identifier have at least, and either at most."""


def findings(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    """Values that records keep under a telling key, and numbers that look like a card or an account."""
    for line in index.lines:
        if line.source is SourceKind.RECORD and (subkind := _sort(line)):
            for start, end in _places(draft.text, line.text):
                yield _finding(draft, (start, end), subkind, line)
        if line.source is SourceKind.RECORD and _intimate(line) and not _spoken_of(line, index):
            for place in _places(draft.text, line.text):
                yield _not_given(draft, place, line)
    for match in _told_secret().finditer(draft.text):
        value = match["value"].rstrip(".,;:!?)\"'»”")
        if _made_up(value) and not _published(value, index):
            at = match.start("value")
            yield _finding(draft, (at, at + len(value)), "credential", None)
    for shape in _SHAPES:
        for match in shape.finditer(draft.text):
            if not _published(match.group(), index):
                yield _finding(draft, match.span(), "full_identifier", None)
    for match in _told().finditer(draft.text):
        number = match["number"]
        digits = sum(c.isdecimal() for c in number)
        if digits >= _SHORT_NUMBER and not _MASKED.search(number) and not _published(number, index):
            yield _finding(draft, match.span("number"), "full_identifier", None)


def _sort(line: Line) -> str:
    """What a record's key makes of its value: `credential`, `full_identifier`, or nothing to hide."""
    packed = _packed(line.text)
    if not _SHORT_SECRET <= len(packed) <= _LONG or _MASKED.search(line.text) or not any(c.isdecimal() for c in packed):
        return ""
    last = line.ref.rsplit(".", 1)[-1]
    split = [fold_word(w) for w in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+", last)]
    above = fold_word(line.ref.split(".")[-2]) if "." in line.ref else ""
    names = {*split, "_".join(split), fold_word(last), f"{above}_{fold_word(last)}"}
    if names & word_set("privacy.toml", "held", "secret_keys"):
        return "credential"
    if len(packed) >= _SHORT_NUMBER and names & word_set("privacy.toml", "held", "identifier_keys"):
        return "full_identifier"
    return ""


def _intimate(line: Line) -> bool:
    """Whether a record keeps what somebody tells few people: a diagnosis, an income, a date of birth."""
    last = line.ref.rsplit(".", 1)[-1]
    names = {fold_word(w) for w in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+", last)}
    long = len(_packed(line.text)) >= _SHORT_SECRET and line.text not in ("true", "false")
    return long and bool(names & word_set("privacy.toml", "held", "intimate_keys"))


def _spoken_of(line: Line, index: SourceIndex) -> bool:
    """Whether the customer or an article says the same."""
    packed = _packed(line.text)
    return any(
        packed in _packed(other.text)
        for other in index.lines
        if other.source is SourceKind.ARTICLE or other.author is Author.CUSTOMER
    )


def _made_up(value: str) -> bool:
    """Whether a word is no name or reference: digits beside signs, or beside letters of both cases."""
    signs = re.search(r"[!#$%&*+=@^_~?]", value)
    mixed = re.search(r"[a-z]", value) and re.search(r"[A-Z]", value[1:])
    return any(c.isdecimal() for c in value) and bool(signs or mixed) and "@" not in value[1:-3]


def _not_given(draft: Draft, place: tuple[int, int], line: Line) -> Finding:
    return mark(
        draft,
        place,
        FindingKind.PRIVACY,
        "not_given",
        f"The customer did not say this. It stands in {place_name(line)} only.",
        "Take it out, or make sure that it is theirs and needed.",
        rule="privacy.not_given.held",
        evidence=(line.evidence,),
        blocking=False,
    )


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Where a value stands in a text, however it is spaced."""
    packed = [c for c in value if c.isalnum()]
    pattern = r"[\s.\-/]?".join(re.escape(c) for c in packed)
    loose = re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)
    for match in loose.finditer(text):
        yield match.span()
    if not value.isalnum():
        at = text.find(value)
        if at >= 0:
            yield at, at + len(value)


def _published(number: str, index: SourceIndex) -> bool:
    """Whether an article prints the number for everybody."""
    packed = _packed(number)
    return any(packed in _packed(line.text) for line in index.lines if line.source is SourceKind.ARTICLE)


def _packed(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _finding(draft: Draft, place: tuple[int, int], subkind: str, line: Line | None) -> Finding:
    what = "a secret" if subkind == "credential" else "a whole number that would do masked"
    return mark(
        draft,
        place,
        FindingKind.PRIVACY,
        subkind,
        f"It spells out {what}.",
        "Take it out, or leave only the last characters.",
        rule=f"privacy.{subkind}.held",
        evidence=(line.evidence,) if line is not None else (),
    )


@once
def _told_secret() -> re.Pattern[str]:
    """A word after "code is", "Kennwort lautet"."""
    words = "|".join(sorted(map(re.escape, table("privacy.toml")["held"]["secret_words"]), key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:{words})(?!\w)[^\n.?!:]{{0,24}}?(?::|\b(?:is|ist|lautet|est|es|é|è|luidt)\b)\s+[\"'«“]?(?P<value>\S{{6,40}})",
        re.IGNORECASE,
    )


@once
def _told() -> re.Pattern[str]:
    """A number after words that say it identifies somebody: "passport number is …"."""
    words = "|".join(sorted(map(re.escape, table("privacy.toml")["held"]["identifier_words"]), key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:{words})(?!\w)[^\n.?!\d]{{0,24}}?(?<![\w])(?P<number>[A-Z]{{0,3}}\d[\w \-/.]{{5,20}}\w)(?!\w)",
        re.IGNORECASE,
    )
