"""Tickets and cases as plain JSON values: what `--json` prints."""

from __future__ import annotations

from datetime import datetime

from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision
from supportdesk.domain.gate import blockers
from supportdesk.domain.preparation import Provenance
from supportdesk.domain.thread import Message, Ticket
from supportdesk.domain.words import DecisionKind
from supportdesk.services.filters import evidence_json, finding_json, triage_json


def ticket_json(ticket: Ticket) -> dict[str, object]:
    """One line of the queue."""
    return {
        "id": ticket.id,
        "subject": ticket.subject,
        "requester": {"email": ticket.requester.email, "name": ticket.requester.name},
        "channel": ticket.channel,
        "queue": ticket.queue,
        "category": ticket.category,
        "priority": ticket.priority.value,
        "path": ticket.path.value,
        "status": ticket.status.value,
        "triggers": list(ticket.triggers),
        "language": ticket.language,
        "assignee": ticket.assignee,
        "taken_by": ticket.taken_by,
        "tags": list(ticket.tags),
        "created_at": _iso(ticket.created_at),
        "updated_at": _iso(ticket.updated_at),
        "due_at": _iso(ticket.due_at),
        "thread_version": ticket.thread_version,
        "reopened": ticket.reopened,
    }


def case_json(case: Case) -> dict[str, object]:
    """All a reviewer has in front of them."""
    prepared = case.preparation
    revision = case.revision
    approve = Decision(DecisionKind.APPROVE)
    return {
        "ticket": ticket_json(case.ticket),
        "messages": [_message(m, m.position in case.seen) for m in case.thread.messages],
        "records": dict(case.thread.records),
        "preparation": None
        if prepared is None
        else {
            **triage_json(prepared.triage),
            **provenance_json(prepared.provenance),
            "at": _iso(prepared.at),
            "thread_version": prepared.thread_version,
        },
        "draft": None
        if revision is None
        else {
            "revision": revision.number,
            "kind": revision.kind.value,
            "by": revision.by,
            "subject": revision.subject,
            "to": list(revision.to),
            "cc": list(revision.cc),
            "text": revision.text,
            "citations": list(revision.citations),
            "thread_version": revision.thread_version,
        },
        "claims": [
            {
                "quote": c.quote,
                "what": c.what,
                "support": c.support.value,
                "evidence": [evidence_json(e) for e in c.evidence],
            }
            for c in case.examination.claims
        ],
        "commitments": [
            {
                "quote": c.quote,
                "kind": c.kind.value,
                "amount": None if c.amount is None else str(c.amount),
                "currency": c.currency,
                "due": None if c.due is None else c.due.isoformat(),
            }
            for c in case.examination.commitments
        ],
        "findings": [
            {**finding_json(f), "settled": s.how.value if (s := case.settled(f)) else None}
            for f in case.examination.findings
        ],
        "checklist": [
            {"item": item, "answer": answer.value.value if (answer := case.answer(item)) else None}
            for item in case.items
        ],
        "blockers": [{"code": b.code, "words": b.words, "item": b.item} for b in blockers(case, approve)],
    }


def provenance_json(made: Provenance) -> dict[str, object]:
    """How a preparation came about: model, prompts with version and hash, tokens, cost, seconds, and why so."""
    prompts = []
    for label in made.prompts:
        name, _, rest = label.partition("@")
        version, _, digest = rest.partition("#")
        prompts.append({"name": name, "version": int(version) if version.isdigit() else version, "hash": digest})
    return {
        "assistant": made.assistant,
        "note": made.note,
        "prompts": prompts,
        "tokens": made.tokens,
        "cost": made.cost,
        "seconds": round(made.seconds, 3),
        "calls": list(made.calls),
    }


def _message(message: Message, seen: bool) -> dict[str, object]:
    return {
        "position": message.position,
        "from": message.author.value,
        "name": message.sender.name,
        "email": message.sender.email,
        "at": _iso(message.sent_at),
        "kind": message.kind.value,
        "text": message.text,
        "attachments": [{"name": a.name, "media_type": a.media_type, "size": a.size} for a in message.attachments],
        "remarks": list(message.remarks),
        "seen": seen,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
