"""Tickets as JSON Lines: one ticket with its messages a line, UTF-8.

    {"id": "1042",                                   its name where it comes from; optional
     "channel": "mail",                              mail, chat, form, feedback…; optional
     "subject": "Double charge",                     optional
     "requester": {"email": "…", "name": "…"},       optional; or just the address as a string
     "messages": [                                   at least one, oldest first
       {"from": "customer",                          customer, agent or internal
        "text": "I was charged twice.",
        "at": "2026-03-02T09:12:00+01:00",           optional; without a zone it is UTC; or seconds since 1970
        "name": "…", "email": "…",                   who wrote it; optional
        "to": ["…"], "cc": ["…"],                    addresses; optional
        "subject": "…",                              optional, the ticket's if absent
        "id": "…",                                   its name where it comes from; optional
        "kind": "ordinary",                          ordinary, auto_reply, bounce, bulk, own, invite; optional
        "message_id": "…", "in_reply_to": "…",       optional, without angle brackets
        "references": ["…"],                         optional
        "attachments": [                             optional
          {"name": "a.png", "media_type": "image/png", "size": 123, "content_base64": "…"}]}],
     "records": {"order": {"total": "49.00"}},       what other systems know; any object; optional
     "tags": ["vip"],                                optional
     "status": "open", "priority": "normal",         the desk's own words; optional
     "queue": "billing"}                             optional

A web form may give just {"email": "…", "name": "…", "subject": "…", "text": "…"}: one message from a customer.

Other keys are ignored. A line that does not fit is reported with what is wrong; the others are still read.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from supportdesk.channels.headers import addresses
from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.domain.incoming import IncomingFile, IncomingMessage, IncomingTicket, Unreadable
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, MessageKind, Priority, Status
from supportdesk.errors import BadInput

_LIMITS = Limits()
LONGEST_LINE = 64 * MEGABYTE
"""Bytes of one line; longer ones are set aside unread."""


def parse_ticket(value: object, source: str = "") -> IncomingTicket:
    """Make a ticket of a parsed line.

    Raises:
        BadInput: It does not fit the format; the sentence names the field.
    """
    if not isinstance(value, dict):
        raise BadInput("It is not a JSON object.")
    messages = value.get("messages")
    if messages is None and isinstance(value.get("text"), str):
        # A form's: one message, and who wrote it.
        who = {"email": value.get("email"), "name": value.get("name")}
        messages = [{"from": "customer", **who, "text": value["text"], "at": value.get("at")}]
    if not isinstance(messages, list) or not messages:
        raise BadInput('"messages" must be a list with at least one message.')
    channel = _text(value, "channel") or "mail"
    subject = _text(value, "subject")
    records = value.get("records") or {}
    if not isinstance(records, dict):
        raise BadInput('"records" must be an object.')
    requester = _person(value.get("requester"), "requester")
    read = tuple(_message(m, n, channel, subject, requester, source) for n, m in enumerate(messages))
    if not requester.email and not requester.name:
        requester = next((m.sender for m in read if m.author is Author.CUSTOMER), Address(""))
    return IncomingTicket(
        external=_identifier(value.get("id")),
        subject=subject,
        requester=requester,
        messages=read,
        channel=channel,
        tags=_texts(value, "tags"),
        status=_one_of(value, "status", Status),
        priority=_one_of(value, "priority", Priority),
        queue=_text(value, "queue"),
        records=records,
        source=source,
    )


def too_long(source: str, line: bytes, size: int) -> Unreadable:
    """A line beyond all measure."""
    kept = line[:MEGABYTE]
    return Unreadable(source, kept, f"The line is {size / MEGABYTE:,.0f} MB; only its first megabyte was kept.")


def _message(
    value: object, number: int, channel: str, subject: str, requester: Address, source: str
) -> IncomingMessage:
    """One message of a ticket."""
    where = f"message {number + 1}"
    if not isinstance(value, dict):
        raise BadInput(f"{where} is not an object.")
    said = value.get("from")
    if said not in list(Author):
        raise BadInput(f'{where}: "from" must be customer, agent or internal.')
    author = Author(said)
    text = value.get("text")
    if not isinstance(text, str):
        raise BadInput(f'{where}: "text" must be a string.')
    sender = Address(_address(_text(value, "email")), _text(value, "name"))
    if author is Author.CUSTOMER and not sender.email and not sender.name:
        sender = requester
    kind = _one_of(value, "kind", MessageKind) or MessageKind.ORDINARY
    return IncomingMessage(
        author=author,
        text=text,
        subject=_text(value, "subject") or subject,
        sender=sender,
        to=_people(value, "to"),
        cc=_people(value, "cc"),
        sent_at=_moment(value.get("at"), where),
        channel=_text(value, "channel") or channel,
        kind=MessageKind(kind),
        message_id=_text(value, "message_id").strip("<> "),
        in_reply_to=_text(value, "in_reply_to").strip("<> "),
        references=tuple(r.strip("<> ") for r in _texts(value, "references")),
        attachments=_files(value, where),
        remarks=_texts(value, "remarks"),
        source=f"{source} {where}" if source else where,
        external=_identifier(value.get("id")),
    )


def _files(value: Mapping[str, Any], where: str) -> tuple[IncomingFile, ...]:
    given = value.get("attachments") or []
    if not isinstance(given, list):
        raise BadInput(f'{where}: "attachments" must be a list.')
    files = []
    for item in given:
        if not isinstance(item, dict):
            raise BadInput(f"{where}: an attachment is not an object.")
        content = b""
        if encoded := _text(item, "content_base64"):
            try:
                content = binascii.a2b_base64(encoded.encode("ascii"), strict_mode=True)
            except (binascii.Error, UnicodeEncodeError):
                raise BadInput(f'{where}: "content_base64" of an attachment is not base64.') from None
        size = item.get("size")
        files.append(
            IncomingFile(
                name=_text(item, "name")[:255],
                media_type=_text(item, "media_type") or "application/octet-stream",
                size=size if isinstance(size, int) and size >= 0 and not content else len(content),
                content=content,
                inline=item.get("inline") is True,
            )
        )
    return tuple(files)


def _moment(value: object, where: str) -> datetime | None:
    """A time in UTC."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise BadInput(f'{where}: "at" is no time: use 2026-03-02T09:12:00+01:00.')


def _person(value: object, field: str) -> Address:
    if value is None:
        return Address("")
    if isinstance(value, str):
        return next(iter(addresses(value, _LIMITS)), Address("", value))
    if isinstance(value, dict):
        return Address(_address(_text(value, "email")), _text(value, "name"))
    raise BadInput(f'"{field}" must be an address or an object with "email" and "name".')


def _people(value: Mapping[str, Any], field: str) -> tuple[Address, ...]:
    given = value.get(field) or []
    given = [given] if isinstance(given, str | dict) else given
    if not isinstance(given, list):
        raise BadInput(f'"{field}" must be a list of addresses.')
    return tuple(_person(item, field) for item in given)


def _address(text: str) -> str:
    """An address with its domain in lower case; anything else as it is."""
    local, at, domain = text.strip().rpartition("@")
    return f"{local}@{domain.lower()}" if at else text.strip()


def _identifier(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise BadInput('"id" must be a string or a whole number.')


def _text(value: Mapping[str, Any], field: str) -> str:
    found = value.get(field)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadInput(f'"{field}" must be a string.')
    return found


def _texts(value: Mapping[str, Any], field: str) -> tuple[str, ...]:
    found = value.get(field) or []
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise BadInput(f'"{field}" must be a list of strings.')
    return tuple(found)


def _one_of(value: Mapping[str, Any], field: str, words: type[Status] | type[Priority] | type[MessageKind]) -> str:
    found = _text(value, field)
    if found and found not in list(words):
        raise BadInput(f'"{field}" must be one of {", ".join(words)}.')
    return found
