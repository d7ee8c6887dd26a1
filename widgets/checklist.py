"""The checklist: each item, how it was answered, or what it still wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from supportdesk.domain.case import Answer, Case
from supportdesk.domain.gate import item_blockers
from supportdesk.domain.words import AnswerValue, FindingKind, Item, Sentiment, Support
from widgets.commands import bindings
from widgets.findings import unasked
from widgets.paint import cells, one_line
from widgets.points import Point, PointList
from widgets.wording import count_words

SIGNS = {
    AnswerValue.CONFIRMED: ("✔", "good"),
    AnswerValue.PROBLEM: ("✖", "bad"),
    AnswerValue.NOT_JUDGED: ("○", "muted"),
}


class Checklist(PointList):
    """Items one can walk through and answer."""

    PLACE: ClassVar[str] = "checklist"
    BINDINGS: ClassVar[list[BindingType]] = bindings("checklist")

    @dataclass
    class Confirmed(Message):
        """An item is to be confirmed at once."""

        checklist: Checklist
        """The list."""
        point: Point
        """The item's point."""

    def action_checklist_confirm(self) -> None:
        """Ask for the item under the cursor to be confirmed."""
        if self.current is not None:
            self.post_message(self.Confirmed(self, self.current))

    def to_first_open(self) -> None:
        """Stand on the first item that is not confirmed, or on the first."""
        for point in self.points:
            if point.mark != SIGNS[AnswerValue.CONFIRMED][0]:
                self.stand_on(point.key)
                return
        self.to_top()

    def action_checklist_answer(self) -> None:
        """Answer the item under the cursor."""
        self.action_points_open()


def checklist_points(case: Case) -> list[Point]:
    """One point an item."""
    width = max((len(title(item)) for item in case.items), default=0)
    return [_point(case, item, width) for item in case.items]


def left_to_answer(case: Case) -> int:
    """How many items are not confirmed."""
    return sum(1 for item in case.items if not _is_confirmed(case, item))


def title(item: str) -> str:
    """An item's name as a person writes it."""
    return item.replace("_", " ").capitalize()


def _is_confirmed(case: Case, item: str) -> bool:
    answer = case.answer(item)
    return answer is not None and answer.value is AnswerValue.CONFIRMED and not item_blockers(case, item)


def _point(case: Case, item: str, width: int) -> Point:
    answer = case.answer(item)
    mark, look = SIGNS[answer.value] if answer else ("·", "warn")
    wants = item_blockers(case, item)
    if answer is not None and answer.value is AnswerValue.CONFIRMED and wants:
        mark, look = "·", "warn"
    if answer is not None and answer.value is not AnswerValue.CONFIRMED:
        words = _answered(answer)
    elif wants:
        words = _wants(case, item)
    else:
        words = _stands(case, item)
        if answer is None and _answered_before(case, item):
            words += "; the words changed, answer again"
    return Point(
        words,
        mark,
        look,
        "" if answer is None else "muted",
        lead=title(item),
        lead_look="strong",
        lead_width=width,
        key=("item", item),
    )


def _answered(answer: Answer) -> str:
    if answer.value is AnswerValue.NOT_JUDGED:
        return "not judged"
    return ": ".join(filter(None, (f"problem, {answer.reason.replace('_', ' ')}", answer.note)))


def _answered_before(case: Case, item: str) -> bool:
    return any(a.item == item and a.by == case.reviewer.login for a in case.answers)


def _wants(case: Case, item: str) -> str:
    """What an item still wants, short: the findings say the rest."""
    if item == Item.THREAD:
        unseen = len(case.unseen)
        return f"{count_words(unseen, 'message')} of {len(case.thread.messages)} not read to the end yet"
    if case.revision is None:
        return "there is no draft to judge"
    open_ = [f for f in case.open_findings if f.item == item]
    words = [count_words(len(open_), "finding") + " to settle"] if open_ else []
    if item == Item.COMMITMENTS and case.unauthorised:
        words.append(f"“{case.unauthorised[0].quote}” is beyond your authority")
        if len(case.unauthorised) > 1:
            words[-1] = f"{len(case.unauthorised)} promises are beyond your authority"
    return ", ".join(words) or "something is open"


def _stands(case: Case, item: str) -> str:
    """What there is to judge, when nothing is in the way."""
    found = case.examination
    if item == Item.THREAD:
        return f"{count_words(len(case.thread.messages), 'message')}, all on screen"
    if item == Item.FACTS:
        return _claims(case)
    if item == Item.COMMITMENTS:
        return (
            f"{count_words(len(found.commitments), 'promise')}, within authority"
            if found.commitments
            else "promises nothing"
        )
    if item == Item.TONE:
        remarks = sum(1 for f in found.findings if f.kind is FindingKind.TONE)
        mood = case.preparation.triage.sentiment if case.preparation else Sentiment.NEUTRAL
        words = f"the requester sounds {mood.value}"
        return f"{words}; {count_words(remarks, 'remark')}" if remarks else words
    if item == Item.PRIVACY:
        return "does it go to the right person, and only what is theirs?"
    return "your team's own item: judge it"


def _claims(case: Case) -> str:
    """How many claims there are, with a source, kept without one by a person, and such as none is asked for."""
    claims = case.examination.claims
    if not claims:
        return "no claims of fact"
    sourced = sum(1 for c in claims if c.support is Support.SUPPORTED)
    loose = len(unasked(case))
    words = [count_words(len(claims), "claim"), f"{sourced} with a source"]
    if len(claims) > sourced + loose:
        words.append(f"{len(claims) - sourced - loose} settled by a person")
    if loose:
        words.append(f"{loose} that {'needs' if loose == 1 else 'need'} none")
    return ", ".join(words)


class ChecklistStrip(Widget):
    """The checklist on one line, where its pane is not in sight."""

    DEFAULT_CSS = """
    ChecklistStrip { height: 1; width: 1fr; padding: 0 1; background: $surface; color: $foreground; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty."""
        super().__init__(id=id)
        self._points: list[Point] = []

    def show(self, points: list[Point]) -> None:
        """Show these items."""
        self._points = points
        self.refresh()

    def render(self) -> Content:
        """Sign and name of each item that fits."""
        colours = {"good": "$success", "bad": "$error", "warn": "$warning", "muted": "$text-muted"}
        parts: list[Content] = []
        room = self.app.size.width - 2
        for point in self._points:
            words = one_line(f"{point.mark} {point.lead}")
            if cells(words) + 3 > room:
                break
            room -= cells(words) + 3
            parts.append(
                Content.assemble(
                    (point.mark, f"bold {colours.get(point.look, '$text')}"), f" {one_line(point.lead)}   "
                )
            )
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        """Nothing to choose here."""
        event.stop()
