"""What the assistant prepared, as points: each with the line it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from supportdesk.domain.case import Case
from supportdesk.domain.cautions import cautions
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.preparation import Question, Trigger
from supportdesk.domain.words import ALWAYS_ESCALATE, FlagSource, SourceKind
from widgets.commands import bindings
from widgets.points import Point, PointList

NOT_PREPARED = "Nothing is prepared for this ticket yet.\n\np has the assistant prepare it now."


class PreparedList(PointList):
    """Summary, open questions, flags, route, missing details, records, articles."""

    PLACE: ClassVar[str] = "prepared"
    ALSO: ClassVar[tuple[str, ...]] = ("points",)
    BINDINGS: ClassVar[list[BindingType]] = bindings("prepared")

    @dataclass
    class Lowered(Message):
        """The flag under the cursor is to be lowered."""

        prepared: PreparedList
        """The list."""
        point: Point | None
        """What the cursor stands on."""

    def action_prepared_lower(self) -> None:
        """Ask for the flag under the cursor to be lowered."""
        self.post_message(self.Lowered(self, self.current))


def prepared_points(case: Case) -> list[Point]:
    """Everything the assistant made of the thread but the draft."""
    prepared = case.preparation
    points: list[Point] = []
    if prepared is not None:
        triage = prepared.triage
        points += _section("Before you answer", _cautions(case))
        points += _section("Summary", _summary(case))
        points += _section("Not answered yet", (_question(q) for q in triage.unresolved))
        points += _section("Why it is looked at", _flags(case))
        points += _section("Missing", (Point(m.label, "·", "warn", key=("missing", m.name)) for m in triage.missing))
        route = Point(triage.queue_reason or triage.queue, "→", "muted", key="route")
        mood = Point(f"{triage.sentiment.value}, {_language(triage.language)}", "·", "muted", lead="sounds", key="mood")
        points += _section("Route", (route, mood))
    points += _section("Our records", _records(case.thread.records))
    points += _section("Articles", _articles(case))
    return points


def _section(title: str, points: Iterator[Point] | tuple[Point, ...]) -> list[Point]:
    found = list(points)
    return [Point(title, heading=True), *found] if found else []


def _summary(case: Case) -> Iterator[Point]:
    assert case.preparation is not None
    for index, point in enumerate(case.preparation.triage.summary):
        evidence = (point.evidence,) if point.evidence else ()
        label = point.evidence.label if point.evidence else "no source"
        yield Point(point.text, "•", "muted", label=label, evidence=evidence, key=("summary", index))


def _cautions(case: Case) -> Iterator[Point]:
    for index, caution in enumerate(cautions(case)):
        yield Point(caution.words, "!", "bad" if caution.weighs else "warn", key=("caution", index))


def _question(question: Question) -> Point:
    evidence = Evidence(SourceKind.MESSAGE, str(question.message), question.text, question.start, question.end)
    return Point(
        question.text,
        "?",
        "warn",
        label=evidence.label,
        evidence=(evidence,),
        key=("question", question.message, question.start),
    )


def _flags(case: Case) -> Iterator[Point]:
    """Flags that are up, those that were lowered, and who raised them."""
    assert case.preparation is not None
    up = set(case.ticket.triggers)
    told: set[str] = set()
    for trigger in case.preparation.triage.triggers:
        told.add(trigger.kind.value)
        yield _flag(trigger, lowered=trigger.kind.value not in up)
    for kind in case.ticket.triggers:
        if kind not in told:
            yield Point("raised for an earlier message", "⚑", "warn", lead=kind, key=("flag", kind, -1, 0))


def _flag(trigger: Trigger, *, lowered: bool) -> Point:
    evidence = flag_evidence(trigger)
    why = trigger.why + (" (raised by the model)" if trigger.source is FlagSource.MODEL else "")
    look = "faint" if lowered else "bad" if trigger.kind in ALWAYS_ESCALATE else "warn"
    quote = f"“{trigger.quote}”" if trigger.quote else "from this requester's history"
    return Point(
        "lowered by a person" if lowered else quote,
        "·" if lowered else "⚑",
        look,
        lead=trigger.kind.value,
        lead_look=look,
        label=evidence[0].label if evidence else "",
        detail="" if lowered else why,
        evidence=evidence,
        key=("flag", trigger.kind.value, trigger.message, trigger.start),
    )


def flag_evidence(trigger: Trigger) -> tuple[Evidence, ...]:
    """The line a flag rests on; nothing for one that comes from history."""
    if trigger.message < 0 or not trigger.quote:
        return ()
    return (Evidence(SourceKind.MESSAGE, str(trigger.message), trigger.quote, trigger.start, trigger.end),)


def _records(records: Mapping[str, object]) -> Iterator[Point]:
    for name, value in flat(records):
        yield Point(value, lead=name, lead_look="muted", key=("record", name))


def flat(value: object, name: str = "", most: int = 60) -> Iterator[tuple[str, str]]:
    """A JSON value as dotted names and their values, in its own order."""
    if isinstance(value, Mapping):
        for key, inner in list(value.items())[:most]:
            yield from flat(inner, f"{name}.{key}" if name else str(key), most)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(list(value)[:most]):
            yield from flat(inner, f"{name}.{index}" if name else str(index), most)
    else:
        yield name, "yes" if value is True else "no" if value is False else "—" if value is None else str(value)


def _articles(case: Case) -> Iterator[Point]:
    cited = set(case.revision.citations) if case.revision else set()
    for article in case.articles:
        yield Point(
            article.title,
            "§",
            "accent" if article.slug in cited else "faint",
            label="cited" if article.slug in cited else "",
            key=("article", article.slug),
        )


def _language(code: str) -> str:
    return "language unknown" if code in ("", "und") else code
