"""The review: thread, preparation and draft beside each other, or one at a time where it is narrow."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from screens.base import do
from screens.dialogs import ListDialog, article_points
from screens.drawing import banner_words, draft_title, taken_words, underlines
from screens.review_acts import ReviewActs
from screens.station import Station
from supportdesk.domain.case import Case
from supportdesk.domain.gate import Blocker
from supportdesk.domain.thread import Ticket
from supportdesk.errors import DeskError
from widgets.checklist import Checklist, ChecklistStrip, checklist_points, left_to_answer
from widgets.commands import bindings
from widgets.draft_editor import DraftEditor
from widgets.findings import NO_DRAFT, NOTHING_FOUND, FindingsList, finding_points, open_count
from widgets.footline import FootLine
from widgets.heads import CaseHead, DecisionsBar, PaneTabs, Tab
from widgets.points import Point, PointList
from widgets.prepared import NOT_PREPARED, PreparedList, prepared_points
from widgets.queue_columns import Scene
from widgets.thread_view import ThreadView

WIDE = 120
"""Columns from which all panes stand beside each other."""

PANES = ("thread", "prepared", "draft", "findings", "checklist")
TABS = {"thread": "thread", "prepared": "prepared", "draft": "draft", "findings": "draft", "checklist": "checks"}

CHECK_AFTER = 0.3
"""Seconds of stillness after which typed words are checked."""

KEEP_AFTER = 4.0
"""Seconds of stillness after which typed words are kept."""


class ReviewScreen(ReviewActs):
    """One ticket, whole."""

    PLACE: ClassVar[str] = "review"
    CSS_PATH = "review.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("review")
    AUTO_FOCUS = "ThreadView"

    def __init__(self, station: Station, ticket_id: int, ticket: Ticket | None = None) -> None:
        """Review this ticket; what the queue knows of it is shown at once."""
        super().__init__(station, ticket_id)
        self._ticket = ticket
        self._pane = "thread"
        self._zoomed = False
        self._seen_change = -1
        self._check_timer: Timer | None = None
        self._keep_timer: Timer | None = None

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
                yield FindingsList(id="findings", empty="…")
                yield Checklist(id="checklist")
        yield ChecklistStrip()
        yield DecisionsBar(id="decisions")
        yield FootLine()

    def on_mount(self) -> None:
        """Show what is known, read the rest, take the ticket."""
        super().on_mount()
        self.query_one("#banner").display = False
        if self._ticket is not None:
            self.query_one(CaseHead).show(self._ticket, self._scene(), ("", ""))
        self._arrange()
        self.carry_out(self._begin, group="begin")
        self.set_interval(1.0, self._poll)
        self.set_interval(20.0, self._tick)
        self.set_interval(40.0, self._keep_ticket)

    async def _begin(self) -> None:
        # What changes from here on is noticed, also while the case is being read.
        self._seen_change = await self.station.clerk.look(lambda desk: desk.queue.changed())
        case = await self.sitting.read()
        self.show_case()
        if case.reviewer.active and not case.ticket.taken_by:
            await self.sitting.take()
            self.show_case()

    def show_case(self) -> None:
        """Draw the case as it stands, typed words included."""
        case = self.sitting.shown
        if case is None or not self.is_mounted:
            return
        now = self.station.now()
        self.query_one(CaseHead).show(case.ticket, self._scene(), taken_words(self.sitting, self.station.login))
        self.query_one(ThreadView).show(case.thread, case.seen, now)
        self.query_one(PreparedList).show(prepared_points(case), empty=NOT_PREPARED)
        nothing = NOTHING_FOUND if case.revision else NO_DRAFT
        self.query_one(FindingsList).show(finding_points(case), empty=nothing)
        items = checklist_points(case)
        self.query_one(Checklist).show(items)
        self.query_one(ChecklistStrip).show(items)
        editor = self.query_one(DraftEditor)
        if self.sitting.typed is None:
            editor.show(self.sitting.words)
        editor.underline(underlines(case, editor.text))
        self._show_frame(case)

    def _show_frame(self, case: Case) -> None:
        """Titles, tabs, banner and decisions."""
        total, read = len(case.thread.messages), len(case.thread.messages) - len(case.unseen)
        found, left = open_count(case), left_to_answer(case)
        by = case.preparation.provenance.assistant if case.preparation else ""
        self._title("thread", "Thread", f"{read} of {total} read")
        self._title("prepared", "Prepared", by)
        self._title("draft", "Draft", draft_title(self.sitting))
        self._title("findings", "Checks", f"{found} to settle" if found else "nothing to settle")
        self._title("checklist", "Checklist", f"{left} to confirm" if left else "all confirmed")
        tabs = (
            Tab("thread", f"Thread {read}/{total}", alert=read < total),
            Tab("prepared", "Prepared"),
            Tab("draft", f"Draft ✖{found}" if found else "Draft ✔", alert=found > 0),
            Tab("checks", f"Checks {len(case.items) - left}/{len(case.items)}", alert=left > 0),
        )
        self.query_one(PaneTabs).show(tabs, TABS[self._pane])
        banner = self.query_one("#banner", Static)
        words = banner_words(self.sitting, self.station.login)
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
        self._arrange()

    def _arrange(self) -> None:
        one = self._zoomed or self.app.size.width < WIDE
        self.set_class(one, "-one")
        tab = TABS[self._pane]
        for each in dict.fromkeys(TABS.values()):
            self.set_class(one and each == tab, f"-on-{each}")
        if self.case is not None:
            self._show_frame(self.case)

    def show_pane(self, pane: str) -> None:
        """Bring a pane into sight and put the focus there."""
        if TABS[pane] != TABS[self._pane] and not (pane == "findings" and self._pane == "checklist"):
            self._pane = pane
            self._arrange()
        self._pane = pane
        self.query_one(f"#{pane}").focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The pane with the focus is the one in sight."""
        if event.widget.id in PANES and event.widget.id != self._pane:
            self.show_pane(event.widget.id)

    @on(PaneTabs.Picked)
    def _tab_picked(self, event: PaneTabs.Picked) -> None:
        self.show_pane("checklist" if event.key == "checks" else event.key)

    def action_review_next_pane(self) -> None:
        """To the next pane."""
        self._step_pane(1)

    def action_review_previous_pane(self) -> None:
        """To the pane before."""
        self._step_pane(-1)

    def _step_pane(self, way: int) -> None:
        self._stop_editing()
        every = (*PANES, "decisions")
        here = self.focused.id if self.focused is not None and self.focused.id in every else self._pane
        target = every[(every.index(here or "thread") + way) % len(every)]
        if target == "decisions":
            self.query_one("#decisions").focus()
        else:
            self.show_pane(target)

    def action_review_zoom(self) -> None:
        """This pane alone, or all of them."""
        if self.app.size.width < WIDE:
            self.say(
                f"All panes need {WIDE} columns; this terminal has {self.app.size.width}. Tab changes panes.", "refused"
            )
            return
        self._zoomed = not self._zoomed
        self._arrange()

    @on(ThreadView.Seen)
    def _seen(self, event: ThreadView.Seen) -> None:
        self.carry_out(lambda: self._see(event.positions), group="see")

    async def _see(self, positions: tuple[int, ...]) -> None:
        await self.sitting.see(positions)
        self.show_case()

    @on(PointList.Moved, "#prepared")
    @on(PointList.Moved, "#findings")
    def _pointed(self, event: PointList.Moved) -> None:
        """Show what a point rests on."""
        thread = self.query_one(ThreadView)
        if thread.point_at(event.point.evidence):
            self.sitting.evidence_opened += 1
        kind, *rest = event.point.key if isinstance(event.point.key, tuple) else ("",)
        self.query_one(DraftEditor).show_here(rest[0] if kind == "finding" else None)

    @on(ThreadView.Picked)
    def _show_what_rests_on(self, event: ThreadView.Picked) -> None:
        """From a line to the points that rest on it."""
        for name in ("prepared", "findings"):
            points = self.query_one(f"#{name}", PointList)
            for point in points.points:
                rests = any(
                    e.ref == str(event.position) and e.start < event.end and e.end > event.start for e in point.evidence
                )
                if rests and points.stand_on(point.key):
                    return
        self.say("Nothing in the preparation or the draft rests on this line.", seconds=4)

    @on(PointList.Chosen, "#prepared")
    @on(PointList.Chosen, "#findings")
    def _chosen(self, event: PointList.Chosen) -> None:
        """Go to the source, settle the finding, or open the article."""
        kind, *rest = event.point.key if isinstance(event.point.key, tuple) else ("",)
        case = self.case
        if kind == "finding" and case is not None:
            found = next((f for f in case.examination.findings if f.fingerprint == rest[0]), None)
            if found is not None:
                self.settle_finding(found)
        elif kind == "article" and case is not None:
            self._show_article(case, str(rest[0]))
        elif event.point.evidence and self.query_one(ThreadView).point_at(event.point.evidence):
            self.query_one(ThreadView).stay_here()
            self.show_pane("thread")
        elif event.point.evidence and case is not None:
            self._show_article(case, event.point.evidence[0].ref)

    def _show_article(self, case: Case, slug: str) -> None:
        article = next((a for a in case.articles if a.slug == slug), None)
        if article is None:
            self.say("This point rests on no line of the thread.", "refused")
            return
        claims = [e for c in case.examination.claims for e in c.evidence]
        quotes = [e.quote for e in claims if e.ref == slug]
        self.app.push_screen(ListDialog(self.station, article.title, article_points(article, quotes)))

    @on(PreparedList.Lowered)
    def _lower_wanted(self, event: PreparedList.Lowered) -> None:
        point = event.point
        if point is not None and isinstance(point.key, tuple) and point.key[0] == "flag":
            self.lower_flag(str(point.key[1]))
        else:
            self.say("There is no flag under the cursor.", "refused")

    @on(PointList.Chosen, "#checklist")
    def _item_chosen(self, event: PointList.Chosen) -> None:
        self.answer_item(_item(event.point))

    @on(Checklist.Confirmed)
    def _confirm_wanted(self, event: Checklist.Confirmed) -> None:
        self.confirm_item(_item(event.point))

    def stand_on_item(self, item: str) -> None:
        """Put the cursor on a checklist item."""
        self.query_one(Checklist).stand_on(("item", item))

    def action_review_next_finding(self) -> None:
        """To the next finding."""
        self._step_finding(1)

    def action_review_previous_finding(self) -> None:
        """To the finding before."""
        self._step_finding(-1)

    def _step_finding(self, way: int) -> None:
        findings = self.query_one(FindingsList)
        keys = [p.key for p in findings.points if isinstance(p.key, tuple) and p.key[0] == "finding"]
        if not keys:
            self.say("The checks found nothing.", seconds=4)
            return
        here = findings.current.key if findings.current else None
        at = keys.index(here) + (way if findings.has_focus else 0) if here in keys else 0 if way > 0 else -1
        self.show_pane("findings")
        findings.stand_on(keys[at % len(keys)])

    def action_review_edit(self) -> None:
        """Edit the draft."""
        if self.ready_to_change():
            self.begin_editing()

    def begin_editing(self) -> None:
        """Let the person type."""
        self.show_pane("draft")
        self.query_one(DraftEditor).edit_now()
        self.call_after_refresh(self._hint, self.focused)

    def _stop_editing(self) -> None:
        self.query_one(DraftEditor).stop_editing()

    @on(DraftEditor.Typed)
    def _typed(self, event: DraftEditor.Typed) -> None:
        self.sitting.typed = event.text
        if self.case is not None:
            self._show_frame(self.case)
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
        self.query_one(FindingsList).stand_on(("finding", event.key), quietly=True)

    def action_review_approve(self) -> None:
        """Keep what is being typed first; approve what is kept."""
        if self.query_one(DraftEditor).editing and self.sitting.typed is not None:
            self.carry_out(self._keep_and_say, group="keep")
            return
        self._stop_editing()
        super().action_review_approve()

    async def _keep_and_say(self) -> None:
        number = await self.sitting.keep_words()
        self.show_case()
        self.say(f"Kept as revision {number}. ^s again approves it.", "done", seconds=5)

    @on(DecisionsBar.Chosen)
    async def _decision_chosen(self, event: DecisionsBar.Chosen) -> None:
        await do(event.command, self)

    def go_to(self, blocker: Blocker) -> None:
        """Go to where a blocker can be settled."""
        if blocker.finding is not None:
            self.show_pane("findings")
            self.query_one(FindingsList).stand_on(("finding", blocker.finding.fingerprint))
        elif blocker.code == "unseen":
            self.query_one(ThreadView).stay_here()
            self.show_pane("thread")
            unseen = self.case.unseen if self.case else ()
            if unseen:
                self.query_one(ThreadView).go_to_message(unseen[0])
        elif blocker.item:
            self.show_pane("checklist")
            self.stand_on_item(blocker.item)
        elif blocker.code == "not_taken":
            self.action_review_take()
        else:
            self.show_pane("draft")

    def action_review_back(self) -> None:
        """One step back: out of editing, out of zoom, back to the queue."""
        if self.query_one(DraftEditor).editing:
            self._stop_editing()
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
        if self.is_current and self.sitting.case is not None:
            _: Worker[None] = self.run_worker(self._look_for_changes, group="poll", exclusive=True)

    async def _look_for_changes(self) -> None:
        try:
            change = await self.station.clerk.look(lambda desk: desk.queue.changed())
            if change != self._seen_change:
                before = self.sitting.case.thread if self.sitting.case else None
                case = await self.sitting.read()
                self.show_case()
                if before is not None and len(case.thread.messages) > len(before.messages):
                    self.say("A new message arrived.", "alert")
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

    def _hint(self, focused: Widget | None) -> None:
        super()._hint(focused)


def _item(point: Point) -> str:
    return str(point.key[1]) if isinstance(point.key, tuple) else ""
