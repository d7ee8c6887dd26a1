"""Reviewing a ticket: take it, read, edit, answer, settle, decide. The gate's one service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from supportdesk.domain.case import Answer, Case, Revision, Settlement
from supportdesk.domain.decision import Decision, Look, digest
from supportdesk.domain.escalation import unfit
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Examination
from supportdesk.domain.gate import Blocker, blockers, item_blockers
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.people import Person
from supportdesk.domain.records import AuditRecord, Grant, Lease
from supportdesk.domain.thread import Address, Ticket
from supportdesk.domain.words import AnswerValue, Author, DecisionKind, FindingKind, Path, Settled
from supportdesk.errors import BadInput, NotFound, Refused, Stale
from supportdesk.rules.check import examine
from supportdesk.services.again import same_words_lately
from supportdesk.services.cases import GateRules, articles_for, first_revision, load_case, sources_of
from supportdesk.services.decisions import Decided, carry_out
from supportdesk.services.grants import Grants
from supportdesk.services.ports import Clock, Store, Transaction

LEASE = timedelta(seconds=120)
"""How long a ticket stays taken without a sign of life."""


class Review:
    """What a reviewer can do with one ticket. Every method is one short transaction."""

    def __init__(self, store: Store, clock: Clock, rules: GateRules | Callable[[], GateRules] = GateRules()) -> None:  # noqa: B008 (frozen)
        """Work on this store under these rules; a callable is asked each time, so that settings can change."""
        self._store = store
        self._clock = clock
        self._rules = rules if callable(rules) else lambda: rules
        self._grants = Grants(store, clock, self._rules)

    def open(self, ticket_id: int, login: str) -> Case:
        """Everything about a ticket, for reading. Raises NotFound."""
        with self._store.read() as tx:
            return self._case(tx, ticket_id, self._person(tx, login))

    def read(self, ticket_id: int, person: Person) -> Case:
        """Everything about a ticket, for somebody the desk may not know: reading is open to whoever has the file."""
        with self._store.read() as tx:
            return self._case(tx, ticket_id, person)

    def holder(self, ticket_id: int) -> Lease | None:
        """Who has the ticket now."""
        with self._store.read() as tx:
            return tx.reviews.lease(ticket_id)

    def take(self, ticket_id: int, login: str, *, knowingly: bool = False) -> Case:
        """Take a ticket, or keep it for another while.

        Raises Refused when somebody else has it, unless it is taken over knowingly, which is recorded.
        """
        with self._store.write() as tx:
            person = self._person(tx, login)
            held = tx.reviews.lease(ticket_id)
            tx.tickets.get(ticket_id)
            if held is not None and held.login != login:
                if not knowingly:
                    raise Refused(f"{held.login} has had this ticket since {held.since:%H:%M}.")
                tx.records.append(login, "took_over", ticket_id, {"from": held.login}, self._clock.now())
            elif held is None:
                tx.records.append(login, "took", ticket_id, {}, self._clock.now())
            tx.reviews.set_lease(ticket_id, login, round(LEASE.total_seconds() * 1000))
            return self._case(tx, ticket_id, person)

    def keep(self, ticket_id: int, login: str) -> bool:
        """A sign of life: the ticket stays taken. False when somebody else has it by now."""
        with self._store.write() as tx:
            held = tx.reviews.lease(ticket_id)
            if held is not None and held.login != login:
                return False
            tx.reviews.set_lease(ticket_id, login, round(LEASE.total_seconds() * 1000))
            return True

    def release(self, ticket_id: int, login: str) -> None:
        """Give a ticket back."""
        with self._store.write() as tx:
            held = tx.reviews.lease(ticket_id)
            if held is not None and held.login == login:
                tx.reviews.set_lease(ticket_id, login, 0)
                tx.records.append(login, "released", ticket_id, {}, self._clock.now())

    def see(self, ticket_id: int, login: str, positions: Iterable[int]) -> None:
        """Record that messages were on a reviewer's screen."""
        with self._store.write() as tx:
            ids = {m.position: m.id for m in tx.tickets.thread(ticket_id).messages}
            shown = [ids[p] for p in positions if p in ids]
            if tx.reviews.see(ticket_id, login, shown, self._clock.now()):
                tx.records.append(login, "saw", ticket_id, {"messages": shown}, self._clock.now())

    def examine(self, case: Case, text: str) -> Examination:
        """What the checks say of other words in the same case; pure, for checks while typing."""
        return examine(text, sources_of(case))

    def edit(
        self,
        ticket_id: int,
        login: str,
        text: str,
        *,
        subject: str | None = None,
        to: tuple[str, ...] | None = None,
        cc: tuple[str, ...] | None = None,
        citations: tuple[str, ...] | None = None,
        attachments: tuple[str, ...] | None = None,
    ) -> Case:
        """Keep new words as the next revision, checked; answers that depend on the words are void by that.

        Words that did not change make no revision, unless the thread has moved on since.
        """
        with self._store.write() as tx:
            case = self._case(tx, ticket_id, self._person(tx, login))
            self._must_hold(case)
            before = case.revision or first_revision(case)
            after = replace(
                before,
                text=text,
                subject=before.subject if subject is None else subject,
                to=before.to if to is None else to,
                cc=before.cc if cc is None else cc,
                citations=before.citations if citations is None else citations,
                attachments=before.attachments if attachments is None else attachments,
                thread_version=case.ticket.thread_version,
                by=before.by,
            )
            if after == before and before.id:
                return case
            after = replace(after, by=login)
            found = examine(text, sources_of(case))
            kept = tx.reviews.add_revision(ticket_id, after, found, self._clock.now())
            body = {"revision": kept.id, "words": digest(text)}
            tx.records.append(login, "edited", ticket_id, body, self._clock.now())
            return self._case(tx, ticket_id, case.reviewer)

    def answer(
        self, ticket_id: int, login: str, item: str, value: AnswerValue, *, reason: str = "", note: str = ""
    ) -> Case:
        """Answer a checklist item.

        Raises Refused when `confirmed` is not true yet: messages unread, findings open, authority missing;
        BadInput for an item this case does not have or a problem without a reason.
        """
        with self._store.write() as tx:
            case = self._case(tx, ticket_id, self._person(tx, login))
            self._must_hold(case)
            if item not in case.items:
                raise BadInput(f"This ticket's checklist has no item “{item}”; it has {', '.join(case.items)}.")
            if value is AnswerValue.CONFIRMED and (standing := item_blockers(case, item)):
                raise Refused(standing[0].words, standing)
            if value is AnswerValue.PROBLEM and not reason:
                raise BadInput("Say what the problem is: give a reason code.")
            self._add_answer(tx, case, item, value, reason, note)
            return self._case(tx, ticket_id, case.reviewer)

    def settle(
        self,
        ticket_id: int,
        login: str,
        fingerprint: str,
        how: Settled,
        reason: str,
        evidence: Evidence | None = None,
    ) -> Case:
        """Settle a finding with evidence or a reason; never somebody's own authority.

        Raises BadInput without a reason or for a finding that is not there, Refused for a commitment.
        """
        with self._store.write() as tx:
            case = self._case(tx, ticket_id, self._person(tx, login))
            self._must_hold(case)
            finding = next((f for f in case.examination.findings if f.fingerprint == fingerprint), None)
            if finding is None or case.revision is None:
                raise BadInput("That finding is not in this draft any more.")
            if not reason.strip() and evidence is None:
                raise BadInput("Give a reason, or point at the line that settles it.")
            if finding.kind is FindingKind.COMMITMENT:
                raise Refused("A commitment is settled by authority: edit it away or ask for a grant.")
            settlement = Settlement(fingerprint, how, login, reason, evidence)
            tx.reviews.add_settlement(ticket_id, case.revision.id, settlement, self._clock.now())
            body = {"finding": fingerprint, "kind": finding.kind, "how": how, "reason": reason}
            tx.records.append(login, "settled", ticket_id, body, self._clock.now())
            return self._case(tx, ticket_id, case.reviewer)

    def ask_grant(self, ticket_id: int, login: str, fingerprint: str, reason: str) -> Case:
        """Ask for a commitment beyond one's authority: see `Grants.ask`."""
        self._grants.ask(ticket_id, login, fingerprint, reason)
        return self.open(ticket_id, login)

    def grants_waiting(self, ticket_id: int | None = None) -> tuple[Grant, ...]:
        """Requests for a grant nobody decided yet, of one ticket or all; oldest first."""
        return self._grants.waiting(ticket_id)

    def grant(self, grant_id: int, login: str, reason: str, *, granted: bool = True) -> Grant:
        """Grant or refuse another person's request: see `Grants.decide`."""
        return self._grants.decide(grant_id, login, granted=granted, reason=reason)

    def clear_flag(self, ticket_id: int, login: str, kind: str, reason: str) -> Case:
        """Lower a flag; only a person may, and only with a reason. Raises BadInput without one."""
        if not reason.strip():
            raise BadInput("A flag is lowered only with a reason.")
        with self._store.write() as tx:
            case = self._case(tx, ticket_id, self._person(tx, login))
            self._must_hold(case)
            if not tx.reviews.clear_flag(ticket_id, kind, login, reason, self._clock.now()):
                raise NotFound(f"The flag {kind} is not up on this ticket.")
            tx.records.append(login, "lowered_flag", ticket_id, {"kind": kind, "reason": reason}, self._clock.now())
            up = dict.fromkeys(t.kind.value for t in tx.reviews.flags(ticket_id))
            path = case.ticket.path if up else Path.ROUTINE
            tx.tickets.change(ticket_id, triggers=" ".join(up), path=path.value)
            return self._case(tx, ticket_id, case.reviewer)

    def note(self, ticket_id: int, login: str, text: str) -> Case:
        """Leave an internal note; anybody at the desk may, whoever has the ticket."""
        if not text.strip():
            raise BadInput("An empty note says nothing.")
        with self._store.write() as tx:
            person = self._person(tx, login)
            now = self._clock.now()
            incoming = IncomingMessage(
                author=Author.INTERNAL, text=text, sender=Address("", person.name or login), sent_at=now
            )
            message = tx.tickets.add_message(ticket_id, incoming, now, f"note:{login}:{now.isoformat()}")
            if message is not None:
                tx.reviews.see(ticket_id, login, [message.id], now)
            tx.records.append(login, "noted", ticket_id, {"words": digest(text)}, now)
            return self._case(tx, ticket_id, person)

    def standing(self, case: Case, decision: Decision) -> tuple[Blocker, ...]:
        """What still stands in the way of a decision."""
        return blockers(case, decision)

    def decide(
        self,
        ticket_id: int,
        login: str,
        decision: Decision,
        *,
        look: Look = Look(),  # noqa: B008 (frozen)
        expect: int | None = None,
        rest_not_judged: bool = False,
    ) -> Decided:
        """Make a decision, if nothing stands in its way.

        `expect` is the ticket's version the reviewer saw; `rest_not_judged` answers open items `not_judged`
        (never for a decision that sends). Raises Refused with all blockers, Stale when the ticket has changed,
        BadInput for a queue there is not, or an escalation to nobody.
        """
        with self._store.write() as tx:
            case = self._case(tx, ticket_id, self._person(tx, login))
            if expect is not None and expect != case.ticket.version:
                raise Stale(f"Ticket {case.ticket.ref} was changed meanwhile; look at it again before you decide.")
            _must_reach_somebody(tx, decision, self._rules())
            if rest_not_judged and not decision.kind.sends:
                self._must_hold(case)
                rest = [item for item in case.items if case.answer(item) is None]
                given = [self._add_answer(tx, case, item, AnswerValue.NOT_JUDGED) for item in rest]
                case = replace(case, answers=(*case.answers, *given))
            standing = blockers(case, decision)
            if standing:
                raise Refused(standing[0].words, standing)
            return carry_out(tx, case, decision, look, self._clock.now(), self._rules())

    def history(self, ticket_id: int) -> tuple[AuditRecord, ...]:
        """A ticket's records, oldest first."""
        with self._store.read() as tx:
            tx.tickets.get(ticket_id)
            return tx.records.history(ticket_id)

    def others(self, ticket_id: int) -> tuple[Ticket, ...]:
        """The requester's other tickets."""
        with self._store.read() as tx:
            return tx.tickets.same_requester(ticket_id)

    def revisions(self, ticket_id: int) -> tuple[Revision, ...]:
        """All words a ticket's draft has had, oldest first."""
        with self._store.read() as tx:
            return tx.reviews.revisions(ticket_id)

    def cite(self, ticket_id: int, login: str, slug: str, text: str | None = None) -> Case:
        """Let the draft rest on an article, with these words or its own: a new revision, checked with it.

        Raises NotFound for an article that is not there.
        """
        with self._store.write() as tx:
            case = self._case(tx, ticket_id, self._person(tx, login))
            self._must_hold(case)
            tx.knowledge.get(slug)
            before = case.revision or first_revision(case)
            cited = tuple(dict.fromkeys((*before.citations, slug)))
            after = replace(before, text=before.text if text is None else text, citations=cited)
            if after == before and before.id:
                return case
            after = replace(after, thread_version=case.ticket.thread_version, by=login)
            found = examine(after.text, sources_of(replace(case, articles=articles_for(tx, case.thread, cited))))
            kept = tx.reviews.add_revision(ticket_id, after, found, self._clock.now())
            body = {"revision": kept.id, "words": digest(after.text), "article": slug}
            tx.records.append(login, "edited", ticket_id, body, self._clock.now())
            return self._case(tx, ticket_id, case.reviewer)

    def same_words_lately(self, case: Case) -> datetime | None:
        """When these very words were last approved for one of these recipients: see `services.again`."""
        with self._store.read() as tx:
            return same_words_lately(tx, case, self._clock.now())

    def attachment(self, sha256: str) -> bytes:
        """A kept file's content."""
        with self._store.read() as tx:
            return tx.tickets.attachment(sha256)

    def recheck(self, tx: Transaction, ticket_id: int, login: str) -> Case:
        """The case inside a caller's transaction."""
        return self._case(tx, ticket_id, self._person(tx, login))

    def _person(self, tx: Transaction, login: str) -> Person:
        person = tx.people.get(login)
        if person is None:
            raise NotFound(f"{login} is not known at this desk; a lead can add them with `supportdesk people add`.")
        return person

    def _must_hold(self, case: Case) -> None:
        standing = [b for b in blockers(case, Decision(DecisionKind.PAUSE, wake_on_message=True)) if not b.item]
        if standing:
            raise Refused(standing[0].words, standing)

    def _add_answer(
        self, tx: Transaction, case: Case, item: str, value: AnswerValue, reason: str = "", note: str = ""
    ) -> Answer:
        revision = case.revision.id if case.revision else 0
        answer = Answer(item, value, case.reviewer.login, revision, case.ticket.thread_version, reason, note)
        tx.reviews.add_answer(case.ticket.id, answer, self._clock.now())
        body = {"item": item, "value": value, "revision": revision, "reason": reason}
        tx.records.append(case.reviewer.login, "answered", case.ticket.id, body, self._clock.now())
        return answer

    def _case(self, tx: Transaction, ticket_id: int, person: Person) -> Case:
        return load_case(tx, ticket_id, person, self._rules())


def _must_reach_somebody(tx: Transaction, decision: Decision, rules: GateRules) -> None:
    """Raise BadInput where a ticket would go to a queue there is not, or to an owner nobody is."""
    queues = rules.queues
    if decision.kind is DecisionKind.REROUTE and decision.queue and queues and decision.queue not in queues:
        raise BadInput(f"There is no queue “{decision.queue}”; there are {', '.join(sorted(queues))}.")
    if decision.kind is DecisionKind.ESCALATE:
        words = unfit(decision.owner.strip(), decision.backup.strip(), tx.people.all(), rules.owners)
        if words:
            raise BadInput(words)
