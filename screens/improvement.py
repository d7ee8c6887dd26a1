"""What the desk learns from its work: proposed by the assistant, confirmed by people, published by owners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.dialogs import ListDialog
from screens.forms import Form, FormDialog, Values
from screens.improvement_forms import article_form, theme_form
from screens.improvement_points import Entry, Improvable, entry_points, listed, theme_points
from screens.lead import LeadScreen
from supportdesk.domain.article import ArticleVersion
from supportdesk.domain.report import Period
from supportdesk.domain.theme import Effect, KnownTheme, ThemeState
from supportdesk.services.desk import Desk
from widgets.commands import bindings
from widgets.points import Point, PointList
from widgets.wording import count_words

DAYS = 91
"""How far back the screen looks."""
EXAMPLES = 5
SHOWN = (ThemeState.PROPOSED, ThemeState.CONFIRMED, ThemeState.MENDED)


class ImprovementScreen(LeadScreen):
    """Themes, wrong routes, corrections, missing details, articles: each with its next step."""

    NAME: ClassVar[str] = "Improvement"
    PLACE: ClassVar[str] = "improvement"
    BINDINGS: ClassVar[list[BindingType]] = bindings("improvement")
    POLL: ClassVar[float] = 0.0
    EMPTY: ClassVar[str] = """Nothing stands out yet.
f looks for themes and wrong routes in the last quarter. Corrections and missing details appear as people work."""

    _all: Improvable | None = None
    _period: Period | None = None

    def __init__(self, *args: object, **kw: object) -> None:
        """Nothing is read yet."""
        super().__init__(*args, **kw)  # type: ignore[arg-type]
        self._more: dict[int, tuple[KnownTheme, tuple[tuple[int, str], ...], Effect | None]] = {}

    async def read(self) -> None:
        """Read the register and what the last quarter teaches."""
        since = self.station.now() - timedelta(days=DAYS)
        self._period = period = await self.station.clerk.look(lambda desk: desk.monitoring.period(since=since))
        self._more = {}
        self._all = all_ = await self.station.clerk.look(lambda desk: look(desk, period))
        open_ = sum(t.state is ThemeState.PROPOSED for t in all_.themes)
        words = f"{count_words(open_, 'theme')} to judge, {count_words(len(all_.waiting), 'article')} on the way"
        self.show(list(listed(all_)), Content.assemble((words, "bold"), ("   the last quarter", "$text-muted")))

    def show_detail(self) -> None:
        """Show the entry; a theme's examples are fetched."""
        super().show_detail()
        entry = self._entry(self.current)
        if isinstance(entry, KnownTheme) and entry.id not in self._more:
            self.carry_out(lambda: self._read_theme(entry.id), group="theme", exclusive=True)

    async def _read_theme(self, number: int) -> None:
        self._more[number] = await self.station.clerk.look(
            lambda desk: (desk.themes.get(number), desk.themes.examples(number, EXAMPLES), desk.themes.effect(number))
        )
        entry = self._entry(self.current)
        if isinstance(entry, KnownTheme) and entry.id == number:
            super().show_detail()

    def detail(self, point: Point | None) -> Sequence[Point]:
        """Everything about the entry under the cursor."""
        entry, now = self._entry(point), self.station.now()
        if isinstance(entry, KnownTheme):
            theme, examples, effect = self._more.get(entry.id, (entry, (), None))
            return list(theme_points(theme, examples, effect, self.station.login, now))
        return list(entry_points(entry, now)) if entry is not None else ()

    def detail_title(self, point: Point | None) -> str:
        """What sort of entry it is."""
        return str(point.key[0]) if point is not None and isinstance(point.key, tuple) else ""

    def action_improvement_find(self) -> None:
        """Look for themes and wrong routes."""
        period = self._period
        if period is None:
            return
        self.say("Looking for what letters have in common…", seconds=0)

        async def find() -> None:
            found = await self.station.clerk.act(lambda desk: desk.themes.propose(period))
            self.say(f"{count_words(len(found), 'pattern')} proposed that the register did not have.", "done")
            self.load()

        self.carry_out(find, group="find", exclusive=True)

    def action_improvement_decide(self) -> None:
        """Take the next step with the entry under the cursor."""
        entry = self._entry(self.current)
        asked: tuple[Form, Callable[[Values], Callable[[Desk], str]]] | None = None
        if isinstance(entry, KnownTheme):
            theme = self._more.get(entry.id, (entry, (), None))[0]
            asked = theme_form(theme, self.station.login)
        elif isinstance(entry, ArticleVersion):
            asked = article_form(entry, self.station.login)
        if asked is None:
            self.say("Nothing to decide here: it says where it is mended.", "refused")
            return
        form, act = asked

        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                self._carry_through(act(values))

        self.app.push_screen(FormDialog(self.station, form), answered)

    def _carry_through(self, act: Callable[[Desk], str]) -> None:
        async def carry() -> None:
            words = await self.station.clerk.act(act)
            self.say(words, "done")
            self.load()

        self.carry_out(carry)

    @on(PointList.Chosen, "#lead-list")
    def _to_detail(self) -> None:
        self.query_one("#lead-detail").focus()

    @on(PointList.Chosen, "#lead-detail")
    def _detail_chosen(self, event: PointList.Chosen) -> None:
        key = event.point.key
        entry = self._entry(self.current)
        if not isinstance(key, tuple):
            return
        if key[0] == "look" and isinstance(entry, KnownTheme):
            self._look_at(entry.id, int(key[1]))
        elif key[0] == "ticket":
            self.open_ticket(int(key[1]))

    def _look_at(self, theme: int, ticket: int) -> None:
        login = self.station.login

        async def look_at() -> None:
            letter = await self.station.clerk.act(lambda desk: desk.themes.look(theme, login, ticket))
            await self._read_theme(theme)
            self.app.push_screen(ListDialog(self.station, f"#{ticket}, its first letter", [Point("", detail=letter)]))

        self.carry_out(look_at)

    def _entry(self, point: Point | None) -> Entry | None:
        if point is None or self._all is None or not isinstance(point.key, tuple):
            return None
        kind, *rest = point.key
        all_ = self._all
        found: dict[str, Sequence[tuple[tuple[object, ...], Entry]]] = {
            "theme": [((t.id,), t) for t in all_.themes],
            "route": [((r.source, r.target), r) for r in all_.routes],
            "correction": [((c.category, c.sentence), c) for c in all_.corrections],
            "missing": [((m.category, m.name), m) for m in all_.missing],
            "article": [((a.article.slug, a.article.version), a) for a in all_.waiting],
            "stale": [((s.article.slug,), s) for s in all_.stale],
        }
        return next((entry for key, entry in found.get(str(kind), ()) if key == tuple(rest)), None)


def look(desk: Desk, period: Period) -> Improvable:
    """Read everything the screen lists."""
    return Improvable(
        themes=desk.themes.all(*SHOWN),
        routes=desk.improvement.routes(period),
        corrections=desk.improvement.corrections(period),
        missing=desk.improvement.missing(period, desk.routing),
        waiting=desk.articles.waiting(),
        stale=desk.articles.stale(period),
    )
