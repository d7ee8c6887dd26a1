"""One line of the table, and the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .intervals import Share


class NotThere(Exception):
    """What was to be measured, or what it is measured on, is not there."""


@dataclass(frozen=True, slots=True)
class Row:
    """How well one kind is found in one set."""

    set: str
    """Which texts."""
    kind: str
    """What is looked for."""
    recall: Share
    """Of those that have it, how many are found; for whole-set measures, how many are right."""
    precision: Share | None = None
    """Of those found, how many have it."""
    baseline: str = ""
    """The plain baseline on the same texts: recall, or recall/precision."""
    goal: float | None = None
    """What the recall should reach."""
    precision_goal: float | None = None
    """What the precision should reach."""
    score: float | None = None
    """A mean that is no share, such as ROUGE; `recall` then says in how many of the texts it is ahead."""

    @property
    def shown(self) -> str:
        """The share, or the score and in how many texts it is ahead."""
        if self.score is None:
            return str(self.recall)
        return f"{self.score:.3f}, ahead in {self.recall.hits}"

    @property
    def met(self) -> str:
        """'yes' or 'no' where there is a goal."""
        asked = [(self.recall, self.goal), (self.precision, self.precision_goal)]
        verdicts = [share.value >= goal for share, goal in asked if share is not None and goal is not None]
        return "" if not verdicts else "yes" if all(verdicts) else "no"

    @property
    def goals(self) -> str:
        """What is asked for: recall, or recall/precision."""
        parts = ["" if goal is None else f"{goal:.2f}" for goal in (self.goal, self.precision_goal)]
        return "/".join(parts) if parts[1] else parts[0]

    def as_json(self) -> dict[str, object]:
        """The row as plain JSON values."""
        low, high = self.recall.interval
        out: dict[str, object] = {
            "set": self.set,
            "kind": self.kind,
            "n": self.recall.n,
            "recall": round(self.recall.value, 4),
            "recall_low": round(low, 4),
            "recall_high": round(high, 4),
        }
        if self.score is not None:
            out["score"] = round(self.score, 4)
        if self.precision is not None:
            low, high = self.precision.interval
            out |= {
                "raised": self.precision.n,
                "precision": round(self.precision.value, 4),
                "precision_low": round(low, 4),
                "precision_high": round(high, 4),
            }
        if self.baseline:
            out["baseline"] = self.baseline
        if self.met:
            out |= {"goal": self.goals, "met": self.met == "yes"}
        return out


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text, a blank line between sets."""
    head = ("set", "kind", "n", "recall or share", "precision", "raised", "baseline", "goal", "met")
    lines: list[tuple[str, ...]] = [head]
    for row in rows:
        lines.append(
            (
                row.set,
                row.kind,
                str(row.recall.n),
                row.shown,
                str(row.precision) if row.precision is not None else "",
                str(row.precision.n) if row.precision is not None else "",
                row.baseline,
                row.goals,
                row.met,
            )
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    out: list[str] = []
    before = ""
    for line in lines:
        if before not in ("", "set", line[0]):
            out.append("")
        before = line[0]
        out.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return "\n".join(out)
