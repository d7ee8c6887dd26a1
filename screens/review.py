"""The review: thread, preparation and draft beside each other, or one at a time where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from screens.base import do
from screens.drawing import arrived_words, banner_words, draft_title, taken_words, underlines
from screens.redrafts import Redrafts
from screens.review_corrections import ReviewCorrections
from screens.review_panes import PANES, TABS, WIDE
from screens.review_writing import ReviewWriting
from screens.station import Station
from supportdesk.domain.case import Case
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.thread import Ticket
from supportdesk.errors import DeskError
from widgets.checklist import Checklist, ChecklistStrip, checklist_points, left_to_answer
from widgets.commands import bindings
from widgets.draft_editor import DraftEditor
from widgets.findings import NO_DRAFT, NOTHING_FOUND, FindingsList, finding_points, heading, open_count
from widgets.footline import FootLine
from widgets.heads import CaseHead, DecisionsBar, PaneTabs, Tab
from widgets.made import made_points
from widgets.points import Point
from widgets.prepared import NOT_PREPARED, PreparedList, prepared_points
from widgets.queue_columns import Scene
from widgets.thread_view import ThreadView

__all__ = ["PANES", "TABS", "WIDE", "ReviewScreen"]


class ReviewScreen(Redrafts, ReviewCorrections, ReviewWriting):
    """One ticket, whole."""

    PLACE: ClassVar[str] = "review"
    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("review")
    AUTO_FOCUS = "ThreadView"

    def __init__(self, station: Station, ticket_id: int, ticket: Ticket | None = None) -> None:
        """Review this ticket; what the queue knows of it is shown at once."""
        super().__init__(station, ticket_id)
        self._ticket = ticket
        self._seen_change = -1

    def compose(self) -> ComposeResult:
        """Head, panes, decisions, foot."""
        yield CaseHead()
        yield Static("", id="banner", markup=False)
        yield PaneTabs()
        with Horizontal(id="panes"):
            yield ThreadView(id="thread")
            yield PreparedList(id="prepared", empty="…")
            with Vertical(id="right"):
                yield DraftEditor(id="draft")
                yield Static("", id="why", markup=False)
                yield FindingsList(id="findings", empty="…")
                yield Checklist(id="checklist")
        yield ChecklistStrip()
        yield DecisionsBar(id="decisions")
        yield FootLine()

    def on_mount(self) -> None:
        """Show what is known, read the rest, take the ticket."""
        super().on_mount()
        for hidden in ("#banner", "#why"):
            self.query_one(hidden).display = False
        if self._ticket is not None:
            self.query_one(CaseHead).show(self._ticket, self._scene(), ("", ""))
        self.lay_out_panes()
        self.carry_out(self._begin, group="begin")
        self.set_interval(1.0, self._poll)
        self.set_interval(20.0, self._tick)
        self.set_interval(40.0, self._keep_ticket)

    async def _begin(self) -> None:
        # What changes from here on is noticed, also while the case is being read.
        self._seen_change = await self.station.clerk.look(lambda desk: desk.queue.changed())
        try:
            case = await self.sitting.read()
            self.show_case()
            await self.sitting.look_back()
            if case.ticket.prepared_version != case.ticket.thread_version:
                await self.want_prepared()
            if case.reviewer.active and not case.ticket.taken_by:
                await self.sitting.take()
        finally:
            self.sitting.beginning = False
        self.show_case()

    def show_case(self) -> None:
        """Draw the case as it stands, typed words included."""
        case = self.sitting.shown
        if case is None or not self.is_mounted:
            return
        now = self.station.now()
        self.query_one(CaseHead).show(case.ticket, self._scene(), taken_words(self.sitting, self.station.login))
        prepared, findings = [*prepared_points(case), *made_points(case, now)], finding_points(case)
        thread = self.query_one(ThreadView)
        thread.show(case.thread, case.seen, now)
        thread.rest_on(_evidence((*prepared, *findings)))
        self.query_one(PreparedList).show(prepared, empty=NOT_PREPARED)
        self.query_one(FindingsList).show(findings, empty=NOTHING_FOUND if case.revision else NO_DRAFT)
        items = checklist_points(case)
        self.query_one(Checklist).show(items)
        self.query_one(ChecklistStrip).show(items)
        editor = self.query_one(DraftEditor)
        if self.sitting.typed is None:
            editor.show(self.sitting.words)
        editor.underline(underlines(case, editor.text))
        self.show_frame(case)

    def show_frame(self, case: Case) -> None:
        """Titles, tabs, banner and decisions."""
        total, read = len(case.thread.messages), len(case.thread.messages) - len(case.unseen)
        found, left = open_count(case), left_to_answer(case)
        by = case.preparation.provenance.assistant if case.preparation else ""
        self._title("thread", "Thread", f"{read} of {total} read")
        self._title("prepared", "Prepared", by)
        self._title("draft", "Draft", draft_title(self.sitting))
        self._title("findings", "Checks", heading(case))
        self._title("checklist", "Checklist", f"{left} to confirm" if left else "all confirmed")
        tabs = (
            Tab("thread", f"Thread {read}/{total}", alert=read < total),
            Tab("prepared", "Prepared"),
            Tab("draft", f"Draft ✖{found}" if found else "Draft ✔", alert=found > 0),
            Tab("checks", f"Checks {len(case.items) - left}/{len(case.items)}", alert=left > 0),
        )
        self.query_one(PaneTabs).show(tabs, TABS[self._pane])
        banner = self.query_one("#banner", Static)
        words = banner_words(self.sitting, self.station.login, self.station.now())
        if str(banner.content) != words:
            banner.update(Content(words))
        banner.display = bool(words)
        self.query_one(DecisionsBar).show(f"{left} open" if left else "", dict(self.station.keymap))

    def _title(self, pane: str, name: str, words: str) -> None:
        widget = self.query_one(f"#{pane}")
        widget.border_title = Content(f"{name}  {words}".rstrip())

    def _scene(self) -> Scene:
        return Scene(self.station.now(), self.station.login)

    def on_resize(self) -> None:
        """One pane or all of them."""
        self.lay_out_panes()

    @on(ThreadView.Seen)
    def _seen(self, event: ThreadView.Seen) -> None:
        self.carry_out(lambda: self._see(event.positions), group="see")

    async def _see(self, positions: tuple[int, ...]) -> None:
        await self.sitting.see(positions)
        self.show_case()

    @on(DecisionsBar.Chosen)
    async def _decision_chosen(self, event: DecisionsBar.Chosen) -> None:
        await do(event.command, self)

    def open_ticket(self, ticket: Ticket) -> None:
        """Review another ticket over this one, which stays taken meanwhile."""
        self.app.push_screen(ReviewScreen(self.station, ticket.id, ticket), self._came_back)

    def _came_back(self, words: str | None) -> None:
        if words:
            self.say(words, "done")

    def action_review_back(self) -> None:
        """One step back: out of editing, out of zoom, back to the queue."""
        if self.query_one(DraftEditor).editing:
            self.stop_editing()
        elif self._zoomed and self.app.size.width >= WIDE:
            self.action_review_zoom()
        else:
            self.carry_out(self._leave, group="leave", exclusive=True)

    async def _leave(self) -> None:
        await self.put_away()
        self.dismiss(None)

    async def put_away(self) -> None:
        """Keep the words and give the ticket back."""
        await self.sitting.put_away()

    def on_screen_resume(self) -> None:
        """A dialog has gone: what is on screen is seen again."""
        self.query_one(ThreadView).look_again()

    def _poll(self) -> None:
        if self.is_active and self.sitting.case is not None:
            _: Worker[None] = self.run_worker(self._look_for_changes, group="poll", exclusive=True)

    async def _look_for_changes(self) -> None:
        try:
            change = await self.station.clerk.look(lambda desk: desk.queue.changed())
            if change != self._seen_change:
                before, asked = self.sitting.case, self.sitting.grants
                case = await self.sitting.read()
                # Most changes are about other tickets: nothing is drawn again for those.
                if case != before or self.sitting.grants != asked:
                    self.show_case()
                    self.query_one(ThreadView).look_again()
                words = arrived_words(before, case)
                if words:
                    self.say(words, "alert", seconds=20)
            self._seen_change = change
        except DeskError:
            return  # the next act says what is wrong with the store; a look in passing need not

    def _tick(self) -> None:
        case = self.sitting.case
        if case is not None:
            self.query_one(CaseHead).show(case.ticket, self._scene(), taken_words(self.sitting, self.station.login))

    def _keep_ticket(self) -> None:
        self.carry_out(self._sign_of_life, group="keep-ticket")

    async def _sign_of_life(self) -> None:
        if self.sitting.holds and not await self.sitting.keep():
            await self.sitting.read()
            self.show_case()
            self.say("Somebody took this ticket over. Your words up to the last one kept are in its history.", "alert")


def _evidence(points: Sequence[Point]) -> list[Evidence]:
    return [each for point in points for each in point.evidence]
