"""The draft under a person's hands: typed, checked, kept, compared, helped along by saved replies and articles."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from screens.lookups import ArticleDialog, ArticlePick, ChangesDialog, MacroDialog
from screens.macros import fields_of, filled
from screens.review_jumps import ReviewJumps
from supportdesk.domain.case import Revision
from supportdesk.domain.words import Support
from widgets.draft_editor import DraftEditor
from widgets.findings import FindingsList
from widgets.paint import block, one_line

CHECK_AFTER = 0.3
"""Seconds of stillness after which typed words are checked."""

KEEP_AFTER = 4.0
"""Seconds of stillness after which typed words are kept."""


class ReviewWriting(ReviewJumps):
    """Writing in the draft."""

    _check_timer: Timer | None = None
    _keep_timer: Timer | None = None

    def action_review_edit(self) -> None:
        """Edit the draft."""
        if self.ready_to_change():
            self.begin_editing()

    def begin_editing(self) -> None:
        """Let the person type."""
        self.show_pane("draft")
        self.query_one(DraftEditor).edit_now()
        self.call_after_refresh(self._hint, self.focused)

    def stop_editing(self) -> None:
        """Only read the draft again."""
        self.query_one(DraftEditor).stop_editing()

    @on(DraftEditor.Typed)
    def _typed(self, event: DraftEditor.Typed) -> None:
        self.sitting.typed = event.text
        if self.case is not None:
            self.show_frame(self.case)
        for timer in (self._check_timer, self._keep_timer):
            if timer is not None:
                timer.stop()
        self._check_timer = self.set_timer(CHECK_AFTER, self._check)
        self._keep_timer = self.set_timer(KEEP_AFTER, self._keep)

    def _check(self) -> None:
        text = self.sitting.typed
        if text is not None:
            self.carry_out(lambda: self._examine(text), group="check", exclusive=True)

    async def _examine(self, text: str) -> None:
        await self.sitting.examine(text)
        if self.sitting.typed == text:
            self.show_case()

    def _keep(self) -> None:
        if self.sitting.typed is not None:
            self.carry_out(self._keep_words, group="keep")

    async def _keep_words(self) -> None:
        await self.sitting.keep_words()
        self.show_case()

    @on(DraftEditor.Finished)
    def _finished(self) -> None:
        self._keep()
        self._hint(self.focused)

    @on(DraftEditor.StandsOn)
    def _stands_on(self, event: DraftEditor.StandsOn) -> None:
        """Say what a check has against the words under the cursor."""
        self.query_one(FindingsList).stand_on(event.key, quietly=True)
        self._explain(self._why(event.key))

    def _explain(self, words: str) -> None:
        why = self.query_one("#why", Static)
        if bool(words) != why.display:
            why.display = bool(words)
            # The draft has fewer lines now, or more: the cursor stays in sight.
            self.call_after_refresh(self.query_one(DraftEditor).scroll_cursor_visible)
        why.update(Content(block(words)))

    @on(events.DescendantBlur)
    def _looks_elsewhere(self, event: events.DescendantBlur) -> None:
        if isinstance(event.widget, DraftEditor):
            self._explain("")

    def _why(self, key: object) -> str:
        case = self.case
        if case is None or not isinstance(key, tuple):
            return ""
        found = next((f for f in case.examination.findings if ("finding", f.fingerprint) == key), None)
        if found is not None:
            sign = "✖" if found.blocking else "!"
            return f"{sign} {found.kind.value}, {found.subkind.replace('_', ' ')}: {found.why} {found.settle}".strip()
        for claim in case.examination.claims:
            if key == ("claim", (claim.start, claim.quote)) and claim.support is Support.SUPPORTED:
                return f"✔ {claim.what}: " + "; ".join(f"{e.label} {one_line(e.quote)}" for e in claim.evidence[:2])
        return ""

    def action_review_approve(self) -> None:
        """Keep what is being typed first; approve what is kept."""
        if self.query_one(DraftEditor).editing and self.sitting.typed is not None:
            self.carry_out(self._keep_and_say, group="keep")
            return
        self.stop_editing()
        super().action_review_approve()

    async def _keep_and_say(self) -> None:
        number = await self.sitting.keep_words()
        self.show_case()
        self.say(f"Kept as revision {number}. ^s again approves it.", "done", seconds=5)

    def action_review_changes(self) -> None:
        """Show what was changed in the assistant's draft."""
        self.carry_out(self._changes)

    async def _changes(self) -> None:
        every = await self.sitting.revisions()
        proposed = _proposed(every)
        if proposed is None:
            self.say("The assistant wrote no draft for this ticket: these are all your own words.", "refused")
            return
        words = self.sitting.words
        if block(proposed.text) == words:
            self.say("The draft is word for word the assistant's.", seconds=5)
            return
        self.app.push_screen(ChangesDialog(self.station, proposed.number, block(proposed.text), words))

    def action_review_macro(self) -> None:
        """Choose a saved reply."""
        case = self.sitting.case
        if case is None or not self.ready_to_change():
            return
        macros = self.station.desk.settings.workstation.macros
        if not macros:
            self.say("You have no saved replies; add some under [workstation.macros] in settings.toml.", "refused")
            return
        fields = fields_of(case, self.station.desk.settings.desk.name)
        every = {name: filled(text, fields) for name, text in macros.items()}
        self.app.push_screen(MacroDialog(self.station, every), self._insert)

    def _insert(self, words: str | None) -> None:
        if words:
            self.begin_editing()
            self.query_one(DraftEditor).put(words)

    def action_review_article(self) -> None:
        """Look an article up."""
        case = self.sitting.case
        if case is None:
            self.say("The ticket is still being read.", "refused")
            return
        cited = case.revision.citations if case.revision else ()
        self.app.push_screen(ArticleDialog(self.station, case.articles, cited), self._article_picked)

    def _article_picked(self, pick: ArticlePick | None) -> None:
        if pick is None or not self.ready_to_change():
            return
        self._insert(pick.line)
        self.carry_out(lambda: self._cite(pick))

    async def _cite(self, pick: ArticlePick) -> None:
        await self.sitting.cite(pick.article.slug)
        self.show_case()
        self.say(f"The draft cites “{one_line(pick.article.title)}”; the checks look things up there too.", "done")


def _proposed(every: Sequence[Revision]) -> Revision | None:
    """The assistant's latest draft."""
    return next((r for r in reversed(every) if r.by == "assistant"), None)
