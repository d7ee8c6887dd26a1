"""Dialogs that are lists: what stands in the way, which line settles it, what was done; and a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from screens.base import DeskDialog
from supportdesk.domain.case import Case
from supportdesk.domain.evidence import Article, Evidence
from supportdesk.domain.gate import Blocker
from supportdesk.domain.words import SourceKind
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import block, lines_of, one_line
from widgets.points import Point, PointList
from widgets.prepared import flat

if TYPE_CHECKING:
    from screens.station import Station

MOST_LINES = 300
"""Lines offered at a time; typing narrows them."""


class BlockersDialog(DeskDialog[Blocker | None]):
    """What still stands in the way; Enter goes there."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, what: str, standing: Sequence[Blocker]) -> None:
        """Say why `what` is not possible yet."""
        super().__init__(station)
        self._what = what
        self._standing = standing

    def compose(self) -> ComposeResult:
        """One point a blocker."""
        one = len(self._standing) == 1
        title = (
            f"{self._what}: not yet. {'One thing stands' if one else f'{len(self._standing)} things stand'} in the way."
        )
        with Vertical(id="dialog"):
            yield Static(Content(title), id="dialog-title")
            yield PointList(
                [Point(b.words, "✖", "bad", key=index) for index, b in enumerate(self._standing)], id="standing"
            )
            yield Static(Content("Enter goes to where it can be settled."), classes="dialog-words")
        yield FootLine()

    @on(PointList.Chosen)
    def _go(self, event: PointList.Chosen) -> None:
        if isinstance(event.point.key, int):
            self.dismiss(self._standing[event.point.key])

    def action_dialog_accept(self) -> None:
        """The same as Enter."""
        self.query_one(PointList).action_points_open()

    def action_dialog_close(self) -> None:
        """Stay where one was."""
        self.dismiss(None)


class LineDialog(DeskDialog[Evidence | None]):
    """Pick the line a statement rests on: from the thread, the records or the articles."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("dialog"),
        ("down", "into_list", "Into the list"),
    ]

    def __init__(self, station: Station, case: Case, statement: str) -> None:
        """Offer this case's lines for this statement."""
        super().__init__(station)
        self._statement = statement
        self._lines = list(source_lines(case))

    def compose(self) -> ComposeResult:
        """A field that narrows, and the lines."""
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content(f"Which line settles “{one_line(self._statement)}”?"), id="dialog-title")
            yield CleanInput(placeholder="type to narrow the lines", id="narrow", classes="dialog-field")
            yield PointList(self._matching(""), id="lines", empty="No line has these words.")
        yield FootLine()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self.query_one(PointList).show(self._matching(event.value))

    @on(Input.Submitted)
    def action_into_list(self) -> None:
        """Go to the lines."""
        self.query_one(PointList).focus()

    @on(PointList.Chosen)
    def _pick(self, event: PointList.Chosen) -> None:
        if event.point.evidence:
            self.dismiss(event.point.evidence[0])

    def action_dialog_accept(self) -> None:
        """Take the line under the cursor."""
        self.query_one(PointList).action_points_open()

    def action_dialog_close(self) -> None:
        """Take none."""
        self.dismiss(None)

    def _matching(self, typed: str) -> list[Point]:
        words = typed.casefold().split()
        found = []
        for evidence in self._lines:
            if all(word in f"{evidence.quote} {evidence.ref}".casefold() for word in words):
                found.append(Point(evidence.quote, "·", "muted", label=evidence.label, evidence=(evidence,)))
                if len(found) >= MOST_LINES:
                    break
        return found


def source_lines(case: Case) -> Iterator[Evidence]:
    """Every line something can rest on, latest messages first, then records and articles."""
    for message in reversed(case.thread.messages):
        for line in lines_of(message.text):
            if line.raw.strip():
                start = line.start + len(line.raw) - len(line.raw.lstrip())
                quote = line.raw.strip()
                yield Evidence(SourceKind.MESSAGE, str(message.position), quote, start, start + len(quote))
    for name, value in flat(case.thread.records):
        yield Evidence(SourceKind.RECORD, name, value, 0, len(value))
    for article in case.articles:
        for line in lines_of(article.text):
            if line.raw.strip():
                quote = line.raw.strip()
                yield Evidence(SourceKind.ARTICLE, article.slug, quote, line.start, line.start + len(line.raw))


class ListDialog(DeskDialog[None]):
    """Points to read, and nothing to decide: a history, an article."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, title: str, points: Sequence[Point], empty: str = "") -> None:
        """Show these points."""
        super().__init__(station)
        self._title = title
        self._points = points
        self._empty = empty

    def compose(self) -> ComposeResult:
        """The points."""
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content(one_line(self._title)), id="dialog-title")
            yield PointList(self._points, empty=self._empty)
        yield FootLine()

    def action_dialog_accept(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_dialog_close(self) -> None:
        """Close."""
        self.dismiss(None)


def article_points(article: Article, quotes: Sequence[str]) -> list[Point]:
    """An article's lines; those that are rested on have a sign."""
    points = []
    for line in lines_of(article.text):
        rests = any(quote and (quote in line.raw or line.raw.strip() in quote) for quote in quotes if line.raw.strip())
        points.append(Point(line.raw, "▸" if rests else " ", "accent", text_look="strong" if rests else ""))
    return points


class NoteDialog(DeskDialog[str | None]):
    """A note only colleagues see."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def compose(self) -> ComposeResult:
        """One field of several lines."""
        with Vertical(id="dialog"):
            yield Static(Content("A note for colleagues; the requester never sees it"), id="dialog-title")
            yield NoteArea(id="note")
            yield Static(Content("^s keeps it in the thread."), classes="dialog-words")
        yield FootLine()

    def action_dialog_accept(self) -> None:
        """Keep it, once all that was typed before this key is taken in."""
        self.query_one(TextArea).call_later(self._keep)

    def _keep(self) -> None:
        if not self.is_active:
            return
        text = block(self.query_one(TextArea).text)
        if text.strip():
            self.dismiss(text)
        else:
            self.say("An empty note says nothing.", "refused")

    def action_dialog_close(self) -> None:
        """Keep nothing."""
        self.dismiss(None)


class NoteArea(TextArea):
    """A few lines of one's own."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty."""
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False)
        self.cursor_blink = False
