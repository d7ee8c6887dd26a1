"""What a reviewer decides, and the digest that binds an approval to exactly what leaves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.case import Case
from supportdesk.domain.words import DecisionKind


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision a reviewer asks for; `gate.blockers` says whether it may be made."""

    kind: DecisionKind
    """Approve, request information, reroute, escalate, reject or pause."""
    reason: str = ""
    """Reason code, from the desk's list; needed for reroute, escalate and reject."""
    note: str = ""
    """Free words."""
    queue: str = ""
    """Where to, for reroute."""
    trigger: str = ""
    """What it is escalated for."""
    owner: str = ""
    """Who decides, for escalate."""
    backup: str = ""
    """Who decides when the owner does not, for escalate."""
    expected: str = ""
    """The decision that is asked for, for escalate."""
    context: tuple[int, ...] = ()
    """Positions of the messages that matter, for escalate."""
    wake_at: datetime | None = None
    """When to come back, UTC, for pause."""
    wake_on_message: bool = False
    """Whether the next message wakes it, for pause."""
    closing: bool = False
    """Whether an approved reply also solves the ticket; otherwise it waits for the requester."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was on screen before a decision; recorded with it, never judged by the gate."""

    seconds: float = 0.0
    """How long the review was open."""
    messages: int = 0
    """How many messages were shown."""
    words: int = 0
    """How many words the reviewer had to read."""
    evidence_opened: int = 0
    """How often a source line was looked at."""
    weighed: bool = False
    """Whether the reviewer said that they send it though nobody decided an escalation."""


def approval_payload(case: Case, subject: str | None = None) -> dict[str, object]:
    """All that an approval binds, as plain JSON values.

    Raises ValueError when there is no draft.
    """
    revision = case.revision
    if revision is None:
        raise ValueError("no draft to approve")
    return {
        "ticket": case.ticket.id,
        "thread_version": case.ticket.thread_version,
        "revision": revision.id,
        "text": revision.text,
        "subject": revision.subject if subject is None else subject,
        "to": list(revision.to),
        "cc": list(revision.cc),
        "bcc": list(revision.bcc),
        "attachments": list(revision.attachments),
        "answers": [
            {"item": item, "value": answer.value.value, "by": answer.by}
            for item in case.items
            if (answer := case.answer(item)) is not None
        ],
        "findings": [
            {
                "fingerprint": finding.fingerprint,
                "settled": settlement.how.value if (settlement := case.settled(finding)) else "",
            }
            for finding in case.examination.findings
        ],
        "approver": case.reviewer.login,
    }


def canonical(payload: object) -> bytes:
    """JSON with sorted keys, no spaces and ASCII only: the same bytes on every platform and store."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode(
        "ascii"
    )


def digest(payload: object) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(payload)).hexdigest()
