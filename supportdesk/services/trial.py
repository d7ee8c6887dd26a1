"""Trying a model or a prompt on past tickets: what it would have prepared against what people decided and sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import DecisionKind, Path, TriggerKind
from supportdesk.rules.check import examine
from supportdesk.rules.sources import Sources
from supportdesk.services.cases import articles_for
from supportdesk.services.ports import Assistant, Clock, Store, Transaction


@dataclass(frozen=True, slots=True)
class Compared:
    """One past ticket, prepared again."""

    ticket_id: int
    """Which."""
    missed: tuple[str, ...]
    """Flags that are up on the ticket and were not raised now."""
    added: tuple[str, ...]
    """Flags raised now that are not up, those people lowered among them."""
    route_right: bool
    """Whether it would go to the queue the ticket ended in."""
    path_right: bool
    """Whether it is as guarded as what people did: an escalation where they escalated."""
    changed: float | None
    """How far the draft is from the reply that was sent, 0 to 1; None where none was sent."""
    findings: int
    """Blocking findings in the draft."""
    cost: float
    """US dollars."""
    tokens: int
    """In and out."""
    seconds: float
    """How long it took."""
    note: str
    """What went wrong, as a preparation would say it."""


def try_out(store: Store, clock: Clock, assistant: Assistant, last: int) -> Iterator[Compared]:
    """Prepare the `last` decided tickets again, latest first; writes nothing to the tickets."""
    with store.read() as tx:
        ids = sorted(tx.tickets.ids(QueueQuery(status="any"), clock.now()), reverse=True)
    done = 0
    for ticket_id in ids:
        if done >= last:
            return
        compared = _one(store, assistant, ticket_id)
        if compared is not None:
            done += 1
            yield compared


def figures(rows: Sequence[Compared]) -> dict[str, object]:
    """The whole trial in a few numbers."""
    if not rows:
        return {"tickets": 0}
    sent = [row.changed for row in rows if row.changed is not None]
    return {
        "tickets": len(rows),
        "triggers_missed": sum(len(row.missed) for row in rows),
        "triggers_added": sum(len(row.added) for row in rows),
        "route_right": round(sum(row.route_right for row in rows) / len(rows), 3),
        "path_right": round(sum(row.path_right for row in rows) / len(rows), 3),
        "replies_compared": len(sent),
        "changed": round(sum(sent) / len(sent), 3) if sent else None,
        "findings_a_draft": round(sum(row.findings for row in rows) / len(rows), 2),
        "tokens": sum(row.tokens for row in rows),
        "cost": round(sum(row.cost for row in rows), 6),
        "seconds_a_ticket": round(sum(row.seconds for row in rows) / len(rows), 2),
        "with_trouble": sum(bool(row.note) for row in rows),
    }


def _one(store: Store, assistant: Assistant, ticket_id: int) -> Compared | None:
    """One ticket as it stood when it was decided first; None when nobody has decided anything."""
    with store.read() as tx:
        decisions = tx.decisions.last_decisions(ticket_id)
        decided = next((d for d in decisions if d["kind"] != DecisionKind.PAUSE.value), None)
        if decided is None:
            return None
        ticket = tx.tickets.get(ticket_id)
        up = {t.kind for t in tx.reviews.flags(ticket_id)}
        thread = _as_it_stood(tx.tickets.thread(ticket_id), int(str(decided["thread_version"])))
        articles = articles_for(tx, thread)
        sent = _sent(tx, ticket_id)
    made = assistant.prepare(thread, articles)
    raised = {t.kind for t in made.triage.triggers}
    text = made.draft.text if made.draft is not None else ""
    found = examine(text, Sources(thread, articles, made.triage.language)).findings if text else ()
    escalated = any(d["kind"] == DecisionKind.ESCALATE.value for d in decisions)
    return Compared(
        ticket_id=ticket_id,
        missed=_names(up - raised),
        added=_names(raised - up),
        route_right=made.triage.queue == ticket.queue,
        path_right=made.triage.path is Path.ESCALATION if escalated else made.triage.path.rank >= bool(up),
        changed=_distance(text, sent) if sent and text else None,
        findings=sum(f.blocking for f in found),
        cost=made.provenance.cost,
        tokens=made.provenance.tokens,
        seconds=round(made.provenance.seconds, 3),
        note=made.provenance.note,
    )


def _as_it_stood(thread: Thread, version: int) -> Thread:
    """The thread's first messages to come in, as many as it had then."""
    known = {m.id for m in sorted(thread.messages, key=lambda m: m.id)[:version]}
    kept = [m for m in thread.messages if m.id in known]
    return replace(thread, messages=tuple(replace(m, position=n) for n, m in enumerate(kept)))


def _sent(tx: Transaction, ticket_id: int) -> str:
    """The words people approved first; empty where they never did."""
    entries = tx.decisions.outbox((), ticket_id)
    return str(entries[0].payload.get("text", "")) if entries else ""


def _distance(draft: str, sent: str) -> float:
    from rapidfuzz.distance import Indel

    return round(Indel.normalized_distance(draft.split(), sent.split()), 3)


def _names(kinds: set[TriggerKind]) -> tuple[str, ...]:
    return tuple(kind.value for kind in TriggerKind if kind in kinds and kind is not TriggerKind.LOW_CONFIDENCE)
