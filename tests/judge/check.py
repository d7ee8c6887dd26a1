"""The checks against `judging/check.jsonl`."""

from __future__ import annotations

from collections.abc import Sequence

from supportdesk.domain.words import FindingKind

from .intervals import Share
from .patterns import faults as plain
from .rows import Row
from .rules import Seen, check_rule
from .sets import JUDGING, Record, load

SET = "check"
GOALS = {"commitment": 0.92, "privacy": 0.92}


def rows() -> list[Row]:
    """Faults found per kind and subkind, and drafts that rightly pass."""
    records = load(JUDGING / "check.jsonl")
    rule = check_rule()
    seen = [rule(record) for record in records]
    basic = [plain(record) for record in records]
    out = [_row(records, seen, basic, "", "all faults", 0.85)]
    for kind in FindingKind:
        out.append(_row(records, seen, basic, kind.value, kind.value, GOALS.get(kind.value, 0.85)))
    subkinds = sorted({(f["kind"], f["subkind"]) for r in records for f in r["expect"]["faults"]})
    for kind_, subkind in subkinds:
        out.append(_row(records, seen, basic, kind_, f"{kind_}/{subkind}", None, subkind))
    clean = [(found, base) for r, found, base in zip(records, seen, basic, strict=True) if r["expect"]["clean"]]
    passed = sum(not any(s.blocking for s in found) for found, _ in clean)
    compared = f"{sum(not base for _, base in clean) / len(clean):.2f}"
    out.append(Row(SET, "clean drafts pass", Share(passed, len(clean)), None, compared, 0.85))
    return out


def _row(
    records: Sequence[Record],
    seen: Sequence[list[Seen]],
    basic: Sequence[list[Seen]],
    kind: str,
    name: str,
    goal: float | None,
    subkind: str = "",
) -> Row:
    """Faults of one kind (or all) found with the right kind and an overlapping span."""
    recall, precision = _shares(records, seen, kind, subkind)
    lesser, lesser_precision = _shares(records, basic, kind, subkind)
    if subkind:
        return Row(SET, name, recall, None, f"{lesser.value:.2f}", goal)
    return Row(SET, name, recall, precision, f"{lesser.value:.2f}/{lesser_precision.value:.2f}", goal)


def _shares(records: Sequence[Record], seen: Sequence[list[Seen]], kind: str, subkind: str) -> tuple[Share, Share]:
    """Recall over planted faults; precision over blocking findings of that kind in all drafts."""
    hits = wanted = right = raised = 0
    for record, found in zip(records, seen, strict=True):
        faults = record["expect"]["faults"]
        for fault in faults:
            if (not kind or fault["kind"] == kind) and (not subkind or fault["subkind"] == subkind):
                wanted += 1
                hits += _found(fault, faults, found)
        for finding in found:
            if finding.blocking and (not kind or finding.kind == kind):
                raised += 1
                right += any(_fits(fault, finding) for fault in faults)
    return Share(hits, wanted), Share(right, raised)


def _found(fault: Record, faults: Sequence[Record], found: Sequence[Seen]) -> bool:
    """Whether a finding has the right kind and touches the fault's words.

    A fault without words (a question left unanswered) is found by one of its kind that is not about another fault.
    """
    if fault["quote"]:
        return any(_fits(fault, finding) for finding in found)
    others = [f for f in faults if f["quote"]]
    return any(s.kind == fault["kind"] and not any(_fits(other, s) for other in others) for s in found)


def _fits(fault: Record, finding: Seen) -> bool:
    """Right kind (or one that is as right) and overlapping words."""
    if finding.kind != fault["kind"] and finding.kind not in fault.get("or", ()):
        return False
    return not fault["quote"] or (finding.start < fault["end"] and fault["start"] < finding.end)
