"""Preparing tickets whose thread changed: flags only rise, people's words are never replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from supportdesk.domain.case import Revision
from supportdesk.domain.preparation import Draft, Preparation
from supportdesk.domain.pressing import due_time, press
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Thread, Ticket
from supportdesk.domain.words import MessageKind, Priority, Status
from supportdesk.rules.check import examine
from supportdesk.rules.sources import Sources
from supportdesk.services.cases import articles_for
from supportdesk.services.ports import Assistant, Clock, Store, Transaction

ASSISTANT = "assistant"
"""Author of the words nobody has touched yet."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One ticket that was prepared."""

    ticket_id: int
    """Which."""
    preparation: Preparation
    """What came of it."""


class Preparing:
    """Prepares what changed, most pressing first."""

    def __init__(self, store: Store, clock: Clock, assistant: Assistant, routing: Routing) -> None:
        """Work on this store with this assistant."""
        self._store = store
        self._clock = clock
        self._assistant = assistant
        self._routing = routing

    def waiting(self) -> int:
        """How many tickets wait to be prepared."""
        with self._store.read() as tx:
            return tx.tickets.count_to_prepare()

    def run(self, limit: int = 0, progress: Callable[[Prepared], None] | None = None) -> Iterator[Prepared]:
        """Prepare every ticket that wants it, or `limit` of them, one after the other."""
        done = 0
        while not limit or done < limit:
            with self._store.read() as tx:
                batch = tx.tickets.to_prepare(50)
            if not batch:
                return
            for ticket_id in batch:
                prepared = self.one(ticket_id)
                done += 1
                if prepared is not None:
                    if progress is not None:
                        progress(prepared)
                    yield prepared
                if limit and done >= limit:
                    return

    def one(self, ticket_id: int, only: str = "") -> Prepared | None:
        """Prepare one ticket; None when its thread moved on or another worker prepared it meanwhile.

        With `only`, that part of its preparation is made anew, `summary` or `triage`; the rest stays as it is.
        """
        with self._store.read() as tx:
            ticket = tx.tickets.get(ticket_id)
            thread = tx.tickets.thread(ticket_id)
            articles = articles_for(tx, thread)
            earlier = len(tx.tickets.same_requester(ticket_id)) + ticket.reopened
            before = tx.reviews.preparation(ticket_id) if only else None
        if before is not None and before.thread_version == ticket.thread_version:
            made = with_part(before, self._assistant.prepare(thread, articles, earlier, only=(only,)), only)
        else:
            made = self._assistant.prepare(thread, articles, earlier)
        made = replace(made, thread_version=ticket.thread_version)
        found = None
        if made.draft is not None:
            found = examine(made.draft.text, Sources(thread, articles, made.triage.language))
        with self._store.write() as tx:
            now = self._clock.now()
            current = tx.tickets.get(ticket_id)
            if current.thread_version != ticket.thread_version or current.prepared_version != ticket.prepared_version:
                return None
            made = replace(made, id=tx.reviews.add_preparation(ticket_id, made, now), at=now)
            tx.reviews.raise_flags(ticket_id, made.triage.triggers, now)
            if made.draft is not None and found is not None and self._may_replace(tx, ticket_id):
                tx.reviews.add_revision(ticket_id, _revision(current, thread, made.draft), found, now)
            self._place(tx, current, thread, made)
            body = {"preparation": made.id, "by": made.provenance.assistant, "thread_version": ticket.thread_version}
            tx.records.append(ASSISTANT, "prepared", ticket_id, body, now)
        return Prepared(ticket_id, made)

    def _may_replace(self, tx: Transaction, ticket_id: int) -> bool:
        """A draft never replaces words a person typed."""
        latest = tx.reviews.revision(ticket_id)
        return latest is None or latest[0].by == ASSISTANT or self._was_sent(tx, ticket_id, latest[0].id)

    def _was_sent(self, tx: Transaction, ticket_id: int, revision_id: int) -> bool:
        return any(entry.payload.get("revision") == revision_id for entry in tx.decisions.outbox((), ticket_id))

    def _place(self, tx: Transaction, ticket: Ticket, thread: Thread, made: Preparation) -> None:
        """Put the ticket where triage says; never less guarded than before, never against a person's rerouting."""
        triage = made.triage
        up = dict.fromkeys(t.kind.value for t in tx.reviews.flags(ticket.id))
        first = ticket.prepared_version == 0
        path = triage.path if first else max(triage.path, ticket.path, key=lambda p: p.rank)
        priority = triage.priority if first else max(triage.priority, ticket.priority, key=lambda p: p.rank)
        if first and ticket.priority is not Priority.NORMAL and triage.priority.rank <= Priority.NORMAL.rank:
            # It came with one, from another helpdesk: somebody gave it that.
            priority = ticket.priority
        due_at = due_time(thread, priority, self._routing.sla_hours) if ticket.status.group == "open" else ticket.due_at
        fields: dict[str, Any] = {
            "category": triage.category,
            "priority": priority.value,
            "path": path.value,
            "language": triage.language,
            "triggers": " ".join(up),
            "prepared_version": ticket.thread_version,
            "stale": 0,
            "due_at": due_at,
            "press": press(due_at, priority, path, ticket.updated_at),
        }
        if not any(d["kind"] == "reroute" for d in tx.decisions.last_decisions(ticket.id)):
            fields["queue"] = triage.queue
        if made.draft is None and all(m.kind is not MessageKind.ORDINARY for m in thread.customer_messages):
            # Bulk mail, bounces and auto-replies want no answer: they wait nowhere.
            fields |= {"status": Status.CLOSED.value, "due_at": None} if ticket.status is Status.NEW else {}
        tx.tickets.change(ticket.id, **fields)


def with_part(before: Preparation, new: Preparation, part: str) -> Preparation:
    """A preparation with one part made anew; its flags and path only rise, its draft is left alone."""
    if part == "summary":
        triage = replace(before.triage, summary=new.triage.summary, unresolved=new.triage.unresolved)
    else:
        told = {t.kind for t in new.triage.triggers}
        triage = replace(
            new.triage,
            triggers=(*new.triage.triggers, *(t for t in before.triage.triggers if t.kind not in told)),
            path=max(before.triage.path, new.triage.path, key=lambda p: p.rank),
            summary=before.triage.summary,
            unresolved=before.triage.unresolved,
        )
    was, now = before.provenance, new.provenance
    names = {p.partition("@")[0] for p in now.prompts}
    made = replace(
        now,
        prompts=(*(p for p in was.prompts if p.partition("@")[0] not in names), *now.prompts),
        calls=(*was.calls, *now.calls),
        note="; ".join(filter(None, (f"{part} made anew", now.note))),
    )
    return Preparation(triage, None, made)


def _revision(ticket: Ticket, thread: Thread, draft: Draft) -> Revision:
    """The assistant's draft as words on their way to the requester."""
    to = (ticket.requester.email,) if ticket.requester.email else ()
    return Revision(
        number=0,
        text=draft.text,
        subject=thread.subject,
        by=ASSISTANT,
        thread_version=ticket.thread_version,
        kind=draft.kind,
        to=to,
        citations=draft.citations,
    )
