"""Guards with one condition taken out or turned round, and whether the lists of ways notice."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hostile.gate_attacks import Forge, Held, Way
from hostile.gate_ways_close import ATTACKS, HONEST

_TOKEN = re.compile(r"'(?:[^']|'')*'|[()]|\bAND\b|\bOR\b|\bWHERE\b|\bORDER BY\b|\bLIMIT\b|[^\s()']+|\s+")
_WHEN = re.compile(r"(?s)(.*? WHEN )(.*)( BEGIN SELECT RAISE.*)")


@dataclass(frozen=True)
class Mutant:
    """One guard, spoilt."""

    trigger: str
    what: str
    sql: str
    """Empty where the guard is gone."""


def mutants(connection: sqlite3.Connection) -> list[Mutant]:
    """Every guard deleted, and each of its conditions deleted and negated."""
    found: list[Mutant] = []
    for name, sql in connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'tally%' ORDER BY name"
    ):
        found.append(Mutant(name, "deleted", ""))
        match = _WHEN.fullmatch(sql)
        if match is None:
            continue
        before, when, after = match.groups()
        for start, end, whole in _conditions(when):
            condition = when[start:end]
            found.append(
                Mutant(name, f"not: {condition}", f"{before}{when[:start]} NOT ({condition}) {when[end:]}{after}")
            )
            if not whole:
                found.append(Mutant(name, f"without: {condition}", before + _without(when, start, end) + after))
    return found


def _conditions(when: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of every operand of AND, OR and WHERE, and whether it stands alone."""
    stack: list[list[int]] = [[0]]
    joined: list[list[tuple[int, int]]] = [[]]
    for token in _TOKEN.finditer(when):
        words = token.group()
        if words == "(":
            stack.append([token.end()])
            joined.append([])
        elif words in (")", "ORDER BY", "LIMIT") or words in ("AND", "OR", "WHERE"):
            start = stack[-1][0]
            if start >= 0:
                joined[-1].append((start, token.start()))
            if words == ")":
                yield from _settled(when, joined.pop())
                stack.pop()
            elif words == "WHERE":
                joined[-1].clear()
                stack[-1][0] = token.end()
            else:
                stack[-1][0] = -1 if words in ("ORDER BY", "LIMIT") else token.end()
    joined[-1].append((stack[-1][0], len(when)))
    yield from _settled(when, joined[-1])


def _settled(when: str, parts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    for start, end in parts:
        condition = when[start:end].strip()
        compares = re.search(r"=|<|>|\bIS\b|\bIN\b|\bNOT\b|EXISTS", condition)
        if condition and compares and not condition.startswith("SELECT"):
            yield start, end, len(parts) == 1


def _without(when: str, start: int, end: int) -> str:
    head, tail = when[:start], when[end:]
    follows = re.match(r"\s*(AND|OR)\b", tail)
    if follows:
        return head + tail[follows.end() :]
    return re.sub(r"(AND|OR)\s*$", "", head) + tail


def surviving(file: Path, chosen: Sequence[Mutant]) -> tuple[int, list[Mutant]]:
    """How many mutants could be built, and those no way noticed."""
    stored = sqlite3.connect(file)
    built, alive = 0, []
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=4096)
    stored.backup(connection)
    stored.close()
    # As hostile code would have it; the guards must hold without.
    connection.execute("PRAGMA recursive_triggers = OFF")
    forge = Forge(connection)
    whole = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    for mutant in chosen:
        # Committed, each: undoing a way would otherwise undo a change of shape, and read the whole shape anew.
        connection.execute(f"DROP TRIGGER {mutant.trigger}")
        try:
            if mutant.sql:
                connection.execute(mutant.sql)
            built += 1
            if not noticed(forge):
                alive.append(mutant)
        except sqlite3.OperationalError:
            continue
        finally:
            connection.execute(f"DROP TRIGGER IF EXISTS {mutant.trigger}")
            connection.execute(whole[mutant.trigger])
    return built, alive


_TRIED = [*((way, True) for way in HONEST), *((way, False) for way in ATTACKS)]
"""Ways and whether they must stay open; what noticed last is tried first, as the next mutant is often its neighbour."""


def noticed(forge: Forge) -> bool:
    """Whether some attack gets through or some honest way is stuck."""
    for place, (way, honest) in enumerate(_TRIED):
        if _refused(forge, way) is honest:
            _TRIED.insert(0, _TRIED.pop(place))
            return True
    return False


def _refused(forge: Forge, way: Way) -> bool:
    forge.connection.execute("BEGIN")
    try:
        way.run(forge)
    except (sqlite3.Error, Held):
        return True
    finally:
        forge.connection.execute("ROLLBACK")
    return False
