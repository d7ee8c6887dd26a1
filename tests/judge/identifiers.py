"""Structured identifiers against `judging/identifiers.jsonl`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .intervals import Share
from .patterns import spans as plain
from .rows import Row
from .rules import Span, identifier_rule
from .sets import JUDGING, Record, load

SET = "identifiers"
STRUCTURED = ("email", "phone", "card", "iban", "national_id")
OTHERS = ("address", "date_of_birth", "credential", "one_time_code")


def rows() -> list[Row]:
    """Recall and precision per kind, and all structured kinds together."""
    records = load(JUDGING / "identifiers.jsonl")
    find = identifier_rule()
    seen = [find(r["text"]) for r in records]
    basic = [plain(r["text"]) for r in records]
    out = [replace(_row("structured, all", records, seen, basic, STRUCTURED), goal=0.98)]
    without = [kind for kind in STRUCTURED if kind != "phone"]
    out.append(replace(_row("structured, no phone", records, seen, basic, without), goal=0.98, precision_goal=0.95))
    out += [_row(kind, records, seen, basic, (kind,)) for kind in STRUCTURED + OTHERS]
    out = [replace(row, precision_goal=0.85) if row.kind == "phone" else row for row in out]
    bare = [found for r, found in zip(records, seen, strict=True) if not r["spans"]]
    quiet = sum(not found for found in bare)
    return [*out, Row(SET, "texts without any: quiet", Share(quiet, len(bare)))]


def _row(
    name: str,
    records: Sequence[Record],
    seen: Sequence[list[Span]],
    basic: Sequence[list[Span]],
    kinds: Sequence[str],
) -> Row:
    """One line for some kinds."""
    recall, precision = shares(records, seen, kinds)
    lesser = shares(records, basic, kinds)
    return Row(SET, name, recall, precision, f"{lesser[0].value:.2f}/{lesser[1].value:.2f}")


def shares(records: Sequence[Record], seen: Sequence[list[Span]], kinds: Sequence[str]) -> tuple[Share, Share]:
    """Recall and precision; a span counts when the kind is right and it covers half of what both cover together."""
    hits = wanted = right = raised = 0
    for record, found in zip(records, seen, strict=True):
        gold = [(s["kind"], s["start"], s["end"]) for s in record["spans"] if s["kind"] in kinds]
        mine = [span for span in found if span[0] in kinds]
        wanted += len(gold)
        raised += len(mine)
        hits += sum(any(_match(g, f) for f in mine) for g in gold)
        right += sum(any(_match(g, f) for g in gold) for f in mine)
    return Share(hits, wanted), Share(right, raised)


def _match(gold: Span, found: Span) -> bool:
    """Same kind, and the overlap is at least half of the union."""
    both = min(gold[2], found[2]) - max(gold[1], found[1])
    union = max(gold[2], found[2]) - min(gold[1], found[1])
    return gold[0] == found[0] and both > 0 and 2 * both >= union
