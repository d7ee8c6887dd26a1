"""Whether a value of a draft stands in the sources: as said, differently, or not at all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from supportdesk.domain.words import Author, SourceKind, Support
from supportdesk.rules.amounts import MINUTES
from supportdesk.rules.days import resolved
from supportdesk.rules.sources import Line, SourceIndex, keys
from supportdesk.rules.topics import is_concept
from supportdesk.rules.values import Value, word_numbers

_RIVALS = {
    "amount": ("amount", "number"),
    "percent": ("percent",),
    "duration": ("duration",),
    "date": ("date",),
    "weekday": ("weekday", "date"),
    "time": ("time",),
    "quantity": ("quantity", "number"),
    "reference": ("reference",),
    "version": ("version",),
    "relative": ("date",),
}
_ONE = ("one", "eine", "einen", "einer", "une", "uno", "una", "uma")
_ALIKE_KINDS: tuple[tuple[str, ...], ...] = (("amount", "number", "quantity"), ("weekday", "date"))
"""Kinds of value that may say the same."""
_ENOUGH = {SourceKind.RECORD: 0.3, SourceKind.ARTICLE: 0.33, SourceKind.MESSAGE: 0.5}
"""How alike a line must be to a statement before its other value contradicts the statement's."""
_MARGIN = 0.22
"""How much more alike a line with another value must be than the best line with the same one."""
_LEAN, _WORTH = 0.08, 0.15
"""How much more alike, and how alike at least, it must be to be worth a look."""
_HELD = 0.45
"""How alike a record must be before it outweighs what the customer wrote."""
_HINT = 0.3
"""How much more alike another value in common makes a line."""
_LOW = 0.3
"""A line with the same value that is less like the statement than this gives way sooner."""
_KIN = 0.7
"""How much a word counts that only a neighbour in the same record shares."""
_MONTH, _LOOSE = 40_320, 0.0145
"""Minutes in four weeks; how far apart spans of months and years may lie, which are reckoned in days."""
_MOST = 400
"""Lines compared for one value, the likeliest first; keeps 500-message threads quick."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the sources say about one value."""

    support: Support
    """Supported, unsupported or contradicted."""
    lines: tuple[Line, ...] = ()
    """The line that supports or contradicts it."""
    likeness: float = 0.0
    """How alike statement and line are, 0 to 1."""
    told: bool = False
    """Whether the customer has named the value, so that speaking of it need not be stating it."""
    perhaps: bool = False
    """Whether the value stands in the sources as well, only beside what is less like the statement."""


def match(
    value: Value,
    about: frozenset[str],
    language: str,
    index: SourceIndex,
    beside: frozenset[tuple[str, Hashable]] = frozenset(),
    others: Sequence[Value] = (),
) -> Match:
    """Look a value up; `about` is the topic of the words around it, `beside` the keys of the values around it.

    `others` are the values around it: what a source says and they say as well contradicts nothing.
    """
    same = _same(value, index)
    best_same, same_line = _best(((line, v) for line, v in same), about, language, index, beside)
    rivals = (r for r in _rivals(value, same, about, index, beside) if not _said(r[1], others, index))
    best_other, other_line = _best(rivals, about, language, index, beside)
    if same_line is not None and value.kind == "reference":
        return Match(Support.SUPPORTED, (same_line,), best_same)
    told = any(line.author is Author.CUSTOMER for line, _ in same)
    if other_line is not None:
        enough = _ENOUGH[other_line.source]
        if same_line is None and best_other >= enough:
            return Match(Support.CONTRADICTED, (other_line,), best_other)
        sibling = (
            same_line is not None and same_line.source is SourceKind.RECORD and same_line.group == other_line.group
        )
        margin = _MARGIN if best_same < _LOW else 2 * _MARGIN
        if same_line is not None and same_line.source is SourceKind.RECORD and other_line.source is SourceKind.ARTICLE:
            sibling = True  # The case's own figure beside the general rule.
        if value.kind == "amount" and same_line is not None and same_line.source is not SourceKind.ARTICLE:
            sibling = sibling or best_same > 0  # Prices of other items contradict nothing.
            if same_line.author is Author.CUSTOMER and other_line.source is SourceKind.RECORD and best_other >= _HELD:
                sibling, margin = False, 0.0  # What the customer remembers against what is on record.
        if best_other >= max(enough, best_same + margin) and not sibling:
            return Match(Support.CONTRADICTED, (other_line,), best_other, told)
        if best_other >= max(_WORTH, best_same + _LEAN) and not other_line.quoted and not sibling:
            return Match(Support.CONTRADICTED, (other_line,), best_other, told, perhaps=True)
    if same_line is not None:
        return Match(Support.SUPPORTED, (same_line,), best_same)
    return Match(Support.UNSUPPORTED)


def _said(theirs: Value, others: Sequence[Value], index: SourceIndex) -> bool:
    """Whether a value of a source is among those a statement says as well."""
    kinds = next((k for k in _ALIKE_KINDS if theirs.kind in k), (theirs.kind,))
    return any(other.kind in kinds and agree(other, theirs, index) for other in others)


def likeness(
    about: frozenset[str], language: str, line: Line, index: SourceIndex, own: frozenset[str] | None = None
) -> float:
    """How much a statement and a line (or a part of it, `own`) speak of the same thing: weighted overlap, 0 to 1."""
    mine = line.topic if own is None else own
    there = mine | line.setting
    if language != line.language:
        about = frozenset(w for w in about if is_concept(w))
        there = frozenset(w for w in there if is_concept(w))
    shared = about & there
    related = (about & line.kin) - there if own is None else frozenset()
    if not shared and not related:
        return 0.0
    core = mine if len(mine) >= 2 else there
    total = sum(map(index.weight, about)) + sum(map(index.weight, core))
    gained = sum(map(index.weight, shared)) + sum(index.weight(w) for w in shared & core)
    gained += _KIN * sum(map(index.weight, related))
    return min(1.0, gained / total) if total else 0.0


def agree(mine: Value, theirs: Value, index: SourceIndex) -> bool:
    """Whether two values of any kinds say the same."""
    if mine.kind == "amount" and theirs.kind == "amount" and mine.unit and theirs.unit and mine.unit != theirs.unit:
        return False
    if mine.kind == "duration" and theirs.kind == "duration":
        return any(_same_span(a, b) for a in mine.norms for b in theirs.norms)
    if mine.kind == "date" and theirs.kind == "date":
        return any(_same_day(a, b) for a in mine.norms for b in theirs.norms)
    if mine.kind == "weekday" and theirs.kind == "weekday" and len(mine.norms) > 1 and len(theirs.norms) > 1:
        return mine.norms == theirs.norms
    if {mine.kind, theirs.kind} <= {"date", "weekday", "relative"} and mine.kind != theirs.kind:
        return bool(set(resolved(mine, index.today)) & set(resolved(theirs, index.today)) - {None})
    if "times" in (mine.unit, theirs.unit) and mine.unit != theirs.unit:
        return False
    if mine.unit == theirs.unit == "sides":
        return sorted(mine.norms) == sorted(theirs.norms)  # type: ignore[type-var]
    return bool(set(mine.norms) & set(theirs.norms))


def _same_span(a: object, b: object) -> bool:
    """5 days is 5 days; "within 7" agrees with "5 to 7"."""
    assert isinstance(a, tuple)
    assert isinstance(b, tuple)
    if not _as_long(a[1], b[1]):
        return False
    return _as_long(a[0], b[0]) or a[0] == a[1] or b[0] == b[1]


def _as_long(a: int, b: int) -> bool:
    """Whether two spans are one in other units: twelve months and a year, half a year and six months."""
    return a == b or (min(a, b) >= _MONTH and abs(a - b) <= _LOOSE * max(a, b))


def _same_hour(mine: Value, theirs: Value) -> bool:
    """Whether "15 h" read as a length of time is the "15:00" of the other, or the reverse."""
    span, clock = (mine, theirs) if mine.kind == "duration" else (theirs, mine)
    return span.unit == "hour" and any(isinstance(n, tuple) and n[0] in clock.norms for n in span.norms)


def _same_day(a: object, b: object) -> bool:
    assert isinstance(a, tuple)
    assert isinstance(b, tuple)
    years = a[0] is None or b[0] is None or a[0] == b[0]
    months = a[1] is None or b[1] is None or a[1] == b[1]
    return bool(years and months and (a[2] == b[2] or a[2] is None))


def _same(value: Value, index: SourceIndex) -> list[tuple[Line, Value]]:
    found: dict[int, tuple[Line, Value]] = {}
    for key in keys(value):
        if key[0] == "tail" and value.kind == "reference":
            continue
        if key[0] == "month" and value.norms[0][2] is not None:  # type: ignore[index]
            continue  # Another day of the month.
        for line, other in index.by_norm.get(key, ())[:_MOST]:
            if agree(value, other, index):
                found.setdefault(id(line), (line, other))
    if value.kind == "duration":
        for line, other in index.by_kind.get("duration", ())[:_MOST]:
            if agree(value, other, index):
                found.setdefault(id(line), (line, other))
    if value.unit == "hour" or value.kind == "time":
        for line, other in index.by_kind.get("time" if value.kind == "duration" else "duration", ())[:_MOST]:
            if _same_hour(value, other):
                found.setdefault(id(line), (line, other))
    if value.kind in ("weekday", "relative"):
        for line, other in index.by_kind.get("date", ())[:_MOST]:
            if agree(value, other, index):
                found.setdefault(id(line), (line, other))
    if value.kind in ("reference", "number") and len(str(value.norms[0])) == 4:
        for line, other in index.by_norm.get(("tail", str(value.norms[0])), ()):
            found.setdefault(id(line), (line, other))
    return list(found.values())


def _rivals(
    value: Value,
    same: Sequence[tuple[Line, Value]],
    about: frozenset[str],
    index: SourceIndex,
    beside: frozenset[tuple[str, Hashable]],
) -> Iterable[tuple[Line, Value]]:
    """Lines with a value of the kind that differs, of those that share a topic word."""
    agreeing = {id(line) for line, _ in same}
    for kind in _RIVALS.get(value.kind, ()):
        for line, other in index.by_kind.get(kind, ())[:_MOST]:
            near = about & (line.topic | line.setting | line.kin)
            if id(line) in agreeing or not (near or (beside and _hinted(line, beside))):
                continue
            if value.kind == "quantity" and "times" in (value.unit, other.unit) and value.unit != other.unit:
                continue
            if kind == "number" and value.kind == "amount" and line.source is not SourceKind.RECORD:
                continue
            if kind == "number" and value.kind == "quantity" and value.unit not in line.ref.casefold():
                continue  # 1,380 m against a size 3
            if value.kind == "duration" and _elided(value, line):
                continue
            yield line, other


def _elided(value: Value, line: Line) -> bool:
    """Whether a line tells the same span without its unit: "three days in the locker, five more at the depot"."""
    norm = value.norms[0]
    if value.unit not in MINUTES or not isinstance(norm, tuple) or line.source is SourceKind.RECORD:
        return False
    wanted = norm[1] // MINUTES[value.unit]
    words = word_numbers()
    free = {t.first for v in line.values if v.kind != "number" for t in (v,)}
    return any(
        (
            t.text == str(wanted)
            if t.kind == "n"
            else words.get(t.text) == wanted > 1 or (wanted == 1 and t.text in _ONE)
        )
        and at not in free
        for at, t in enumerate(line.tokens)
    )


def _hinted(line: Line, beside: frozenset[tuple[str, Hashable]]) -> bool:
    """Whether a line shares one of the values said beside the one in question."""
    return any(key in beside for value in line.values for key in keys(value) if key[0] not in ("day", "month", "tail"))


def _best(
    pairs: Iterable[tuple[Line, Value]],
    about: frozenset[str],
    language: str,
    index: SourceIndex,
    beside: frozenset[tuple[str, Hashable]],
) -> tuple[float, Line | None]:
    best: tuple[float, Line | None] = (-1.0, None)
    for line, _ in pairs:
        alike = likeness(about, language, line, index)
        if beside and _hinted(line, beside):
            alike = min(1.0, alike + _HINT)
        if line.author is Author.INTERNAL:
            alike *= 0.9
        if alike > best[0]:
            best = (alike, line)
    return best


def closest(
    about: frozenset[str], language: str, index: SourceIndex, sources: tuple[SourceKind, ...] = (SourceKind.ARTICLE,)
) -> tuple[float, Line | None]:
    """The line of some kinds of source that is most like a statement, and how alike it is."""
    best: tuple[float, Line | None] = (0.0, None)
    seen: set[int] = set()
    for word in sorted(about, key=index.weight, reverse=True)[:12]:
        for number in index.by_topic.get(word, ())[:_MOST]:
            line = index.lines[number]
            if number in seen or line.source not in sources:
                continue
            seen.add(number)
            alike = likeness(about, language, line, index)
            if alike > best[0]:
                best = (alike, line)
    return best
