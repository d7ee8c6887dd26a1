"""Gathering everything a reviewer has in front of them, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from math import floor

from supportdesk.domain.case import Case, Revision
from supportdesk.domain.escalation import EscalationState
from supportdesk.domain.evidence import Article
from supportdesk.domain.findings import Examination
from supportdesk.domain.people import AuthorityRule, Person
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import Path
from supportdesk.errors import NotFound
from supportdesk.rules.sources import Sources
from supportdesk.services.ports import Transaction

ARTICLES_PER_CHECK = 5
"""How many articles the checks look facts up in, besides those the draft cites."""


@dataclass(frozen=True, slots=True)
class GateRules:
    """What a team's settings say about the gate."""

    authority: tuple[AuthorityRule, ...] = ()
    """Who may promise what."""
    team_items: tuple[str, ...] = ()
    """Checklist items the team added."""
    four_eyes: frozenset[str] = frozenset()
    """Triggers for which the author of the words may not approve them."""
    recall_seconds: int = 15
    """How long an approved reply can be called back."""
    mail_domain: str = "supportdesk.invalid"
    """The part after the @ of our Message-IDs: the desk's own domain."""
    zone: tzinfo = UTC
    """The desk's time zone: a promised day ends when it ends there."""
    queues: frozenset[str] = frozenset()
    """The queues a ticket may be sent to; none for any."""
    owners: frozenset[str] = frozenset()
    """Logins and roles the settings name as owners of escalations, whether or not somebody answers to them now."""


def rule_rows(rules: GateRules) -> list[tuple[str, str, str, int | None, str, str]]:
    """The gate's rules as the database checks them: what, kind, role, up to (thousandths), currency, queue."""
    authority = [
        ("authority", r.kind.value, r.role, None if r.up_to is None else floor(r.up_to * 1000), r.currency, r.queue)
        for r in rules.authority
    ]
    rest = [("four_eyes", kind) for kind in rules.four_eyes] + [("item", item) for item in rules.team_items]
    return [*authority, *((what, kind, "", None, "", "") for what, kind in rest)]


def load_case(tx: Transaction, ticket_id: int, person: Person, rules: GateRules) -> Case:
    """Gather everything about a ticket inside a transaction. Raises NotFound."""
    ticket = tx.tickets.get(ticket_id)
    thread = tx.tickets.thread(ticket_id)
    latest = tx.reviews.revision(ticket_id)
    revision, found = latest if latest is not None else (None, Examination())
    seen = tx.reviews.seen(ticket_id, person.login)
    return Case(
        ticket=ticket,
        thread=thread,
        preparation=tx.reviews.preparation(ticket_id),
        revision=revision,
        examination=found,
        reviewer=person,
        answers=tx.reviews.answers(ticket_id),
        settlements=tx.reviews.settlements(ticket_id),
        seen=frozenset(m.position for m in thread.messages if m.id in seen),
        authority=rules.authority,
        grants=tx.reviews.grants(ticket_id, revision.id) if revision else frozenset(),
        team_items=rules.team_items,
        four_eyes=rules.four_eyes,
        rejected=revision is not None and tx.reviews.rejected(revision.id),
        articles=articles_for(tx, thread, revision.citations if revision else ()),
        escalation_decided=ticket.path is Path.ESCALATION and _decided(tx, ticket_id),
    )


def _decided(tx: Transaction, ticket_id: int) -> bool:
    escalations = tx.escalations.all(undecided=False, ticket_id=ticket_id)
    return any(e.state is EscalationState.DECIDED for e in escalations)


def articles_for(tx: Transaction, thread: Thread, cited: Iterable[str] = ()) -> tuple[Article, ...]:
    """The articles a thread calls for, those cited first."""
    words = " ".join([thread.subject, *(m.text[:4000] for m in thread.customer_messages[-3:])])
    found = {a.slug: a for a in tx.knowledge.search(words, ARTICLES_PER_CHECK)}
    for slug in cited:
        if slug not in found:
            try:
                found[slug] = tx.knowledge.get(slug)
            except NotFound:
                continue
    return tuple(found.values())


def sources_of(case: Case) -> Sources:
    """What the checks may look things up in."""
    return Sources(case.thread, case.articles, case.preparation.triage.language if case.preparation else "")


def first_revision(case: Case) -> Revision:
    """An empty draft to write on: back to the requester, under the same subject."""
    to = (case.ticket.requester.email,) if case.ticket.requester.email else ()
    return Revision(0, "", case.ticket.subject, "", case.ticket.thread_version, to=to)
