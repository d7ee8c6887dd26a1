"""The gate: what still stands in the way of a decision. The one place where this is decided.

Pure: everything it needs is in the `Case` it is given. The services call it before they write, the
screens call it to explain, and the database enforces the same rules again by its own means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision
from supportdesk.domain.findings import Commitment, Finding
from supportdesk.domain.words import AnswerValue, DecisionKind, FindingKind, Item


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that still stands in the way of a decision."""

    code: str
    """Short name, stable for tests and JSON: `unanswered`, `unseen`, `finding`, …"""
    words: str
    """What it is and what to do, as one sentence."""
    item: str = ""
    """The checklist item it belongs to, where there is one."""
    finding: Finding | None = None
    """The finding it is about, where there is one."""


def blockers(case: Case, decision: Decision) -> tuple[Blocker, ...]:
    """What still stands in the way of a decision, most basic first; empty when it may be made."""
    found = [*_basics(case), *_target(decision)]
    if decision.kind.sends:
        found += [*_words(case), *_answers(case, confirmed=True), *_findings(case)]
    else:
        found += _answers(case, confirmed=False)
    return tuple(found)


def item_blockers(case: Case, item: str) -> tuple[Blocker, ...]:
    """What still keeps a checklist item from being confirmed."""
    if item == Item.THREAD:
        return tuple(_unseen(case))
    if case.revision is None:
        return (Blocker("no_draft", "There is no draft to judge.", item),)
    return tuple(b for b in _findings(case) if b.item == item)


def _basics(case: Case) -> Iterable[Blocker]:
    if not case.reviewer.active:
        yield Blocker("inactive", f"{case.reviewer} is not active at this desk; a lead can change that.")
    holder = case.ticket.taken_by
    if holder != case.reviewer.login:
        yield Blocker(
            "not_taken", f"{holder} has this ticket; take it over first." if holder else "Take the ticket first."
        )
    if case.ticket.status.group == "resolved":
        yield Blocker("resolved", f"The ticket is {case.ticket.status}; reopen it first.")


def _target(decision: Decision) -> Iterable[Blocker]:
    kind = decision.kind
    if kind in (DecisionKind.REROUTE, DecisionKind.ESCALATE, DecisionKind.REJECT) and not decision.reason:
        yield Blocker("no_reason", "Give a reason code.")
    if kind is DecisionKind.REROUTE and not decision.queue:
        yield Blocker("no_queue", "Name the queue it should go to.")
    if kind is DecisionKind.ESCALATE:
        for name in ("owner", "backup", "expected"):
            if not getattr(decision, name).strip():
                words = {"owner": "an owner", "backup": "a backup owner", "expected": "the decision you expect"}[name]
                yield Blocker(f"no_{name}", f"Name {words}.")
    if kind is DecisionKind.PAUSE and decision.wake_at is None and not decision.wake_on_message:
        yield Blocker("no_wake", "Say when it should come back: a time, or the next message.")


def _words(case: Case) -> Iterable[Blocker]:
    revision = case.revision
    if revision is None or not revision.text.strip():
        yield Blocker("no_draft", "There is no reply to send; write one first.")
        return
    if revision.thread_version != case.ticket.thread_version:
        yield Blocker("stale", "A message arrived after this draft was written; read it and renew the draft.")
    if case.rejected:
        yield Blocker("rejected", "These words were rejected; write your own or ask for a new draft.")
    if not revision.to:
        yield Blocker("no_recipient", "The reply has no recipient.")
    raised = set(case.ticket.triggers) & case.four_eyes
    if raised and revision.by == case.reviewer.login:
        yield Blocker("four_eyes", f"{', '.join(sorted(raised))}: someone else must approve what you wrote.")


def _answers(case: Case, *, confirmed: bool) -> Iterable[Blocker]:
    for item in case.items:
        answer = case.answer(item)
        unseen = list(_unseen(case)) if confirmed and item == Item.THREAD else []
        if unseen:
            yield from unseen
        elif answer is None:
            yield Blocker("unanswered", f"{item.capitalize()}: not answered yet.", item)
        elif confirmed and answer.value is not AnswerValue.CONFIRMED:
            said = "a problem" if answer.value is AnswerValue.PROBLEM else "not judged"
            yield Blocker("not_confirmed", f"{item.capitalize()}: marked as {said}.", item)


def _unseen(case: Case) -> Iterable[Blocker]:
    unseen, total = case.unseen, len(case.thread.messages)
    if unseen:
        numbers = ", ".join(str(position + 1) for position in unseen[:5]) + (" …" if len(unseen) > 5 else "")
        are = "message is" if len(unseen) == 1 else "messages are"
        words = f"Thread: {len(unseen)} of {total} {are} still unread ({numbers})."
        yield Blocker("unseen", words, Item.THREAD.value)


def _findings(case: Case) -> Sequence[Blocker]:
    found = [Blocker("finding", f"{f.why} {f.settle}".strip(), f.item.value, f) for f in case.open_findings]
    commitments = {f.fingerprint: f for f in case.examination.findings if f.kind is FindingKind.COMMITMENT}
    for commitment in case.unauthorised:
        words = f"“{commitment.quote}” ({_what(commitment)}) is beyond your authority: edit it away or ask for a grant."
        finding = commitments.get(commitment.fingerprint)
        found.append(Blocker("authority", words, Item.COMMITMENTS.value, finding))
    return found


def _what(commitment: Commitment) -> str:
    amount = f" {commitment.amount} {commitment.currency}".rstrip() if commitment.amount is not None else ""
    return f"{commitment.kind.value}{amount}"
