"""A quarter of a desk's life through the real services: letters in, prepared, reviewed, sent, complained about."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision, Look
from supportdesk.domain.escalation import Outcome, Ruling
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.people import Person
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author, DecisionKind
from supportdesk.domain.words import Path as Way
from supportdesk.errors import Refused
from supportdesk.services.desk import Desk
from supportdesk.settings import Settings, settings_from

from .plants import Letter, Reviewer, letter, reviewers

BEGIN = datetime(2026, 1, 12, 6, 0, tzinfo=UTC)
DAYS = 84
SENDS_EVERY = timedelta(minutes=10)
"""How often the desk sends what was approved."""
WEAK = "I am looking into this with the colleagues responsible and will come back to you with what we find."
"""The sentence of the offline template that reviewers are made to dislike."""
BETTER = "I have read this with care, and the colleagues responsible are looking into it for you."
PROMISE = "We will send you an answer by {day:%-d %B %Y}."
COMPLAINT = "This is a formal complaint: your answer was wrong and no help at all, I am very disappointed."
SETTINGS = {"hours": {"zone": "Europe/Berlin", "holidays": [BEGIN.date().replace(day=26)]}}


class MovedClock:
    """A clock the quarter moves; its uptime goes along."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        return self.at

    def boot(self) -> tuple[str, int]:
        return "quarter", round((self.at - BEGIN + timedelta(hours=1)).total_seconds() * 1000)

    def to(self, at: datetime) -> None:
        """Move on, never back."""
        self.at = max(self.at, at)


@dataclass
class Planted:
    """What was really planted, counted as it was done."""

    themes: Counter[str] = field(default_factory=Counter)
    routes: Counter[tuple[str, str]] = field(default_factory=Counter)
    weak: int = 0
    weak_rewritten: int = 0
    lying: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    overdue: list[int] = field(default_factory=list)
    themed: dict[int, str] = field(default_factory=dict)


class Quarter:
    """One simulated quarter."""

    def __init__(
        self,
        file: Path,
        tickets: int,
        seed: int = 4,
        told: Callable[[int], None] | None = None,
        people: int = 12,
    ) -> None:
        """An empty desk with so many reviewers, an approver and a lead; nothing has happened yet."""
        self.clock = MovedClock()
        settings: Settings = settings_from({**SETTINGS, "delivery": {"folder": str(file.parent / "sent")}}, "quarter")
        self.desk: Desk = open_desk(file, settings, login="lea", clock=self.clock)
        self.planted = Planted()
        self._tickets = tickets
        self._told = told
        self._chance = random.Random(seed)
        self._people = reviewers(self._chance, people)
        for one in self._people:
            self.desk.staff.put("lea", Person(one.login, role="agent"))
        self.desk.staff.put("lea", Person("app", role="approver"))
        self.refused: Counter[str] = Counter()
        self._letters: dict[int, str] = {}
        self._order = 0
        self._sending = False
        self._known_promises: set[int] = set()
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._lying = max(2, tickets // 900)
        self._to_break = max(2, tickets // 700)
        self._to_leave = max(2, tickets // 1000)

    def run(self) -> Planted:
        """Let it all happen, in order of time."""
        step = timedelta(days=DAYS) / self._tickets
        for number in range(self._tickets):
            self._later(BEGIN + step * number, lambda n=number: self._arrives(n))
        for day in range(DAYS + 1):
            self._later(BEGIN + timedelta(days=day, hours=11), self._rounds)
        end = BEGIN + timedelta(days=DAYS + 1)
        while self._events and self._events[0][0] <= end:
            at, _, happen = heapq.heappop(self._events)
            self.clock.to(at)
            happen()
        self.clock.to(end)
        self._rounds()
        return self.planted

    def _later(self, at: datetime, happen: Callable[[], None]) -> None:
        self._order += 1
        heapq.heappush(self._events, (at, self._order, happen))

    def _rounds(self) -> None:
        self.desk.sending.send_due()
        self.desk.escalations.watch()
        self.desk.promises.watch()

    def _arrives(self, number: int) -> None:
        made = letter(self._chance)
        ticket = self._bring(made, number)
        self.desk.preparing.one(ticket)
        if made.theme:
            self.planted.themes[made.theme] += 1
            self.planted.themed[ticket] = made.theme
        wait = timedelta(minutes=min(self._chance.lognormvariate(4.2, 1.0), 4000))
        person = self._chance.choice(self._people)
        self._later(self.clock.now() + wait, lambda: self._review(ticket, made, person))
        if self._told is not None:
            self._told(number + 1)

    def _bring(self, made: Letter, number: int) -> int:
        address, name = f"customer{number}@example.com", f"letter{number}@example.com"
        self._mail(made.words, address, name)
        with self.desk.store.read() as tx:
            found = tx.tickets.find_thread(IncomingMessage(Author.CUSTOMER, "", in_reply_to=name))
        assert found is not None
        self._letters[found] = name
        return found

    def _mail(self, words: str, address: str, name: str, answers: str = "") -> None:
        subject = "Re: Question" if answers else "Question"
        mail = IncomingMessage(
            author=Author.CUSTOMER,
            text=words,
            subject=subject,
            sender=Address(address, ""),
            sent_at=self.clock.now(),
            message_id=name,
            in_reply_to=answers,
        )
        self.desk.intake.take([mail])

    def _review(self, ticket: int, made: Letter, person: Reviewer) -> None:
        case = self.desk.review.take(ticket, person.login)
        if made.target:
            self._reroute(case, made.target, person)
        elif case.ticket.path is Way.ESCALATION or self._chance.random() < 0.015:
            self._escalate(case, person)
        elif self._chance.random() < 0.02:
            self._decide(
                case, person, Decision(DecisionKind.REJECT, reason=self._chance.choice(("wrong_tone", "other")))
            )
        elif self._chance.random() < 0.004:
            queue = self._chance.choice([q for q in self.desk.routing.queues if q != case.ticket.queue])
            self._reroute(case, queue, person, planted=False)
        else:
            self._answer(case, person)

    def _decide(self, case: Case, person: Reviewer, decision: Decision) -> None:
        self.desk.review.decide(case.ticket.id, person.login, decision, rest_not_judged=True)

    def _reroute(self, case: Case, queue: str, person: Reviewer, *, planted: bool = True) -> None:
        if queue == case.ticket.queue:
            self.desk.review.release(case.ticket.id, person.login)
            return
        reason = "needs_specialist" if planted else "other"
        if planted:
            self.planted.routes[case.ticket.queue, queue] += 1
        self._decide(case, person, Decision(DecisionKind.REROUTE, queue=queue, reason=reason))

    def _escalate(self, case: Case, person: Reviewer) -> None:
        trigger = case.ticket.triggers[0] if case.ticket.triggers else "refund"
        decision = Decision(
            DecisionKind.ESCALATE, "risk", trigger=trigger, owner="app", backup="lea", expected="May we?"
        )
        self._decide(case, person, decision)
        number = self.desk.escalations.all(undecided=False, ticket_id=case.ticket.id)[-1].id
        if len(self.planted.lying) < self._lying and self.clock.now() < BEGIN + timedelta(days=DAYS - 20):
            self.planted.lying.append(number)
            return
        wait = timedelta(minutes=self._chance.randrange(5, 60))
        self._later(self.clock.now() + wait, lambda: self._take_on(number))

    def _take_on(self, number: int) -> None:
        self.desk.escalations.acknowledge(number, "app")
        wait = timedelta(minutes=self._chance.randrange(10, 120))
        outcome = self._chance.choice((Outcome.GRANT, Outcome.ANSWER, Outcome.HAND_BACK))
        ruling = Ruling(outcome, "Answer kindly.")
        self._later(self.clock.now() + wait, lambda: self.desk.escalations.decide(number, "app", ruling) and None)

    def _answer(self, case: Case, person: Reviewer) -> None:
        ticket, login = case.ticket.id, person.login
        weak = case.revision is not None and WEAK in case.revision.text
        case = self._rewritten(case, person)
        messages = range(len(case.thread.messages))
        self.desk.review.see(ticket, login, messages)
        words = sum(len(m.text.split()) for m in case.thread.messages) + len(case.revision.text.split())  # type: ignore[union-attr]
        seconds = words * 60 / person.words_a_minute
        try:
            for item in case.items:
                if not person.burst:
                    self.clock.to(self.clock.now() + timedelta(seconds=4))
                self.desk.review.answer(ticket, login, item, AnswerValue.CONFIRMED)
            look = Look(seconds, len(messages), words, int(self._chance.random() < person.opens))
            asks = case.revision is not None and case.revision.kind == "clarification"
            kind = DecisionKind.REQUEST_INFORMATION if asks else DecisionKind.APPROVE
            closing = not asks and self._chance.random() < 0.8
            decided = self.desk.review.decide(ticket, login, Decision(kind, closing=closing), look=look)
        except Refused as why:
            self.refused[str(why)] += 1
            self._decide(case, person, Decision(DecisionKind.REJECT, reason="wrong_facts"))
            return
        # Only what was approved can be learned from.
        self.planted.weak += weak
        self.planted.weak_rewritten += weak and case.revision is not None and WEAK not in case.revision.text
        if not self._sending:
            self._sending = True
            self._later(self.clock.now() + SENDS_EVERY, self._send)
        if decided.outbox and self._chance.random() < (0.15 if person.burst else 0.008):
            after = self.clock.now() + timedelta(hours=self._chance.randrange(3, 60))
            self._later(after, lambda: self._complains(ticket))

    def _send(self) -> None:
        self._sending = False
        self.desk.sending.send_due()
        for promise in self.desk.promises.open():
            if promise.id in self._known_promises:
                continue
            self._known_promises.add(promise.id)
            self._fate(promise.id)

    def _fate(self, number: int) -> None:
        if len(self.planted.broken) < self._to_break:
            self.planted.broken.append(number)
            self._later(self.clock.now() + timedelta(days=6), lambda: self._settle(number, kept=False))
        elif len(self.planted.overdue) < self._to_leave and self.clock.now() < BEGIN + timedelta(days=DAYS - 20):
            self.planted.overdue.append(number)
        else:
            self._later(self.clock.now() + timedelta(days=2), lambda: self._settle(number, kept=True))

    def _settle(self, number: int, *, kept: bool) -> None:
        self.desk.promises.settle(number, "lea", kept=kept, note="" if kept else "Late; the customer was told.")

    def _rewritten(self, case: Case, person: Reviewer) -> Case:
        draft = case.revision.text if case.revision is not None else ""
        weak = WEAK in draft
        chance = 0.0 if person.burst else 0.75 if weak else person.edits
        if self._chance.random() >= chance:
            return case
        if weak:
            words = draft.replace(WEAK, BETTER)
            if self._chance.random() < 0.12:
                words = words.replace(BETTER, PROMISE.format(day=self.clock.now() + timedelta(days=4)))
        else:
            words = draft.replace("Kind regards", "With kind regards")
        return self.desk.review.edit(case.ticket.id, person.login, words)

    def _complains(self, ticket: int) -> None:
        address = self.desk.queue.get(ticket).requester.email
        self._mail(COMPLAINT, address, f"complaint{ticket}@example.com", self._letters[ticket])
        self.desk.preparing.one(ticket)
