"""Dialogs that look something up: a saved reply, an article, the requester's other tickets, what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from screens.base import Answered, DeskDialog
from screens.macros import matching
from supportdesk.domain.evidence import Article
from supportdesk.domain.thread import Ticket
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.differences import Differences, counted, differences
from widgets.footline import FootLine
from widgets.paint import lines_of, one_line
from widgets.points import Point, PointList
from widgets.wording import count_words, moment

if TYPE_CHECKING:
    from datetime import datetime

    from screens.station import Station


class LookupDialog(DeskDialog[Answered]):
    """A field that narrows a list; Enter takes what the cursor stands on."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog"), ("down", "into_list", "Into the list")]

    def __init__(self, station: Station, title: str, hint: str, empty: str) -> None:
        """Ask with this title; `empty` is said where nothing fits."""
        super().__init__(station)
        self._title = title
        self._hint_words = hint
        self._empty = empty

    def first_points(self) -> Sequence[Point]:
        """What is listed before anything is typed."""
        raise NotImplementedError

    async def find(self, typed: str) -> Sequence[Point]:
        """What fits the typed words."""
        raise NotImplementedError

    def take(self, point: Point) -> None:
        """This one was chosen."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The field, then the list."""
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content(one_line(self._title)), id="dialog-title")
            yield CleanInput(placeholder=self._hint_words, id="narrow", classes="dialog-field")
            yield PointList(self.first_points(), id="found", empty=self._empty)
        yield FootLine()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        typed = event.value
        self.carry_out(lambda: self._show(typed), group="find", exclusive=True)

    async def _show(self, typed: str) -> None:
        points = await self.find(typed) if typed.strip() else self.first_points()
        self.query_one(PointList).show(points)
        self.query_one(PointList).to_top()

    @on(Input.Submitted)
    def _take_first(self) -> None:
        """Enter in the field takes what stands first."""
        self.query_one(PointList).action_points_open()

    def action_into_list(self) -> None:
        """Go to the list."""
        self.query_one(PointList).focus()

    @on(PointList.Chosen)
    def _take(self, event: PointList.Chosen) -> None:
        self.take(event.point)

    def action_dialog_accept(self) -> None:
        """The same as Enter."""
        self.query_one(PointList).action_points_open()

    def action_dialog_close(self) -> None:
        """Take nothing."""
        self.dismiss(None)


class MacroDialog(LookupDialog[str | None]):
    """A saved reply, found by a few letters of its name or words."""

    def __init__(self, station: Station, macros: Mapping[str, str]) -> None:
        """Offer these, their fields filled already."""
        super().__init__(
            station,
            "Which saved reply goes into the draft?",
            "a few letters of its name or its words",
            "No saved reply sounds like that.",
        )
        self._macros = macros

    def first_points(self) -> Sequence[Point]:
        """All of them."""
        return self._points("")

    async def find(self, typed: str) -> Sequence[Point]:
        """Those that fit, best first."""
        return self._points(typed)

    def take(self, point: Point) -> None:
        """Hand its words back."""
        self.dismiss(self._macros[str(point.key)])

    def _points(self, typed: str) -> list[Point]:
        return [
            Point(name, "≡", "accent", text_look="strong", detail=_begin(self._macros[name]), key=name)
            for name in matching(typed, self._macros)
        ]


@dataclass(frozen=True, slots=True)
class ArticlePick:
    """An article to cite, and the line of it that goes into the draft."""

    article: Article
    """Which."""
    line: str
    """Its words; empty to cite only."""


class ArticleDialog(LookupDialog[ArticlePick | None]):
    """The knowledge base, searched as one types."""

    def __init__(self, station: Station, articles: Sequence[Article], cited: Sequence[str]) -> None:
        """Offer the articles this case calls for first."""
        super().__init__(
            station,
            "Which article? Enter opens it.",
            "words to look for in all articles",
            "No article has these words.",
        )
        self._near = tuple(articles)
        self._known = {a.slug: a for a in articles}
        self._cited = frozenset(cited)

    def first_points(self) -> Sequence[Point]:
        """What this case calls for."""
        return [self._point(a) for a in self._near]

    async def find(self, typed: str) -> Sequence[Point]:
        """What the search finds."""
        found = await self.station.clerk.look(lambda desk: desk.knowledge.search(typed, 20))
        self._known |= {a.slug: a for a in found}
        return [self._point(a) for a in found]

    def take(self, point: Point) -> None:
        """Open it; what is picked there is what this dialog answers."""
        article = self._known[str(point.key)]
        self.app.push_screen(ArticleLines(self.station, article), self._opened)

    def _opened(self, pick: ArticlePick | None) -> None:
        if pick is not None:
            self.dismiss(pick)

    def _point(self, article: Article) -> Point:
        cited = article.slug in self._cited
        return Point(
            article.title,
            "§",
            "accent" if cited else "faint",
            text_look="strong",
            label="cited" if cited else "",
            detail=_begin(article.text),
            key=article.slug,
        )


class ArticleLines(DeskDialog[ArticlePick | None]):
    """One article: Enter puts a line into the draft and cites it, ^s cites it only."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, article: Article) -> None:
        """Show this article."""
        super().__init__(station)
        self._article = article

    def compose(self) -> ComposeResult:
        """Its lines, then what the keys do."""
        lines = [line.raw for line in lines_of(self._article.text) if line.raw.strip()]
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content(one_line(self._article.title)), id="dialog-title")
            yield PointList([Point(line, "·", "faint", key=(n, line)) for n, line in enumerate(lines)], id="lines")
            yield Static(
                Content("Enter puts the line into the draft and cites the article; ^s cites it only."),
                classes="dialog-words -last",
            )
        yield FootLine()

    @on(PointList.Chosen)
    def _take(self, event: PointList.Chosen) -> None:
        if isinstance(event.point.key, tuple):
            self.dismiss(ArticlePick(self._article, str(event.point.key[1])))

    def action_dialog_accept(self) -> None:
        """Cite it."""
        self.dismiss(ArticlePick(self._article, ""))

    def action_dialog_close(self) -> None:
        """Back to the list."""
        self.dismiss(None)


class OthersDialog(DeskDialog[Ticket | None]):
    """The requester's other tickets; Enter opens one over this."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, who: str, tickets: Sequence[Ticket], now: datetime) -> None:
        """List these."""
        super().__init__(station)
        self._who = who
        self._tickets = {t.id: t for t in tickets}
        self._now = now

    def compose(self) -> ComposeResult:
        """One point a ticket."""
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content(f"Other tickets of {one_line(self._who)}"), id="dialog-title")
            yield PointList([self._point(t) for t in self._tickets.values()], id="others")
            yield Static(Content("Enter opens one; Esc there comes back here."), classes="dialog-words -last")
        yield FootLine()

    def _point(self, ticket: Ticket) -> Point:
        taken = f", taken by {ticket.taken_by}" if ticket.taken_by else ""
        flags = f" · {', '.join(ticket.triggers)}" if ticket.triggers else ""
        return Point(
            ticket.subject or "(no subject)",
            lead=ticket.ref,
            lead_look="accent",
            label=moment(ticket.updated_at, self._now),
            detail=f"{ticket.status.value} · {ticket.queue or 'no queue'}{flags}{taken}",
            key=ticket.id,
        )

    @on(PointList.Chosen)
    def _take(self, event: PointList.Chosen) -> None:
        if isinstance(event.point.key, int):
            self.dismiss(self._tickets[event.point.key])

    def action_dialog_accept(self) -> None:
        """The same as Enter."""
        self.query_one(PointList).action_points_open()

    def action_dialog_close(self) -> None:
        """Stay."""
        self.dismiss(None)


class ChangesDialog(DeskDialog[None]):
    """The draft against the assistant's, word by word."""

    WITHOUT: ClassVar[frozenset[str]] = frozenset({"dialog.accept"})
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, station: Station, number: int, before: str, after: str) -> None:
        """Compare the words with the assistant's revision of this number."""
        super().__init__(station)
        self._number = number
        self._pieces = differences(before, after)

    def compose(self) -> ComposeResult:
        """How much, then the words themselves."""
        same, gone, new = counted(self._pieces)
        share = round(100 * same / (same + gone)) if same + gone else 0
        kept = f"{share} % of its words kept, {count_words(gone, 'word')} out, {count_words(new, 'word')} in"
        with Vertical(id="dialog", classes="-tall -broad"):
            yield Static(Content(f"Against the assistant's draft, revision {self._number}: {kept}"), id="dialog-title")
            yield Differences(self._pieces, id="differences")
            yield Static(Content("[-out-]  {+in+}"), classes="dialog-words -last")
        yield FootLine()

    def action_dialog_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_dialog_accept(self) -> None:
        """Close."""
        self.dismiss(None)


def _begin(text: str) -> str:
    """The first words of a text, for a line below its name."""
    words = one_line(text)
    return words if len(words) <= 140 else f"{words[:139]}…"
