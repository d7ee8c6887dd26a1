"""Where sentences begin and end: one pass over a text, offsets kept, in any language that uses spaces or CJK stops.

Mail is hard-wrapped, chat has no capitals, forms are lists. So a line break ends a sentence only where the
lines around it say so, and a full stop ends one unless it belongs to an abbreviation, a number or an initial.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 600
"""Characters after which a sentence without any stop is cut at a space, so that no rule meets a megabyte at once."""

_STOP = re.compile(r"[.!?…]+[)\]\"'»”’*_]*(?=\s|$)|[。！？｡؟।]+[」』）\"”’]*|\n")
_BULLET = re.compile(r"[ \t]*(?:[-*•·‣◦–—]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|[>|]|[=_#*-]{3,})")
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof st sr jr inc ltd co corp dept est approx vs no nos fig vol pp eg ie cf e.g i.e a.m p.m
    z.b d.h u.a u.u u.v.m o.ä i.d.r s.o s.u bzw ca nr tel str hr fr abs art usw evtl ggf inkl exkl zzgl bspw sog vgl
    mme mlle mm av bd env réf ref p.ex c.-à-d n° sra srta srs ud uds vd vds p.ej núm num avda
    exmo exma v.exa v.ex pág dra prof.ª ul np m.in tzn tzw godz nr.ref al pl mgr inż woj
    dhr mevr mw bijv d.w.z a.u.b a.s.b o.a enz.v i.v.m t.a.v sig sig.ra sig.na dott avv ing spett egr gent p.es
    jan feb mar apr jun jul aug sep sept oct okt nov dec dez mon tue wed thu fri sat sun
    """.split()  # noqa: SIM905 - a list of words reads better as words
)


class Span(NamedTuple):
    """A stretch of a text."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset just after its last character."""


def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text in order, white space at their ends left out; blank parts give none.

    The time it takes grows linearly with the text. No span is longer than `LONGEST`.
    """
    found: list[Span] = []
    start = 0
    for match in _STOP.finditer(text):
        if _ends(text, start, match):
            found.extend(_trimmed(text, start, match.end()))
            start = match.end()
    found.extend(_trimmed(text, start, len(text)))
    return tuple(found)


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a stop or a line break is the end of a sentence that began at `start`."""
    mark = match.group()
    if mark == "\n":
        return _line_ends(text, start, match.start())
    if mark[0] == "." and mark.rstrip(")]\"'»”’*_") == ".":
        return not _belongs_to_word(text, start, match.start(), match.end())
    return True


def _belongs_to_word(text: str, start: int, stop: int, after: int) -> bool:
    """Whether a full stop is part of an abbreviation, an initial or an ordinal number."""
    begin = stop
    floor = max(start, stop - 12)
    while begin > floor and not text[begin - 1].isspace():
        begin -= 1
    word = text[begin:stop].lstrip("(\"'[„“«").lower()
    following = text[after : after + 8].lstrip()
    if not following:
        return False
    if word in _ABBREVIATIONS:
        # "at 5 p.m. Then it broke": an abbreviation can close a sentence where a new one plainly starts.
        return not (word in ("a.m", "p.m") and following[0].isupper())
    if len(word) == 1 and word.isalpha():
        return text[begin:stop].isupper() or following[0].islower()
    if word.isdigit() and len(word) <= 2:
        return following[0].isalpha() and "\n" not in text[after : after + 2]
    return False


def _line_ends(text: str, start: int, at: int) -> bool:
    """Whether a line break separates sentences rather than wrapping one."""
    following = text[at + 1 : at + 81]
    line = following.lstrip(" \t")
    if not line or line[0] in "\r\n":
        return True
    begin = max(start, text.rfind("\n", start, at) + 1, at - 200)
    before = text[begin:at].rstrip()
    if not before or _BULLET.match(following) or _BULLET.match(text, begin, at):
        return True
    if before[-1] in ",:;" and len(before) <= 40 and begin <= start:
        return True
    # A wrapped line is long, or stops at a small word; a short line before a capital is a line of its own.
    last = before[before.rfind(" ") + 1 :]
    if len(last) <= 3 and last.isalpha() and last.islower():
        return False
    return len(before) <= 48 and (line[0].isupper() or line[0].isdigit())


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """The span without white space at its ends, cut where it is too long; nothing when it is blank."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        yield from _trimmed(text, start, cut)
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield Span(start, end)
