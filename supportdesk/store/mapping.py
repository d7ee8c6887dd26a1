"""Rows to domain values and back. Times are milliseconds in the store, aware UTC datetimes outside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from supportdesk.domain.case import Answer, Revision
from supportdesk.domain.findings import Examination
from supportdesk.domain.preparation import Preparation
from supportdesk.domain.thread import Address, Attachment, Message, Ticket
from supportdesk.domain.words import (
    AnswerValue,
    Author,
    DraftKind,
    MessageKind,
    Path,
    Priority,
    Status,
)

Row = Mapping[str, Any]

_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str)


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970 UTC."""
    return round(at.timestamp() * 1000)


def moment(stored: int | None) -> datetime | None:
    """The aware UTC datetime of stored milliseconds; None stays None."""
    return None if stored is None else datetime.fromtimestamp(stored / 1000, UTC)


def _when(stored: int) -> datetime:
    return datetime.fromtimestamp(stored / 1000, UTC)


def packed(value: object) -> str:
    """Compact JSON that any text survives, lone surrogates included."""
    return _ENCODER.encode(value)


def thousandths(amount: Decimal, rounding: str) -> int:
    """An amount of money in whole thousandths, as large as the store can hold at most."""
    exact = (amount * 1000).to_integral_value(rounding) if amount.is_finite() else Decimal(2**62)
    return int(max(min(exact, Decimal(2**62)), Decimal(-(2**62))))


def plain(value: object) -> object:
    """A value as a column holds it: milliseconds for times, 0 or 1 for flags, JSON for collections."""
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (tuple, list, dict)):
        return packed(value)
    return storable(value) if isinstance(value, str) else value


def storable(text: str) -> str:
    """Text as SQLite can hold it: lone surrogates, which are no characters, become U+FFFD."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@cache
def adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """The JSON codec of a domain value."""
    return TypeAdapter(kind)


def to_json(kind: Any, value: object) -> str:
    """A domain value as JSON."""
    return adapter(kind).dump_json(value).decode()


def examination_from(body: str) -> Examination:
    """The examination kept with a revision."""
    value: Examination = adapter(Examination).validate_json(body)
    return value


def preparation_from(row: Row) -> Preparation:
    """The preparation of a row."""
    value: Preparation = adapter(Preparation).validate_json(row["body"])
    return value


def addresses(packed_list: str) -> tuple[Address, ...]:
    """Addresses of a JSON list of [email, name]."""
    return tuple(Address(email, name) for email, name in json.loads(packed_list))


def packed_addresses(many: Iterable[Address]) -> str:
    """A JSON list of [email, name]."""
    return packed([[a.email, a.name] for a in many])


def ticket_from(row: Row) -> Ticket:
    """The ticket of a row; `taken_by` is the lease's business."""
    return Ticket(
        id=row["id"],
        subject=row["subject"],
        requester=Address(row["requester_email"], row["requester_name"]),
        channel=row["channel"],
        queue=row["queue"],
        category=row["category"],
        priority=Priority(row["priority"]),
        path=Path(row["path"]),
        status=Status(row["status"]),
        thread_version=row["thread_version"],
        version=row["version"],
        created_at=_when(row["created_at"]),
        updated_at=_when(row["updated_at"]),
        due_at=moment(row["due_at"]),
        assignee=row["assignee"],
        taken_by=row.get("taken_by") or "",
        triggers=tuple(row["triggers"].split()),
        language=row["language"],
        reopened=row["reopened"],
        tags=tuple(json.loads(row["tags"])),
        wake_at=moment(row["wake_at"]),
        prepared_version=row["prepared_version"],
    )


def message_from(row: Row, position: int, attachments: tuple[Attachment, ...]) -> Message:
    """The message of a row, at its place in the thread."""
    return Message(
        author=Author(row["author"]),
        text=row["text"],
        position=position,
        id=row["id"],
        sender=Address(row["sender_email"], row["sender_name"]),
        to=addresses(row["to_json"]),
        cc=addresses(row["cc_json"]),
        sent_at=_when(row["sent_at"]),
        channel=row["channel"],
        kind=MessageKind(row["kind"]),
        message_id=row["message_id"],
        references=tuple(json.loads(row["references_json"])),
        attachments=attachments,
        remarks=tuple(json.loads(row["remarks_json"])),
    )


def attachment_from(row: Row) -> Attachment:
    """The attachment of a row."""
    return Attachment(row["name"], row["media_type"], row["size"], row["sha256"], bool(row["inline"]))


def revision_from(row: Row) -> Revision:
    """The revision of a row."""
    return Revision(
        number=row["number"],
        text=row["text"],
        subject=row["subject"],
        by=row["by"],
        thread_version=row["thread_version"],
        kind=DraftKind(row["kind"]),
        to=tuple(json.loads(row["to_json"])),
        cc=tuple(json.loads(row["cc_json"])),
        bcc=tuple(json.loads(row["bcc_json"])),
        attachments=tuple(json.loads(row["attachments_json"])),
        citations=tuple(json.loads(row["citations_json"])),
        id=row["id"],
        at=_when(row["at"]),
    )


def answer_from(row: Row) -> Answer:
    """The answer of a row."""
    return Answer(
        item=row["item"],
        value=AnswerValue(row["value"]),
        by=row["by"],
        revision=row["revision_id"],
        thread_version=row["thread_version"],
        reason=row["reason"],
        note=row["note"],
        at=_when(row["at"]),
    )
