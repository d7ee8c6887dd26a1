"""A ticket's story in plain words, from the records: who did what, on what, and after seeing what."""

from __future__ import annotations

from collections.abc import Mapping

from supportdesk.domain.records import AuditRecord
from supportdesk.domain.words import Author

_SENTENCES = {
    "took": "took the ticket",
    "took_over": "took the ticket over from {from}, knowingly",
    "released": "gave the ticket back",
    "edited": "wrote new words for the draft",
    "noted": "left a note for colleagues",
    "settled": "settled a {kind} finding by {how}",
    "lowered_flag": "lowered the flag {kind}",
    "asked_for_grant": "asked for a commitment beyond their authority to be granted",
    "granted": "granted the commitment {for} asked for",
    "refused_grant": "refused the commitment {for} asked for",
    "approved": "bound the approval to these very words, recipients and answers: outbox entry {outbox}",
    "recalled": "called the reply back before it left",
    "approval_void": "the approval is void, nothing was sent",
    "delivery_sent": "the mail server took the reply",
    "delivery_failed": "the reply was refused and was not sent",
    "delivery_uncertain": "nobody knows whether the reply left; a person must say",
    "delivery_queued": "the reply was put off and will be tried again",
    "woke": "the pause is over, the ticket is open again",
    "prepared": "prepared the ticket",
    "escalation_decided": "decided the escalation",
    "escalation_notify_failed": "could not tell the owner of the escalation",
    "erased": "erased the requester's content",
    "kept": "kept what had come",
}
_DECISIONS = {
    "approve": "decided to approve the reply",
    "request_information": "decided to ask for information",
    "reroute": "decided to reroute the ticket",
    "escalate": "decided to escalate the ticket",
    "reject": "decided to reject the draft",
    "pause": "decided to pause the ticket",
}
_VALUES = {"confirmed": "confirmed", "problem": "a problem", "not_judged": "not judged"}
_AUTHORS = {
    Author.CUSTOMER.value: "a message from the requester's side came",
    Author.AGENT.value: "a message from our side came",
    Author.INTERNAL.value: "an internal note came",
}


def sentence(record: AuditRecord) -> str:
    """What one record says, in one sentence without the actor's name."""
    body = record.body
    kind = record.action.removeprefix("decided_")
    if record.action.startswith("decided_") and kind in _DECISIONS:
        return f"{_DECISIONS[kind]}, {_looked(body)}{_why(body)}"
    if record.action == "message":
        return _AUTHORS.get(str(body.get("from")), "a message came")
    if record.action == "saw":
        seen = body.get("messages")
        return f"had {_count(len(seen) if isinstance(seen, list) else 0, 'message')} on screen"
    if record.action == "answered":
        value = _VALUES.get(str(body.get("value")), str(body.get("value")))
        return f"answered {body.get('item', 'an item')}: {value}{_why(body)}"
    if record.action == "settled_uncertain":
        went = "did" if body.get("was_sent") else "did not"
        return f"said that the uncertain reply {went} leave{_why(body)}"
    known = _SENTENCES.get(record.action)
    if known is None:
        return _plainly(record)
    return known.format_map(_Blanks(body)) + _why(body)


class _Blanks(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "somebody" if key in ("from", "for") else ""


def _looked(body: Mapping[str, object]) -> str:
    seconds, messages, words = (_whole(body.get(name)) for name in ("seconds", "messages", "words"))
    if not (seconds or messages or words):
        return "from the shell or at once"
    return f"after {seconds} s with {_count(messages, 'message')} and {_count(words, 'word')} on screen"


def _why(body: Mapping[str, object]) -> str:
    why = str(body.get("reason") or body.get("why") or "").replace("_", " ").strip()
    return f": {why}" if why else ""


def _plainly(record: AuditRecord) -> str:
    """A record nobody wrote a sentence for yet: its name and particulars as they are."""
    told = ", ".join(f"{k} {v}" for k, v in record.body.items() if v not in ("", None, 0))
    return f"{record.action.replace('_', ' ')}{f' ({told})' if told else ''}"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
