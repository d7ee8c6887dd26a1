"""What happened to a ticket since somebody last looked at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from supportdesk.domain.records import AuditRecord
from widgets.paint import one_line
from widgets.wording import count_words, moment

_DOINGS = {
    "edited": "edited the draft",
    "settled": "settled a finding",
    "lowered_flag": "lowered a flag",
    "noted": "left a note",
    "took_over": "took it over",
    "recalled": "called the reply back",
    "asked_for_grant": "asked for a grant",
    "granted": "granted a promise",
    "refused_grant": "refused a promise",
    "decided_approve": "approved a reply",
    "decided_request_information": "asked for details",
    "decided_reroute": "rerouted it",
    "decided_escalate": "escalated it",
    "decided_reject": "rejected the draft",
    "decided_pause": "paused it",
    "escalation_decided": "decided the escalation",
}
_OF_THE_DESK = {
    "approval_void": "an approval became void",
    "delivery_sent": "a reply left",
    "delivery_failed": "a reply failed",
    "delivery_uncertain": "a reply may not have left",
    "woke": "it came back from a pause",
}


_TOLD = {
    "message": "a message came",
    "prepared": "prepared it",
    "took": "took it",
    "released": "gave it back",
    "saw": "read",
    "answered": "answered the checklist",
    "approved": "let the words leave",
    "published": "published an article",
}


def told(record: AuditRecord) -> str:
    """One record in words: what was done, and the particulars a person wants to know."""
    body = record.body
    words = _DOINGS.get(record.action) or _TOLD.get(record.action) or _OF_THE_DESK.get(record.action)
    words = words or record.action.replace("_", " ")
    if record.action == "saw" and isinstance(body.get("messages"), list):
        words = f"read {count_words(len(body['messages']), 'message')}"  # type: ignore[arg-type]
    if record.action == "message" and body.get("from"):
        words = "a note came" if body["from"] == "internal" else f"a message came from the {body['from']}"
    if record.action == "answered" and body.get("item"):
        words = f"{body['item']}: {str(body.get('value', '')).replace('_', ' ')}"
    if record.action == "prepared" and body.get("by"):
        words = f"prepared it ({body['by']})"
    particulars = [str(body[name]).replace("_", " ") for name in ("kind", "queue", "reason", "why") if body.get(name)]
    return f"{words}: {', '.join(particulars)}" if particulars else words


def since_words(records: Sequence[AuditRecord], login: str, now: datetime) -> str:
    """What others did since this person's last act, in a line; empty where they never looked, or nothing happened."""
    last = max((i for i, r in enumerate(records) if r.actor == login), default=-1)
    if last < 0:
        return ""
    after = [r for r in records[last + 1 :] if r.actor != login]
    messages = sum(r.action == "message" for r in after)
    words = [count_words(messages, "new message")] if messages else []
    words += [told for action, told in _OF_THE_DESK.items() if any(r.action == action for r in after)]
    done = Counter((r.actor, _DOINGS[r.action]) for r in after if r.action in _DOINGS)
    words += [f"{one_line(actor)} {doing}" for actor, doing in done]
    if not words:
        return ""
    return f"Since you last looked, {moment(records[last].at, now)}: {', '.join(words)}."
