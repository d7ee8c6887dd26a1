"""Lines of our own export, read back: files, tickets with all that hangs on them, records."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from supportdesk.domain.incoming import IncomingFile, IncomingMessage, IncomingTicket, KeptFile
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, MessageKind
from supportdesk.errors import BadInput

FORMAT = 1
"""The version of the lines we read."""
_TICKET = (
    "status", "priority", "queue", "category", "path", "assignee", "triggers", "language", "reopened",
    "prepared_version", "stale", "wake_on_message",
)  # fmt: skip
_TIMES = ("created_at", "updated_at", "due_at", "wake_at", "press")


def is_ours(value: Any) -> bool:
    """Whether a value is a line of our own export."""
    if not isinstance(value, dict):
        return False
    return "supportdesk" in value or (value.get("type") == "file" and "content_base64" in value and "sha256" in value)


def read_own(value: Mapping[str, Any], source: str) -> IncomingTicket | KeptFile | None:
    """A line of our own export; None for one that is only for people. Raises BadInput."""
    kind = value.get("type")
    if value.get("supportdesk", FORMAT) != FORMAT:
        raise BadInput("It was exported by a newer supportdesk; upgrade this one.")
    try:
        if kind == "file":
            return _file(value, source)
        return _ticket(value, source) if kind == "ticket" else None
    except (KeyError, TypeError, ValueError) as trouble:
        raise BadInput(
            f"It is no whole line of a supportdesk's export ({type(trouble).__name__}: {trouble})."
        ) from None


def _file(value: Mapping[str, Any], source: str) -> KeptFile:
    try:
        content = binascii.a2b_base64(str(value["content_base64"]).encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadInput("The content of a file is no base64.") from None
    if hashlib.sha256(content).hexdigest() != value["sha256"]:
        raise BadInput("The content of a file does not match its digest.")
    return KeptFile(content, source)


def _ticket(value: Mapping[str, Any], source: str) -> IncomingTicket:
    fields: dict[str, object] = {name: value[name] for name in _TICKET}
    for name in _TIMES:
        fields[name] = _moment(value[name])
    return IncomingTicket(
        external=str(value["external"]),
        subject=str(value["subject"]),
        requester=Address(str(value["requester_email"]), str(value["requester_name"])),
        messages=tuple(_message(m, str(value["subject"]), source) for m in value["messages"]),
        channel=str(value["channel"]),
        tags=tuple(str(t) for t in value["tags"]),
        records=dict(value["records"]),
        source=source,
        number=int(value["number"]),
        fields=fields,
        kept={name: value.get(name) for name in ("preparation", "revision", "flags", "decisions", "history")},
    )


def _message(value: Mapping[str, Any], subject: str, source: str) -> IncomingMessage:
    return IncomingMessage(
        author=Author(value["author"]),
        text=str(value["text"]),
        subject=subject,
        sender=Address(str(value["sender_email"]), str(value["sender_name"])),
        to=tuple(Address(email, name) for email, name in value["to_json"]),
        cc=tuple(Address(email, name) for email, name in value["cc_json"]),
        sent_at=_moment(value["sent_at"]),
        channel=str(value["channel"]),
        kind=MessageKind(value["kind"]),
        message_id=str(value["message_id"]),
        references=tuple(str(r) for r in value["references_json"]),
        attachments=tuple(
            IncomingFile(
                str(f["name"]), str(f["media_type"]), int(f["size"]), inline=bool(f["inline"]), sha256=str(f["sha256"])
            )
            for f in value["attachments"]
        ),
        remarks=tuple(str(r) for r in value["remarks_json"]),
        raw_sha256=str(value["raw"]),
        source=source,
        identity=str(value["fingerprint"]),
    )


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    found = datetime.fromisoformat(str(value))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
