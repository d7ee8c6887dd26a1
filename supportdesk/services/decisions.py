"""What each decision does to a ticket, once the gate has let it through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from supportdesk.domain.case import Case
from supportdesk.domain.cautions import unescalated
from supportdesk.domain.decision import Decision, Look, approval_payload, digest
from supportdesk.domain.pressing import press
from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import DecisionKind, Path, Status
from supportdesk.services.cases import GateRules, rule_rows
from supportdesk.services.ports import Transaction
from supportdesk.services.promises import write_down


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision."""

    ticket: Ticket
    """The ticket as it stands now."""
    words: str
    """What happened, for the reviewer, in one sentence."""
    outbox: int = 0
    """Number of the outbox entry, where words will leave."""


def carry_out(tx: Transaction, case: Case, decision: Decision, look: Look, now: datetime, rules: GateRules) -> Decided:
    """Record a decision that may be made and let it take effect. The caller has asked the gate."""
    revision_id = case.revision.id if case.revision else None
    by = case.reviewer.login
    decision_id = tx.decisions.add_decision(case.ticket, decision, by, revision_id, look, now)
    record = {
        "decision": decision_id,
        "revision": revision_id,
        "thread_version": case.ticket.thread_version,
        "reason": decision.reason,
        "note": digest(decision.note) if decision.note else "",
        "seconds": round(look.seconds),
        "messages": look.messages,
        "words": look.words,
        **({"unescalated": True, "weighed": look.weighed} if decision.kind.sends and unescalated(case) else {}),
    }
    effect: Callable[[], tuple[str, int]] = {
        DecisionKind.APPROVE: lambda: _send(tx, case, decision, decision_id, now, rules),
        DecisionKind.REQUEST_INFORMATION: lambda: _send(tx, case, decision, decision_id, now, rules),
        DecisionKind.REROUTE: lambda: _reroute(tx, case, decision),
        DecisionKind.ESCALATE: lambda: _escalate(tx, case, decision, decision_id, now),
        DecisionKind.REJECT: lambda: _reject(tx, case),
        DecisionKind.PAUSE: lambda: _pause(tx, case, decision),
    }[decision.kind]
    words, outbox = effect()
    tx.records.append(by, f"decided_{decision.kind}", case.ticket.id, record, now)
    tx.reviews.set_lease(case.ticket.id, by, 0)
    return Decided(tx.tickets.get(case.ticket.id), words, outbox)


def _send(
    tx: Transaction, case: Case, decision: Decision, decision_id: int, now: datetime, rules: GateRules
) -> tuple[str, int]:
    payload = approval_payload(case)
    approved = digest(payload)
    known = rule_rows(rules)
    if tx.decisions.know_rules(known):
        tx.records.append("desk", "gate_rules", 0, {"rules": [list(rule) for rule in sorted(known, key=str)]}, now)
    approval_id = tx.decisions.add_approval(decision_id, payload, approved, now)
    write_down(tx, case, approval_id, now, rules.zone)
    if case.revision is not None:
        tx.reviews.use_grants(case.revision.id, approval_id)
    message_id = f"{case.ticket.id}.{approval_id}.{approved[:12]}@{rules.mail_domain}"
    not_before = now + timedelta(seconds=rules.recall_seconds)
    outbox = tx.decisions.queue_reply(approval_id, case.ticket.id, message_id, not_before, now)
    status = Status.SOLVED if decision.closing else Status.PENDING
    tx.tickets.change(case.ticket.id, status=status.value, assignee=case.reviewer.login, due_at=None)
    tx.records.append(case.reviewer.login, "approved", case.ticket.id, {"digest": approved, "outbox": outbox}, now)
    to = ", ".join(case.revision.to) if case.revision else ""
    return f"Approved: leaves for {to} in {rules.recall_seconds} s.", outbox


def _reroute(tx: Transaction, case: Case, decision: Decision) -> tuple[str, int]:
    tx.tickets.change(case.ticket.id, queue=decision.queue, status=Status.OPEN.value, assignee="")
    return f"Rerouted from {case.ticket.queue} to {decision.queue}.", 0


def _escalate(tx: Transaction, case: Case, decision: Decision, decision_id: int, now: datetime) -> tuple[str, int]:
    tx.decisions.add_escalation(case.ticket.id, decision_id, decision, case.reviewer.login, now)
    ticket = case.ticket
    place = press(ticket.due_at, ticket.priority, Path.ESCALATION, ticket.updated_at)
    path = Path.ESCALATION.value
    tx.tickets.change(ticket.id, status=Status.ESCALATED.value, path=path, press=place, assignee=decision.owner)
    return f"Escalated to {decision.owner}; {decision.backup} stands in.", 0


def _reject(tx: Transaction, case: Case) -> tuple[str, int]:
    tx.tickets.change(case.ticket.id, status=Status.OPEN.value)
    return "Rejected: the ticket waits for a reply by hand or a new draft.", 0


def _pause(tx: Transaction, case: Case, decision: Decision) -> tuple[str, int]:
    tx.tickets.change(
        case.ticket.id,
        status=Status.PAUSED.value,
        wake_at=decision.wake_at,
        wake_on_message=int(decision.wake_on_message),
    )
    until = f"until {decision.wake_at:%Y-%m-%d %H:%M} UTC" if decision.wake_at else "until the next message"
    return f"Paused {until}.", 0
