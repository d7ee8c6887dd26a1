"""The way between words and what they rest on: point to line, line to points, finding to finding."""

from __future__ import annotations

from textual import on

from screens.dialogs import ListDialog, article_points
from screens.lookups import OthersDialog
from screens.review_panes import ReviewPanes
from screens.since import told
from supportdesk.domain.case import Case
from supportdesk.domain.gate import Blocker
from supportdesk.domain.thread import Ticket
from widgets.checklist import Checklist
from widgets.draft_editor import DraftEditor
from widgets.findings import FindingsList
from widgets.paint import one_line
from widgets.points import Point, PointList
from widgets.prepared import PreparedList
from widgets.thread_rows import locate
from widgets.thread_view import ThreadView
from widgets.wording import count_words, moment

POINTED = ("prepared", "findings")
"""The lists whose points rest on lines of the thread."""


class ReviewJumps(ReviewPanes):
    """Jumps between the panes."""

    @on(PointList.Moved, "#prepared")
    @on(PointList.Moved, "#findings")
    def _pointed(self, event: PointList.Moved) -> None:
        """Show what a point rests on."""
        self._set_off()
        thread = self.query_one(ThreadView)
        if thread.point_at(event.point.evidence):
            self.sitting.evidence_opened += 1
        kind, key = _key(event.point)
        self.query_one(DraftEditor).show_here((kind, key) if kind in ("finding", "claim") else None)

    @on(ThreadView.Picked)
    def _show_what_rests_on(self, event: ThreadView.Picked) -> None:
        """From a line to the points that rest on it."""
        case = self.case
        if case is None:
            return
        hits: list[Point] = []
        for name in POINTED:
            points = self.query_one(f"#{name}", PointList)
            found = [p for p in points.points if _rests(case, p, event)]
            points.set_off(p.key for p in found)
            hits += found
        if not hits:
            self.say("Nothing in the preparation or the draft rests on this line.", seconds=4)
            return
        self.sitting.evidence_opened += 1
        names = "; ".join(f"“{point.text.strip('“”')}”" if point.text else point.lead for point in hits[:4])
        self.say(f"{count_words(len(hits), 'point')} {'rests' if len(hits) == 1 else 'rest'} on this line: {names}")

    def _set_off(self) -> None:
        for name in POINTED:
            self.query_one(f"#{name}", PointList).set_off(())

    @on(PointList.Chosen, "#prepared")
    @on(PointList.Chosen, "#findings")
    def _chosen(self, event: PointList.Chosen) -> None:
        """Go to the source, settle the finding, or open the article."""
        case = self.case
        kind, key = _key(event.point)
        if case is None:
            return
        if kind == "finding":
            found = next((f for f in case.examination.findings if f.fingerprint == key), None)
            if found is not None:
                self.settle_finding(found)
        elif kind == "article":
            self._show_article(case, str(key))
        elif event.point.evidence and self.query_one(ThreadView).point_at(event.point.evidence):
            self.query_one(ThreadView).stay_here()
            self.show_pane("thread")
        elif event.point.evidence:
            self._show_article(case, event.point.evidence[0].ref)
        else:
            self.say("This point rests on no line.", "refused")

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
        self.answer_item(str(_key(event.point)[1]))

    @on(Checklist.Confirmed)
    def _confirm_wanted(self, event: Checklist.Confirmed) -> None:
        self.confirm_item(str(_key(event.point)[1]))

    def stand_on_item(self, item: str) -> None:
        """Put the cursor on a checklist item."""
        self.query_one(Checklist).stand_on(("item", item))

    def action_review_next_finding(self) -> None:
        """To the next finding."""
        self._step("finding", 1)

    def action_review_previous_finding(self) -> None:
        """To the finding before."""
        self._step("finding", -1)

    def action_review_next_claim(self) -> None:
        """To the next claim with a source."""
        self._step("claim", 1)

    def action_review_previous_claim(self) -> None:
        """To the claim before."""
        self._step("claim", -1)

    def _step(self, kind: str, way: int) -> None:
        findings = self.query_one(FindingsList)
        keys = [p.key for p in findings.points if isinstance(p.key, tuple) and p.key[0] == kind]
        if not keys:
            nothing = {"finding": "The checks found nothing.", "claim": "The draft makes no claim with a source."}
            self.say(nothing[kind], seconds=4)
            return
        here = findings.current.key if findings.current else None
        at = keys.index(here) + (way if findings.has_focus else 0) if here in keys else 0 if way > 0 else -1
        self.show_pane("findings")
        findings.stand_on(keys[at % len(keys)])

    def action_review_history(self) -> None:
        """Show what was done."""
        self.carry_out(self._history)

    async def _history(self) -> None:
        now = self.station.now()
        points = [
            Point(told(r), "·", "muted", lead=f"{moment(r.at, now)}  {r.actor}", lead_look="muted")
            for r in reversed(await self.sitting.history())
        ]
        ref = self.sitting.case.ticket.ref if self.sitting.case else ""
        self.app.push_screen(ListDialog(self.station, f"What was done with {ref}", points, "Nothing yet."))

    def action_review_others(self) -> None:
        """List the requester's other tickets."""
        self.carry_out(self._others)

    async def _others(self) -> None:
        case = self.sitting.case
        others = await self.sitting.others()
        who = str(case.ticket.requester) if case else ""
        if not others:
            self.say(f"{one_line(who) or 'The requester'} has no other ticket here.", seconds=5)
            return

        def picked(ticket: Ticket | None) -> None:
            if ticket is not None:
                self.open_ticket(ticket)

        self.app.push_screen(OthersDialog(self.station, who, others, self.station.now()), picked)

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


def _key(point: Point) -> tuple[str, object]:
    """What sort of thing a point is about, and which."""
    if isinstance(point.key, tuple) and len(point.key) > 1:
        return str(point.key[0]), point.key[1] if len(point.key) == 2 else point.key[1:]
    return "", ""


def _rests(case: Case, point: Point, picked: ThreadView.Picked) -> bool:
    for each in point.evidence:
        span = locate(each, case.thread)
        if span is not None and span[0] == picked.position and span[1] < picked.end and span[2] > picked.start:
            return True
    return False
