"""Amounts that follow from others: totals, differences and rests of what the sources name."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.drafts import Statement
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.values import Value, word_numbers, word_set

_MOST = 80
"""Distinct amounts that are combined; beyond that a sum proves nothing."""
_FACTORS = (2, 3, 4, 5, 6, 10, 12)


def derived(value: Value, statement: Statement, index: SourceIndex) -> tuple[Line, ...]:
    """The lines whose amounts add up to a value, where it is a sum, a difference, a rest or a multiple; else none.

    A round number may be a coincidence: there the statement has to speak of a total or a difference.
    """
    if value.kind not in ("amount", "number"):
        return ()
    known = index.remembered("sums", _sums)
    assert isinstance(known, dict)
    if shared := _shared(value, statement, index):
        return shared
    for norm in value.norms:
        if norm in known and (_odd(norm) or _speaks_of_sums(statement)):
            lines: tuple[Line, ...] = known[norm]
            return lines
    return ()


def _shared(value: Value, statement: Statement, index: SourceIndex) -> tuple[Line, ...]:
    """The amount a value is an even part of, or a percentage: three instalments of 80, a quarter of 39.00."""
    parts = {n for v in statement.values if v.kind in ("number", "quantity") for n in v.norms}
    parts |= {Decimal(word_numbers()[t.text]) for t in statement.tokens if t.text in word_numbers()}
    rates = {n: line for line, v in index.by_kind.get("percent", ()) for n in v.norms if isinstance(n, Decimal)}
    for line, whole in (*index.by_kind.get("amount", ()), *index.by_kind.get("number", ())):
        number = whole.norms[0]
        if not isinstance(number, Decimal) or line.author is Author.INTERNAL:
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
