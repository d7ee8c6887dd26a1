"""What a reviewer does with a ticket, as commands: take, note, answer, settle, grant, decide."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from textual.worker import Worker, WorkerCancelled, WorkerFailed

from screens import judge
from screens.base import DeskScreen
from screens.decide import Scene, decision_form
from screens.dialogs import BlockersDialog, LineDialog, NoteDialog
from screens.forms import Form, FormDialog, Values
from screens.sitting import Sitting
from screens.station import Station
from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Finding
from supportdesk.domain.gate import Blocker, item_blockers
from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import AnswerValue, DecisionKind, Settled
from supportdesk.errors import DeskError, Refused, Stale
from widgets.findings import FindingsList, open_count
from widgets.wording import clock_time


class ReviewActs(DeskScreen[str | None]):
    """The acts; where things stand on the screen is its subclass's matter."""

    def __init__(self, station: Station, ticket_id: int) -> None:
        """A sitting with this ticket."""
        super().__init__(station)
        self.sitting = Sitting(station, ticket_id)
        self._answering: set[str] = set()
        """Items whose answer is on its way to the desk."""

    def show_case(self) -> None:
        """Draw the case as it stands."""
        raise NotImplementedError

    def go_to(self, blocker: Blocker) -> None:
        """Go to where a blocker can be settled."""
        raise NotImplementedError

    def begin_editing(self) -> None:
        """Let the person type."""
        raise NotImplementedError

    def open_ticket(self, ticket: Ticket) -> None:
        """Review another ticket over this one."""
        raise NotImplementedError

    def stand_on_item(self, item: str) -> None:
        """Put the cursor on a checklist item."""
        raise NotImplementedError

    @property
    def case(self) -> Case | None:
        """The case as it is typed now."""
        return self.sitting.shown

    def refused(self, error: DeskError) -> None:
        """Say what was refused; when the ticket has changed, look again."""
        super().refused(error)
        if isinstance(error, Stale | Refused):
            _: Worker[None] = self.run_worker(self._reread, group="reread", exclusive=True)

    async def _reread(self) -> None:
        try:
            await self.sitting.read()
        except DeskError:
            return  # the refusal that brought us here is on the screen already
        self.show_case()

    def ready_to_change(self) -> bool:
        """Whether this reviewer may change the ticket now; says why not."""
        case = self.sitting.case
        if case is None:
            self.say("The ticket is still being read.", "refused")
        elif not case.reviewer.active:
            self.say(f"{case.reviewer} is not active at this desk; a lead can change that.", "refused")
        elif not self.sitting.holds:
            holder = case.ticket.taken_by
            words = f"{holder} has this ticket; ^t takes it over." if holder else "Take the ticket first: ^t."
            self.say(words, "refused")
        else:
            return True
        return False

    def action_review_take(self) -> None:
        """Take the ticket; from somebody else only knowingly."""
        case = self.sitting.case
        if case is None or self.sitting.holds:
            self.say("You have this ticket already." if self.sitting.holds else "The ticket is still being read.")
            return
        if not case.ticket.taken_by:
            self.carry_out(lambda: self._take(knowingly=False))
            return
        self.carry_out(lambda: self._offer_to_take_over(case.ticket.taken_by))

    async def _offer_to_take_over(self, holder: str) -> None:
        ticket_id = self.sitting.ticket_id
        lease = await self.station.clerk.look(lambda desk: desk.review.holder(ticket_id))
        since = clock_time(lease.since) if lease else ""
        form = judge.take_over_form(lease.login if lease else holder, since)
        self.ask(form, lambda _: self.carry_out(lambda: self._take(knowingly=True)))

    async def _take(self, *, knowingly: bool) -> None:
        await self.sitting.take(knowingly=knowingly)
        self.show_case()
        self.say("The ticket is yours.", "done", seconds=3)

    def action_review_note(self) -> None:
        """Leave a note."""

        def keep(text: str | None) -> None:
            if text:
                self.carry_out(lambda: self._note(text))

        self.app.push_screen(NoteDialog(self.station), keep)

    async def _note(self, text: str) -> None:
        await self.sitting.note(text)
        self.show_case()
        self.say("The note is in the thread; the requester does not see it.", "done")

    def action_review_prepare(self) -> None:
        """Prepare the ticket again."""
        self.say("The assistant prepares the ticket…", seconds=0)
        self.carry_out(self._prepare, group="prepare", exclusive=True)

    async def _prepare(self) -> None:
        before = self.sitting.case.revision if self.sitting.case else None
        case = await self.sitting.prepare()
        self.show_case()
        kept = before is not None and case.revision is not None and case.revision.id == before.id
        tail = "; your own words stay as they are" if kept and before is not None and before.by != "assistant" else ""
        self.say(f"Prepared{tail}.", "done")

    def answer_item(self, item: str) -> None:
        """Ask how an item is answered."""
        case = self.case
        if case is None or not self.ready_to_change():
            return
        form = judge.answer_form(case, item, self.station.desk.settings.gate.reasons_problem)

        def answered(values: Values) -> None:
            value = AnswerValue(values["value"])
            reason = values["reason"] if value is AnswerValue.PROBLEM else ""
            note = values["note"] if value is not AnswerValue.CONFIRMED else ""
            self.carry_out(lambda: self._answer(item, value, reason, note))

        self.ask(form, answered)

    def confirm_item(self, item: str) -> None:
        """Confirm an item at once, or say what it wants."""
        case = self.case
        if case is None or not self.ready_to_change():
            return
        if item in self._answering:
            # A quick hand: the key is meant for the item the cursor is about to go to.
            item = next((i for i in case.items if i not in self._answering and case.answer(i) is None), item)
        standing = item_blockers(case, item)
        if standing:
            self.say(standing[0].words, "refused")
            if standing[0].finding is not None:
                self.query_one(FindingsList).stand_on(("finding", standing[0].finding.fingerprint), quietly=True)
            return
        self._answering.add(item)
        self.carry_out(lambda: self._answer(item, AnswerValue.CONFIRMED))

    async def _answer(self, item: str, value: AnswerValue, reason: str = "", note: str = "") -> None:
        try:
            case = await self.sitting.answer(item, value, reason, note)
        finally:
            self._answering.discard(item)
        self.show_case()
        open_ = [i for i in case.items if case.answer(i) is None]
        if open_:
            after = [i for i in open_ if case.items.index(i) > case.items.index(item)] if item in case.items else []
            self.stand_on_item((after or open_)[0])
        else:
            self.say("Every item is answered.", "done", seconds=5)

    def settle_finding(self, finding: Finding) -> None:
        """Ask how a finding is settled."""
        case = self.case
        if case is None or not self.ready_to_change():
            return
        fingerprint = finding.fingerprint

        def settled(values: Values) -> None:
            how = values["how"]
            if how == judge.EDIT:
                self.begin_editing()
            elif how == judge.GRANT:
                self.carry_out(lambda: self._ask_grant(fingerprint, values["reason"]))
            elif how == judge.OVERRIDE:
                self.carry_out(lambda: self._settle(fingerprint, Settled.OVERRIDE, values["reason"]))
            else:
                dialog = LineDialog(self.station, case, finding.quote)
                self.app.push_screen(dialog, lambda line: self._line_picked(fingerprint, line))

        self.ask(judge.settle_form(finding), settled)

    def _line_picked(self, fingerprint: str, line: Evidence | None) -> None:
        if line is not None:
            self.carry_out(lambda: self._settle(fingerprint, Settled.EVIDENCE, f"rests on {line.label}", line))

    async def _settle(self, fingerprint: str, how: Settled, reason: str, evidence: Evidence | None = None) -> None:
        await self.sitting.settle(fingerprint, how, reason, evidence)
        self.show_case()
        if self.case is not None and open_count(self.case):
            self.query_one(FindingsList).to_top()  # what is still open stands first
        self.say("Settled; it is recorded with your name.", "done", seconds=4)

    async def _ask_grant(self, fingerprint: str, reason: str) -> None:
        await self.sitting.ask_grant(fingerprint, reason)
        self.show_case()
        self.say("Asked. Whoever has the authority sees it with this ticket; until then it cannot be sent.", "done")

    def action_review_grant(self) -> None:
        """Answer a colleague's request."""
        waiting = [g for g in self.sitting.grants if g.asked_by != self.station.login]
        if not waiting:
            self.say("Nobody else asks for a promise on this ticket.", "refused")
            return
        grant = waiting[0]

        def decided(values: Values) -> None:
            self.carry_out(lambda: self._grant(grant.id, values["reason"], granted=values["granted"] == "yes"))

        self.ask(judge.grant_form(grant), decided)

    async def _grant(self, grant_id: int, reason: str, *, granted: bool) -> None:
        await self.sitting.grant(grant_id, reason, granted=granted)
        self.show_case()
        self.say("Granted." if granted else "Refused.", "done")

    def lower_flag(self, kind: str) -> None:
        """Ask why a flag does not apply."""
        case = self.case
        if case is None or not self.ready_to_change():
            return
        if kind not in case.ticket.triggers:
            self.say(f"The flag {kind} is down already.", "refused")
            return
        triggers = case.preparation.triage.triggers if case.preparation else ()
        form = judge.lower_form(kind, [t for t in triggers if t.kind == kind])
        self.ask(form, lambda values: self.carry_out(lambda: self._lower(kind, values["reason"])))

    async def _lower(self, kind: str, reason: str) -> None:
        await self.sitting.lower_flag(kind, reason)
        self.show_case()
        self.say(f"The flag {kind} is down.", "done")

    def action_review_approve(self) -> None:
        """Approve."""
        self.decide(DecisionKind.APPROVE)

    def action_review_request(self) -> None:
        """Ask for details."""
        self.decide(DecisionKind.REQUEST_INFORMATION)

    def action_review_reroute(self) -> None:
        """To another queue."""
        self.decide(DecisionKind.REROUTE)

    def action_review_escalate(self) -> None:
        """To an owner."""
        self.decide(DecisionKind.ESCALATE)

    def action_review_reject(self) -> None:
        """Refuse the draft."""
        self.decide(DecisionKind.REJECT)

    def action_review_pause(self) -> None:
        """Until later."""
        self.decide(DecisionKind.PAUSE)

    def decide(self, kind: DecisionKind) -> None:
        """Say what stands in the way, or ask for the particulars."""
        if self.ready_to_change():
            self.carry_out(lambda: self._prepare_decision(kind), group="decide", exclusive=True)

    async def _prepare_decision(self, kind: DecisionKind) -> None:
        # What was asked for before this key is done first, however fast the keys came.
        for each in [w for w in self.workers if w.group == "acts" and w.node is self and not w.is_finished]:
            with contextlib.suppress(WorkerFailed, WorkerCancelled):
                await each.wait()
        await self.sitting.keep_words()
        self.show_case()
        case = self.sitting.case
        assert case is not None
        desk = self.station.desk
        if kind.sends:
            standing = desk.review.standing(case, Decision(kind))
            if standing:
                self.app.push_screen(BlockersDialog(self.station, kind.label, standing), self._blocker_chosen)
                return
        said = await self.station.clerk.look(lambda desk: desk.review.same_words_lately(case)) if kind.sends else None
        people = await self.station.clerk.look(lambda desk: desk.staff.all()) if kind is DecisionKind.ESCALATE else ()
        scene = Scene(case, desk.settings, desk.routing, self.station.now(), said, people)
        form, make = decision_form(kind, scene)

        def decided(values: Values) -> None:
            self.sitting.weighed = values.get("weighed") == "yes"
            self.carry_out(lambda: self._decide(make(values)), group="decide")

        self.ask(form, decided)

    def _blocker_chosen(self, blocker: Blocker | None) -> None:
        if blocker is not None:
            self.go_to(blocker)

    async def _decide(self, decision: Decision) -> None:
        decided = await self.sitting.decide(decision)
        self.sitting.holds = False
        if decided.outbox:
            self.station.last_outbox = decided.outbox
        tail = " u calls it back." if decided.outbox else ""
        self.dismiss(f"{decided.ticket.ref} {decided.words}{tail}")

    def ask(self, form: Form, then: Callable[[Values], object]) -> None:
        """Show a form; `then` gets its values unless it is cancelled."""

        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                then(values)

        self.app.push_screen(FormDialog(self.station, form), answered)
