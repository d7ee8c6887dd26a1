"""The two stateless filters, triage and check: plain JSON objects in, plain JSON objects out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from supportdesk.domain.evidence import Article, Evidence
from supportdesk.domain.findings import Examination, Finding
from supportdesk.domain.preparation import Triage
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import EPOCH, Address, Message, Thread
from supportdesk.domain.words import Author
from supportdesk.errors import BadInput
from supportdesk.rules.check import examine
from supportdesk.rules.sources import Sources
from supportdesk.rules.triage import triage

_AUTHORS = {author.value: author for author in Author}


def thread_from(value: object) -> Thread:
    """A thread from `{"id","channel","subject","messages":[{"from","text"}],"records"?}`.

    Raises BadInput with what is missing or of the wrong shape.
    """
    if not isinstance(value, Mapping):
        raise BadInput("a line must be a JSON object")
    messages = value.get("messages")
    if not isinstance(messages, list):
        raise BadInput('"messages" must be a list of {"from", "text"}')
    records = value.get("records") or {}
    if not isinstance(records, Mapping):
        raise BadInput('"records" must be an object')
    channel = _text(value, "channel", "mail")
    return Thread(
        tuple(_message(m, position, channel) for position, m in enumerate(messages)),
        _text(value, "subject"),
        channel,
        records,
    )


def _message(value: object, position: int, channel: str) -> Message:
    if not isinstance(value, Mapping):
        raise BadInput(f"message {position} must be an object")
    author = _AUTHORS.get(str(value.get("from", "")))
    if author is None:
        raise BadInput(f'message {position}: "from" must be customer, agent or internal')
    text = value.get("text")
    if not isinstance(text, str):
        raise BadInput(f'message {position}: "text" must be a string')
    sender = Address(_text(value, "email"), _text(value, "name"))
    return Message(author, text, position, sender=sender, channel=channel, sent_at=_when(value.get("at")))


def _when(value: object) -> datetime:
    if not isinstance(value, str):
        return EPOCH
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return EPOCH
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _text(value: Mapping[str, object], key: str, default: str = "") -> str:
    found = value.get(key, default)
    if found is None:
        return default
    if not isinstance(found, str):
        raise BadInput(f'"{key}" must be a string')
    return found


def triage_object(value: object, routing: Routing) -> dict[str, object]:
    """What `supportdesk triage` answers to one line. Raises BadInput."""
    thread = thread_from(value)
    return {"id": _id(value), **triage_json(triage(thread, routing))}


def triage_json(found: Triage) -> dict[str, object]:
    """A triage as plain JSON values."""
    return {
        "category": found.category,
        "priority": found.priority.value,
        "language": found.language,
        "sentiment": found.sentiment.value,
        "triggers": [
            {
                "kind": t.kind.value,
                "source": t.source.value,
                "message": t.message,
                "quote": t.quote,
                "why": t.why,
            }
            for t in found.triggers
        ],
        "path": found.path.value,
        "queue": found.queue,
        "queue_reason": found.queue_reason,
        "missing": [detail.name for detail in found.missing],
        "unresolved": [question.text for question in found.unresolved],
        "summary": [
            {
                "text": point.text,
                "message": int(point.evidence.ref) if point.evidence else None,
                "quote": point.evidence.quote if point.evidence else None,
            }
            for point in found.summary
        ],
        "confidence": round(found.confidence, 3),
    }


def check_object(value: object, articles: Sequence[Article] = ()) -> dict[str, object]:
    """What `supportdesk check` answers to one line. Raises BadInput."""
    thread = thread_from(value)
    draft = value.get("draft") if isinstance(value, Mapping) else None
    if not isinstance(draft, str):
        raise BadInput('"draft" must be a string')
    return {"id": _id(value), **examination_json(examine(draft, Sources(thread, tuple(articles))))}


def examination_json(found: Examination) -> dict[str, object]:
    """An examination's findings as plain JSON values."""
    return {"findings": [finding_json(f) for f in found.findings]}


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding as plain JSON values."""
    return {
        "kind": finding.kind.value,
        "subkind": finding.subkind,
        "start": finding.start,
        "end": finding.end,
        "quote": finding.quote,
        "why": finding.why,
        "evidence": [evidence_json(e) for e in finding.evidence],
        "blocking": finding.blocking,
        "settle": finding.settle,
    }


def evidence_json(evidence: Evidence) -> dict[str, object]:
    """Evidence as plain JSON values."""
    return {
        "source": evidence.source.value,
        "ref": evidence.ref,
        "quote": evidence.quote,
        "start": evidence.start,
        "end": evidence.end,
    }


def _id(value: object) -> object:
    return value.get("id") if isinstance(value, Mapping) else None
