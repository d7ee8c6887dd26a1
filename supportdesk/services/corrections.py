"""People's word on the checks: kept with the text's fingerprint, counted by rule, turned into regression cases.

A correction changes nothing about a ticket: a finding is settled as before, and a commitment stays a matter of
authority. It is what the rules are judged and bettered by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from supportdesk.domain.case import Case
from supportdesk.domain.correction import CheckCorrection, Fault, RuleFigures
from supportdesk.domain.evidence import Article
from supportdesk.domain.findings import Finding, fingerprint
from supportdesk.domain.people import Person, authorised
from supportdesk.domain.thread import EPOCH
from supportdesk.domain.words import FindingKind
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.rules.check import examine
from supportdesk.rules.sources import Sources
from supportdesk.services.cases import GateRules, load_case
from supportdesk.services.filters import thread_from
from supportdesk.services.ports import Clock, Store, Transaction


class Corrections:
    """What people say of the checks."""

    def __init__(self, store: Store, clock: Clock, rules: Callable[[], GateRules]) -> None:
        """Work on this store; `rules` says who may promise what."""
        self._store = store
        self._clock = clock
        self._rules = rules

    def wrong(self, ticket_id: int, login: str, finding: str, reason: str) -> CheckCorrection:
        """Say that a finding of the draft is none; `finding` is its fingerprint.

        Raises BadInput without a reason or for a finding that is not there, Refused where it is a commitment and
        the person may not make it themselves, or has the ticket in hand.
        """
        with self._store.write() as tx:
            person, case = self._open(tx, ticket_id, login, reason)
            found = next((f for f in case.examination.findings if f.fingerprint == finding), None)
            if found is None:
                raise BadInput("That finding is not in this draft any more.")
            if found.kind is FindingKind.COMMITMENT:
                self._may_deny(case, person, found)
            return self._keep(tx, case, login, Fault.WRONG, found, reason)

    def missed(
        self, ticket_id: int, login: str, quote: str, kind: FindingKind, subkind: str, reason: str
    ) -> CheckCorrection:
        """Say that the checks missed something in the draft.

        Raises BadInput without a reason, for words that are not in the draft, and for what was found.
        """
        with self._store.write() as tx:
            _, case = self._open(tx, ticket_id, login, reason)
            assert case.revision is not None
            start = case.revision.text.find(quote) if quote.strip() else -1
            if start < 0:
                raise BadInput("Those words are not in the draft; quote them as they stand.")
            end = start + len(quote)
            same = [f for f in case.examination.findings if f.kind is kind and f.start < end and start < f.end]
            if same:
                raise BadInput(f"The checks did mark that: {same[0].why}")
            found = Finding(kind, subkind, start, end, quote, reason)
            return self._keep(tx, case, login, Fault.MISSED, found, reason)

    def all(self, since: datetime, until: datetime) -> tuple[CheckCorrection, ...]:
        """The corrections of a period, oldest first."""
        with self._store.read() as tx:
            return tx.corrections.all(since, until)

    def figures(self, since: datetime, until: datetime) -> tuple[RuleFigures, ...]:
        """How each rule did, the busiest first."""
        with self._store.read() as tx:
            return tx.corrections.figures(since, until)

    def case(self, number: int, login: str) -> dict[str, Any]:
        """A correction as a regression case: thread, records, articles, draft, and what must be found or not."""
        with self._store.read() as tx:
            said = tx.corrections.get(number)
            case = load_case(tx, said.ticket_id, _person(tx, login), self._rules())
            words = next((r for r in tx.reviews.revisions(said.ticket_id) if r.id == said.revision_id), None)
        if words is None or fingerprint(words.text) != said.words:
            raise NotFound("The words this correction is about are not kept any more.")
        start = words.text.find(said.quote)
        mark = {"kind": said.kind, "subkind": said.subkind, "quote": said.quote, "start": start}
        mark |= {"end": start + len(said.quote)}
        wrong = said.what is Fault.WRONG
        return {
            "id": f"correction-{number}",
            "channel": case.thread.channel,
            "subject": case.thread.subject,
            "messages": [
                {"from": m.author.value, "text": m.text} | ({"at": m.sent_at.isoformat()} if m.sent_at != EPOCH else {})
                for m in case.thread.messages
            ],
            "records": case.thread.records,
            "articles": [{"slug": a.slug, "title": a.title, "text": a.text} for a in case.articles],
            "draft": words.text,
            "expect": {"faults": [] if wrong else [mark], "not": [mark] if wrong else []},
        }

    def _open(self, tx: Transaction, ticket_id: int, login: str, reason: str) -> tuple[Person, Case]:
        if not reason.strip():
            raise BadInput("Say why.")
        person = _person(tx, login)
        case = load_case(tx, ticket_id, person, self._rules())
        if case.revision is None:
            raise BadInput("This ticket has no draft.")
        return person, case

    def _may_deny(self, case: Case, person: Person, found: Finding) -> None:
        """Leave “not a commitment” to somebody who might have made it and does not have it in hand."""
        if case.ticket.taken_by == person.login or (case.revision and case.revision.by == person.login):
            raise Refused("Somebody else must say that it is no commitment: you have the ticket in hand.")
        made = [c for c in case.examination.commitments if c.start < found.end and found.start < c.end]
        rules = self._rules().authority
        # What is only perhaps a commitment binds nobody yet: there a lead's word is enough.
        may = all(authorised(person, c, rules, case.ticket.queue) for c in made) if made else person.role == "lead"
        if not may:
            raise Refused("Only somebody who may make this commitment may say that it is none.")

    def _keep(
        self, tx: Transaction, case: Case, login: str, what: Fault, found: Finding, reason: str
    ) -> CheckCorrection:
        assert case.revision is not None
        now = self._clock.now()
        said = CheckCorrection(
            0, case.ticket.id, case.revision.id, now, login, what, found.rule, found.kind.value, found.subkind,
            found.fingerprint, fingerprint(case.revision.text), found.quote, reason.strip(),
        )  # fmt: skip
        said = replace(said, id=tx.corrections.add(said))
        body = {"correction": said.id, "what": what.value, "rule": found.rule, "finding": found.fingerprint}
        tx.records.append(login, "corrected_check", case.ticket.id, body, now)
        return said


def replay(case: Mapping[str, Any]) -> tuple[str, ...]:
    """What the checks say today against what a regression case expects; nothing where they agree.

    Raises BadInput for a case of the wrong shape.
    """
    thread = thread_from(case)
    expect, draft = case.get("expect"), case.get("draft")
    if not isinstance(expect, Mapping) or not isinstance(draft, str):
        raise BadInput('a case needs "draft" and "expect"')
    articles = tuple(Article(a["slug"], a["title"], a["text"]) for a in case.get("articles", ()))
    found = examine(draft, Sources(thread, articles)).findings
    wanted = [m for m in expect.get("faults", ()) if not _marked(m, found)]
    unwanted = [m for m in expect.get("not", ()) if _marked(m, found)]
    return (
        *(f"{m['kind']} not found: “{m['quote']}”" for m in wanted),
        *(f"{m['kind']} found again: “{m['quote']}”" for m in unwanted),
    )


def _marked(mark: Mapping[str, Any], found: Sequence[Finding]) -> bool:
    return any(f.kind == mark["kind"] and f.start < mark["end"] and mark["start"] < f.end for f in found)


def _person(tx: Transaction, login: str) -> Person:
    person = tx.people.get(login)
    if person is None or not person.active:
        raise Refused(f"{login} is not active at this desk.")
    return person
