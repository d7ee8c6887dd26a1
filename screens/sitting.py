"""One reviewer's sitting with one ticket: the case as it stands, and every call that changes it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision, Look
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Examination
from supportdesk.domain.words import AnswerValue, Settled
from supportdesk.errors import DeskError, NotFound, Refused
from supportdesk.text import count_words
from widgets.paint import block

if TYPE_CHECKING:
    from screens.station import Station
    from supportdesk.domain.case import Revision
    from supportdesk.domain.records import AuditRecord, Grant
    from supportdesk.domain.thread import Ticket
    from supportdesk.services.decisions import Decided


class Sitting:
    """A ticket in hand. Every method that says so may raise DeskError; `case` is always the latest known."""

    def __init__(self, station: Station, ticket_id: int) -> None:
        """Sit down; nothing is read yet."""
        self.ticket_id = ticket_id
        self.case: Case | None = None
        self.beginning = True
        """Whether the ticket is still being read and taken."""
        self.holds = False
        """Whether the ticket is taken by this reviewer, as far as is known."""
        self.grants: tuple[Grant, ...] = ()
        """Requests for a grant on this ticket that wait for somebody's word."""
        self.typed: str | None = None
        """Words typed and not kept yet."""
        self.evidence_opened = 0
        """How often a source line was looked at."""
        self.weighed = False
        """Whether the reviewer said to send though nobody decided an escalation."""
        self.since = ""
        """What others did since this reviewer last looked; empty for nothing."""
        self._station = station
        self._since = time.monotonic()
        self._live: tuple[str, Examination] | None = None

    @property
    def seconds(self) -> float:
        """How long the review is open."""
        return time.monotonic() - self._since

    @property
    def shown(self) -> Case | None:
        """The case with the words as they are typed now: answers on other words do not count for them."""
        if self.case is None or self.typed is None:
            return self.case
        found = self._live[1] if self._live and self._live[0] == self.typed else self.case.examination
        revision = self.case.revision
        if revision is not None:
            revision = replace(revision, text=self.typed, id=-1)
        return replace(self.case, revision=revision, examination=found)

    @property
    def words(self) -> str:
        """The draft's words as an editor shows them."""
        if self.typed is not None:
            return self.typed
        return block(self.case.revision.text) if self.case and self.case.revision else ""

    async def read(self) -> Case:
        """Read the case again, without taking the ticket."""
        ticket_id = self.ticket_id
        self.case = await self._station.clerk.look(lambda desk: desk.review.read(ticket_id, desk.person))
        self.grants = await self._station.clerk.look(lambda desk: desk.review.grants_waiting(ticket_id))
        self.holds = self.case.ticket.taken_by == self._station.login
        return self.case

    async def look_back(self) -> None:
        """Find out what others did since this reviewer last looked."""
        from screens.since import since_words

        self.since = since_words(await self.history(), self._station.login, self._station.now())

    async def revisions(self) -> tuple[Revision, ...]:
        """All words this ticket's draft has had, oldest first."""
        ticket_id = self.ticket_id
        return await self._station.clerk.look(lambda desk: desk.review.revisions(ticket_id))

    async def others(self) -> tuple[Ticket, ...]:
        """The requester's other tickets."""
        ticket_id = self.ticket_id
        return await self._station.clerk.look(lambda desk: desk.review.others(ticket_id))

    async def cite(self, slug: str) -> Case:
        """Let the draft rest on an article as well; what was typed is kept with it."""
        text = self.words if self.typed is not None or self.case is None or self.case.revision is None else None
        ticket_id, login = self.ticket_id, self._station.login
        self.case = await self._station.clerk.act(lambda desk: desk.review.cite(ticket_id, login, slug, text))
        if self.typed == text:
            self.typed = None
        return self.case

    async def take(self, *, knowingly: bool = False) -> Case:
        """Take the ticket."""
        ticket_id, login = self.ticket_id, self._station.login
        self.case = await self._station.clerk.act(lambda desk: desk.review.take(ticket_id, login, knowingly=knowingly))
        self.holds = True
        self._since = time.monotonic()
        return self.case

    async def keep(self) -> bool:
        """A sign of life; False when somebody else has the ticket by now."""
        if not self.holds:
            return True
        ticket_id, login = self.ticket_id, self._station.login
        self.holds = await self._station.clerk.act(lambda desk: desk.review.keep(ticket_id, login))
        return self.holds

    async def see(self, positions: Iterable[int]) -> Case | None:
        """Record that messages were on screen."""
        ticket_id, login, shown = self.ticket_id, self._station.login, tuple(positions)
        if self.case is None or not self.case.reviewer.active:
            return self.case
        await self._station.clerk.act(lambda desk: desk.review.see(ticket_id, login, shown))
        self.case = replace(self.case, seen=self.case.seen | set(shown))
        return self.case

    async def examine(self, text: str) -> Case | None:
        """Check words that are being typed; nothing is kept."""
        case = self.case
        if case is None:
            return None
        found = await self._station.clerk.look(lambda desk: desk.review.examine(case, text))
        self._live = (text, found)
        return self.shown

    async def keep_words(self) -> int:
        """Keep what was typed as a revision; returns its number, 0 when there was nothing to keep."""
        text = self.typed
        if text is None or self.case is None:
            return 0
        ticket_id, login = self.ticket_id, self._station.login
        case = await self._station.clerk.act(lambda desk: desk.review.edit(ticket_id, login, text))
        self.case = case
        if self.typed == text:
            self.typed = None
        return case.revision.number if case.revision else 0

    async def answer(self, item: str, value: AnswerValue, reason: str = "", note: str = "") -> Case:
        """Answer a checklist item, about the words as they are kept."""
        await self.keep_words()
        ticket_id, login = self.ticket_id, self._station.login
        self.case = await self._station.clerk.act(
            lambda desk: desk.review.answer(ticket_id, login, item, value, reason=reason, note=note)
        )
        return self.case

    async def settle(self, fingerprint: str, how: Settled, reason: str, evidence: Evidence | None = None) -> Case:
        """Settle a finding in the words as they are kept."""
        await self.keep_words()
        ticket_id, login = self.ticket_id, self._station.login
        self.case = await self._station.clerk.act(
            lambda desk: desk.review.settle(ticket_id, login, fingerprint, how, reason, evidence)
        )
        return self.case

    async def ask_grant(self, fingerprint: str, reason: str) -> Case:
        """Ask somebody with the authority for a commitment."""
        await self.keep_words()
        ticket_id, login = self.ticket_id, self._station.login
        await self._station.clerk.act(lambda desk: desk.review.ask_grant(ticket_id, login, fingerprint, reason))
        return await self.read()

    async def grant(self, grant_id: int, reason: str, *, granted: bool) -> Case:
        """Grant or refuse another person's request."""
        login = self._station.login
        await self._station.clerk.act(lambda desk: desk.review.grant(grant_id, login, reason, granted=granted))
        return await self.read()

    async def lower_flag(self, kind: str, reason: str) -> Case:
        """Lower a flag, with a reason."""
        ticket_id, login = self.ticket_id, self._station.login
        self.case = await self._station.clerk.act(lambda desk: desk.review.clear_flag(ticket_id, login, kind, reason))
        return self.case

    async def note(self, text: str) -> Case:
        """Leave an internal note."""
        ticket_id, login = self.ticket_id, self._station.login
        self.case = await self._station.clerk.act(lambda desk: desk.review.note(ticket_id, login, text))
        return self.case

    async def prepare(self) -> Case:
        """Have the assistant prepare the ticket again."""
        ticket_id = self.ticket_id
        await self._station.clerk.act(lambda desk: desk.preparing.one(ticket_id))
        return await self.read()

    async def history(self) -> tuple[AuditRecord, ...]:
        """What was done with the ticket."""
        ticket_id = self.ticket_id
        return await self._station.clerk.look(lambda desk: desk.review.history(ticket_id))

    async def decide(self, decision: Decision) -> Decided:
        """Make a decision; whatever was not answered counts as not judged, unless it sends."""
        await self.keep_words()
        if self.case is None:
            raise NotFound("The ticket is still being read.")
        ticket_id, login, expect = self.ticket_id, self._station.login, self.case.ticket.version
        look = self._look(self.case)
        return await self._station.clerk.act(
            lambda desk: desk.review.decide(
                ticket_id, login, decision, look=look, expect=expect, rest_not_judged=not decision.kind.sends
            )
        )

    async def put_away(self) -> None:
        """Keep the words and give the ticket back; what cannot be done any more is let go."""
        try:
            await self.keep_words()
        except (Refused, NotFound):
            self.typed = None  # somebody else has it now, or it is resolved: their words stand
        if self.holds:
            ticket_id, login = self.ticket_id, self._station.login
            self.holds = False
            try:
                await self._station.clerk.act(lambda desk: desk.review.release(ticket_id, login))
            except DeskError:
                return  # the lease ends by itself

    def _look(self, case: Case) -> Look:
        words = sum(count_words(m.text) for m in case.thread.messages) + count_words(self.words)
        return Look(self.seconds, len(case.seen), words, self.evidence_opened, self.weighed)
