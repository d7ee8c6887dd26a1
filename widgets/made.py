"""How a preparation came about, as points under it: model, prompts, age, cost."""

from __future__ import annotations

from datetime import datetime

from supportdesk.domain.case import Case
from widgets.points import Point
from widgets.wording import moment


def made_points(case: Case, now: datetime) -> list[Point]:
    """Who made it, when, with which prompts, at what cost, and why so."""
    if case.preparation is None:
        return []
    made = case.preparation.provenance
    at = case.preparation.at
    age = f" · {_age(at, now)}" if at is not None else ""
    points = [Point("How it was made", heading=True), Point(f"{made.assistant}{age}", "·", "muted", key="made")]
    if made.tokens or made.cost:
        price = f"${made.cost:.4f}" if made.cost else "no price known"
        words = f"{made.tokens:,} tokens · {price} · {made.seconds:.1f} s"
        points.append(Point(words, "·", "muted", lead="cost", lead_look="muted", key="cost"))
    if made.prompts:
        names = ", ".join(label.partition("#")[0] for label in made.prompts)
        points.append(Point(names, "·", "muted", lead="prompts", lead_look="muted", key="prompts"))
    if made.note:
        points.append(Point(made.note, "!", "warn", key="made-note"))
    if case.preparation.thread_version != case.ticket.thread_version:
        points.append(Point("for an earlier state of the thread", "!", "warn", key="made-old"))
    return points


def _age(at: datetime, now: datetime) -> str:
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 60 else moment(at, now)
