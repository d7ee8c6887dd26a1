"""Amounts and counts that follow from others: totals, rests, multiples, shares and percentages of what is named."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.values import Value, fractions, word_numbers, word_set

_MOST = 80
"""Distinct amounts that are combined; beyond that a sum proves nothing."""
_FACTORS = (2, 3, 4, 5, 6, 10, 12)
_KINDS = ("amount", "number", "quantity")
_HUGE = 10**12
"""No desk's figures are as large; a number of a thousand digits is not reckoned with."""
_COUNTS = 1_000
"""A number larger than this multiplies nothing."""
_CENT = 0.0051
"""How far a share may lie from its exact value: prices are rounded to the cent."""
_ROUND = 0.03
"""The same, as a share of it, where the statement says "about"."""
_PLAIN = frozenset(("number", "quantity"))
_TENS = 10
"""An amount below this is met by chance too often to be a share of another the draft names elsewhere."""
_DIGITS = 3
"""Digits that make a whole number too particular to be met by chance."""


@dataclass(frozen=True)
class Known:
    """The numbers the sources name, for reckoning with."""

    lines: dict[float, Line]
    """Each number, with a line that names it."""
    ordered: tuple[float, ...]
    """The same numbers, the smallest first."""

    def near(self, wanted: float, within: float = _CENT) -> Line | None:
        """The line that names a number, where one lies close enough."""
        at = bisect_left(self.ordered, wanted - within)
        if at < len(self.ordered) and self.ordered[at] <= wanted + within:
            return self.lines[self.ordered[at]]
        return None


def derived(value: Value, statement: Statement, draft: Draft, index: SourceIndex, *, loose: bool) -> tuple[Line, ...]:
    """The lines a value follows from, where it is a sum, a rest, a multiple or a share of what they name; else none.

    A round number may be a coincidence: there the statement has to speak of a total or a difference, or the terms
    have to stand in the draft. `loose` is for a value no source speaks against.
    """
    if value.kind not in (*_KINDS, "percent"):
        return ()
    known = index.remembered("sums", _sums)
    assert isinstance(known, dict)
    if value.kind != "percent":
        if shared := _shared(value, statement, index):
            return shared
        for norm in value.norms:
            if norm in known and (_odd(norm) or _speaks_of_sums(statement)):
                lines: tuple[Line, ...] = known[norm]
                return lines
    return _worked_out(value, statement, draft, index, loose=loose)


def _worked_out(
    value: Value, statement: Statement, draft: Draft, index: SourceIndex, *, loose: bool
) -> tuple[Line, ...]:
    """The line of one term, where a value follows from it and a term the draft (strictly: the statement) names."""
    numbers = index.remembered("numbers", _numbers)
    assert isinstance(numbers, Known)
    wanted = [float(n) for n in value.norms if isinstance(n, Decimal) and abs(n) < _HUGE]
    if loose and _about(statement, value):
        for number in wanted:
            if line := numbers.near(number, abs(number) * _ROUND):
                return (line,)
    if value.kind == "percent":
        return _in_proportion(wanted, value, statement, numbers) if loose else ()
    wanted = [n for n in wanted if n and (_particular(n) or (loose and value.kind != "number"))]
    spoken = draft.statements if loose else (statement,)
    for number in wanted:
        near = spoken if _particular(number) else (statement,)
        for other in _beside(near, value):
            if line := numbers.near(abs(number - other)) or numbers.near(number + other):
                return (line,)
        wide = spoken if value.kind == "amount" and number >= _TENS else near
        for factor in _factors(wide, value):
            if line := numbers.near(number / factor) or numbers.near(number * factor, _CENT * factor):
                return (line,)
        if loose and (line := _one_from_another(number, value, statement, numbers)):
            return (line,)
        if _particular(number) and (line := _of_two_known(number, numbers, added=loose)):
            return (line,)
    return ()


def _in_proportion(wanted: Sequence[float], value: Value, statement: Statement, numbers: Known) -> tuple[Line, ...]:
    """The line of a figure beside a percentage that is its share of another beside it, or what it grew by."""
    figures = [float(v.norms[0]) for v in statement.values if v.kind in _KINDS and isinstance(v.norms[0], Decimal)]
    within = 2.0 if _about(statement, value) else 0.6
    for first in figures:
        for second in figures:
            line = numbers.near(first)
            if line is None or second <= 0 or first == second:
                continue
            share = 100 * first / second
            if any(abs(share - n) < within or abs(abs(share - 100) - n) < within for n in wanted):
                return (line,)
    return ()


def _one_from_another(number: float, value: Value, statement: Statement, numbers: Known) -> Line | None:
    """A line the figure rests on that a number is a share of: "£36 (720 ÷ 20) less 10 %, £32.40"."""
    factors = list(_factors((statement,), value))
    others = list(_beside((statement,), value))
    for other in others:
        if not any(abs(other * f - number) < _CENT or abs(other / f - number) < _CENT for f in factors):
            continue
        if line := numbers.near(other):
            return line
        for factor in factors:
            if line := numbers.near(other * factor, _CENT * factor) or numbers.near(other / factor):
                return line
    return None


def _beside(statements: Sequence[Statement], value: Value) -> Iterator[float]:
    """The other figures of a value's kind: what it may have been added to or taken from."""
    for statement in statements:
        for other in statement.values:
            if other is not value and (other.kind == value.kind or {other.kind, value.kind} <= _PLAIN):
                yield from (float(n) for n in other.norms if isinstance(n, Decimal))


def _of_two_known(number: float, numbers: Known, *, added: bool) -> Line | None:
    """The line of the first of two known numbers that lead to a third, multiplied or (`added`) added up."""
    if len(numbers.ordered) > _MOST:
        return None
    for first, line in numbers.lines.items():
        if first <= 1:
            continue
        if numbers.near(number / first) or (first <= _COUNTS and numbers.near(number * first, _CENT * first)):
            return line
        if added and (numbers.near(first + number) or numbers.near(abs(first - number))):
            return line
    return None


def _factors(statements: Sequence[Statement], value: Value) -> Iterator[float]:
    """What a value may be a multiple or share by: figures, number words, halves and thirds, "for seven nights"."""
    words, shares = word_numbers(), fractions()
    for statement in statements:
        for other in statement.values:
            if other is value:
                continue
            if other.kind in _KINDS:
                yield from (float(n) for n in other.norms if isinstance(n, Decimal) and n > 1)
            if other.kind == "percent":
                for rate in (float(n) / 100 for n in other.norms if isinstance(n, Decimal)):
                    yield from (share for share in (rate, 1 - rate, 1 + rate) if share > 0)
            if other.kind == "duration":
                yield from _counted(other.norms)
        for at, token in enumerate(statement.tokens):
            if token.kind == "w" and not value.start <= token.start < value.end:
                if words.get(token.text, 0) > 1:
                    yield float(words[token.text])
                if token.text in shares:
                    share = shares[token.text]
                    yield share * max(1, words.get(statement.tokens[at - 1].text, 1) if at else 1)


def _counted(norms: tuple[Hashable, ...]) -> Iterator[float]:
    """How many days, weeks or months a length of time may be."""
    for norm in norms:
        assert isinstance(norm, tuple)
        for minutes in (1440, 10_080, 43_200, 525_600):
            if norm[0] % minutes == 0 and 1 < norm[0] // minutes <= _COUNTS:
                yield float(norm[0] // minutes)


def _about(statement: Statement, value: Value) -> bool:
    """Whether a value is said to be no exact one: "roughly 1,100", "rund 30 %"."""
    words = word_set("numbers.toml", "about")
    return any(t.text in words for t in statement.tokens[max(0, value.first - 3) : value.first])


def _particular(number: float) -> bool:
    whole = number == int(number)
    return not whole or len(str(int(abs(number))).rstrip("0")) >= _DIGITS


def _numbers(index: SourceIndex) -> Known:
    """Every number the sources name, but for internal notes."""
    lines: dict[float, Line] = {}
    for kind in (*_KINDS, "percent"):
        for line, value in index.by_kind.get(kind, ()):
            if line.author is Author.INTERNAL:
                continue
            for norm in value.norms:
                if isinstance(norm, Decimal) and abs(norm) < _HUGE:
                    lines.setdefault(float(norm), line)
    return Known(lines, tuple(sorted(lines)))


def _shared(value: Value, statement: Statement, index: SourceIndex) -> tuple[Line, ...]:
    """The amount a value is an even part of, or a percentage: three instalments of 80, a quarter of 39.00."""
    parts = {n for v in statement.values if v.kind in ("number", "quantity") for n in v.norms}
    parts |= {Decimal(word_numbers()[t.text]) for t in statement.tokens if t.text in word_numbers()}
    rates = {n: line for line, v in index.by_kind.get("percent", ()) for n in v.norms if isinstance(n, Decimal)}
    for line, whole in (*index.by_kind.get("amount", ()), *index.by_kind.get("number", ())):
        number = whole.norms[0]
        if not isinstance(number, Decimal) or line.author is Author.INTERNAL or abs(number) >= _HUGE:
            continue
        for norm in value.norms:
            assert isinstance(norm, Decimal)
            if any(isinstance(p, Decimal) and p > 1 and number in (norm * p, norm / p) for p in parts):
                return (line,)
            for rate, other in rates.items():
                if norm in (
                    _cents(number * rate / 100),
                    _cents(number * (100 - rate) / 100),
                    _cents(number * (100 + rate) / 100),
                ):
                    return line, other
    return ()


def _cents(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01")).normalize() + 0


def _odd(norm: object) -> bool:
    """Whether a number is too particular to be met by chance."""
    return isinstance(norm, Decimal) and norm != norm.to_integral_value()


def _speaks_of_sums(statement: Statement) -> bool:
    words = word_set("numbers.toml", "sums")
    return any(t.text in words for t in statement.tokens)


def _sums(index: SourceIndex) -> dict[Decimal, tuple[Line, ...]]:
    single: dict[Decimal, Line] = {}
    lists: dict[str, list[tuple[Decimal, Line]]] = {}
    for kind in ("amount", "number"):
        for line, value in index.by_kind.get(kind, ()):
            number = value.norms[0]
            counted = kind == "amount" or (line.source is SourceKind.RECORD and _odd(number))
            if isinstance(number, Decimal) and counted and line.author is not Author.INTERNAL:
                single.setdefault(number, line)
                if line.source is SourceKind.RECORD:
                    lists.setdefault(_list_of(line.ref), []).append((number, line))
    found: dict[Decimal, tuple[Line, ...]] = {}
    if len(single) <= _MOST:
        for (a, first), (b, second) in combinations(single.items(), 2):
            found.setdefault(a + b, (first, second))
            found.setdefault(abs(a - b), (first, second))
    for number, line in single.items():
        for factor in _FACTORS:
            found.setdefault(number * factor, (line,))
    for entries in lists.values():
        for size in range(3, min(len(entries), 8) + 1):
            if len(entries) > 8 and size != len(entries):
                continue
            for chosen in combinations(entries, size):
                found.setdefault(sum((n for n, _ in chosen), Decimal(0)), tuple(li for _, li in chosen)[:4])
    return found


def _list_of(ref: str) -> str:
    """A record key without its positions: all prices of one list share it."""
    return ".".join(part for part in ref.split(".") if not part.isdecimal())
