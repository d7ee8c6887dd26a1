"""Request Tracker: tickets with their history.

Shapes after REST2 (RT 5): `GET /REST/2.0/ticket/{id}`, `/ticket/{id}/history?fields=…`, `/transaction/{id}` and
`/attachment/{id}`, put together as one object: a ticket with `history`, whose transactions have `attachments`.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any

from supportdesk.channels.charset import decode
from supportdesk.channels.headers import addresses, parameters
from supportdesk.channels.helpdesks.shapes import (
    LIMITS,
    Parts,
    Value,
    list_of,
    message_id,
    moment,
    number_of,
    object_of,
    one_address,
    plain,
    priority_in,
    status_in,
    text_of,
    ticket,
    words_of,
)
from supportdesk.domain.incoming import IncomingFile, IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Priority, Status

_STATUS = {
    "new": Status.NEW, "open": Status.OPEN, "stalled": Status.PENDING, "resolved": Status.SOLVED,
    "rejected": Status.CLOSED, "deleted": Status.CLOSED,
}  # fmt: skip
_WRITTEN = ("create", "correspond", "comment")
_INTERNAL = ("comment",)


def knows(value: Value) -> bool:
    """Whether a value is Request Tracker's: a ticket, or a page of them."""
    return _is_ticket(value) or any(_is_ticket(one) for one in list_of(value.get("items"))[:1])


def gather(value: Value, parts: Parts) -> None:
    """Nothing stands apart: a transaction names its ticket only by a link."""


def read(value: Value, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The tickets of a page, or the ticket itself."""
    for one in (value,) if _is_ticket(value) else list_of(value.get("items")):
        yield _ticket(one, source)


def _ticket(value: Value, source: str) -> IncomingTicket:
    known = number_of(value, "id", "EffectiveId")
    requesters = [_user(u) for u in _users(value.get("Requestor") or value.get("Requestors"))]
    requester = requesters[0] if requesters else _user(value.get("Creator"))
    ours = {a.casefold() for a in (_login(u) for u in _users(value.get("Owner"))) if a}
    said = value.get("history") or value.get("History") or value.get("transactions")
    entries = list_of(object_of(said).get("items") if isinstance(said, dict) else said)
    subject = text_of(value, "Subject")
    theirs = {a.email.casefold() for a in requesters if a.email} | {
        _login(u).casefold() for u in _users(value.get("Requestor"))
    }
    messages = [
        _message(e, subject, requester, theirs, ours, source)
        for e in entries
        if text_of(e, "Type").casefold() in _WRITTEN
    ]
    messages = [m for m in messages if m.text or m.attachments]
    if not messages:
        messages = [
            IncomingMessage(
                Author.CUSTOMER, text_of(value, "Description"), subject, requester,
                sent_at=moment(value.get("Created")), source=source, external=f"{known}-created",
            )
        ]  # fmt: skip
    queue = value.get("Queue")
    more = {
        "id": known,
        "queue": text_of(object_of(queue), "Name", "id") if isinstance(queue, dict) else str(queue or ""),
        "owner": next((n for n in (_login(u) for u in _users(value.get("Owner"))) if n.casefold() != "nobody"), ""),
        "due": "" if text_of(value, "Due").startswith("1970-01-01") else text_of(value, "Due"),
        "last_updated": text_of(value, "LastUpdated"),
        "fields": {text_of(f, "name"): f.get("values") for f in list_of(value.get("CustomFields")) if f.get("values")},
    }
    return ticket(
        "rt",
        known,
        messages,
        subject=subject,
        requester=requester,
        more=more,
        tags=words_of(value.get("Tags")),
        status=status_in(_STATUS, text_of(value, "Status")),
        priority=_priority(value.get("Priority")),
        source=source,
    )


def _message(
    value: Value, subject: str, requester: Address, theirs: set[str], ours: set[str], source: str
) -> IncomingMessage:
    kind = text_of(value, "Type").casefold()
    maker = next(iter(_users(value.get("Creator"))), None)
    login = _login(maker).casefold()
    parts = list_of(value.get("attachments") or value.get("Attachments"))
    text, files, headers = _content(parts)
    mail = next(iter(addresses(headers.get("from", ""), LIMITS)), Address(""))
    who = _user(maker)
    sender = Address(mail.email or who.email, mail.name or who.name)
    customer = kind != "comment" and (
        login in theirs
        or (sender.email.casefold() in theirs)
        or (kind == "create" and login not in ours and not theirs)
    )
    if customer and not sender.email:
        sender = requester
    author = Author.INTERNAL if kind in _INTERNAL else Author.CUSTOMER if customer else Author.AGENT
    if kind == "create" and author is Author.AGENT and theirs:
        # Somebody of the desk wrote down what the requester said.
        author, sender = Author.CUSTOMER, requester
    return IncomingMessage(
        author=author,
        text=text or text_of(value, "Content"),
        subject=headers.get("subject") or subject,
        sender=sender,
        to=addresses(headers.get("to", ""), LIMITS),
        cc=addresses(headers.get("cc", ""), LIMITS),
        sent_at=moment(value.get("Created")),
        message_id=message_id(headers.get("message-id", "")),
        in_reply_to=message_id(headers.get("in-reply-to", "")),
        attachments=tuple(files),
        source=source,
        external=text_of(value, "id"),
    )


def _content(parts: list[Value]) -> tuple[str, list[IncomingFile], dict[str, str]]:
    """The words, the files and the mail's headers of a transaction's parts."""
    plain_text, rich = "", ""
    files: list[IncomingFile] = []
    headers: dict[str, str] = {}
    for part in parts:
        kind = text_of(part, "ContentType").partition(";")[0].strip().casefold()
        name = text_of(part, "Filename")
        if not headers:
            headers = _headers(text_of(part, "Headers"))
            headers.setdefault("message-id", text_of(part, "MessageId"))
        if kind.startswith("multipart/"):
            continue
        content = _decoded(text_of(part, "Content"))
        if name or not kind.startswith("text/"):
            size = content or b""
            files.append(IncomingFile(name[:255] or "part", kind or "application/octet-stream", len(size), size))
        elif kind == "text/html":
            rich = rich or plain(_text(content, part))
        else:
            plain_text = plain_text or _text(content, part)
    return plain_text or rich, files, headers


def _text(content: bytes, part: Value) -> str:
    # RT keeps text as UTF-8, whatever the mail had; the header that says so is its own.
    charset = parameters(_headers(text_of(part, "Headers")).get("content-type", ""))[1].get("charset", "utf-8")
    return decode(content, charset)[0]


def _decoded(content: str) -> bytes:
    """REST2 gives content as base64, in lines."""
    try:
        return binascii.a2b_base64("".join(content.split()).encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return content.encode("utf-8", "surrogatepass")


def _headers(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in block.splitlines():
        if line[:1] in " \t" and last:
            found[last] += line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            last = name.strip().casefold()
            found.setdefault(last, value.strip())
    return found


def _users(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _login(value: Any) -> str:
    return text_of(value, "id", "Name") if isinstance(value, dict) else str(value or "")


def _user(value: Any) -> Address:
    """A user: REST2 names them by login, which often is their address."""
    login = _login(value)
    known = one_address(value) if isinstance(value, dict) else Address("")
    email = known.email or (login if "@" in login else "")
    return Address(email.strip(), known.name or ("" if "@" in login else login))


def _priority(value: Any) -> str:
    """RT counts from 0 to 100, or says it in words."""
    text = str(value or "").strip()
    if not text.lstrip("-").isdigit():
        return priority_in(text)
    number = int(text)
    steps = ((75, Priority.URGENT), (50, Priority.HIGH), (1, Priority.NORMAL))
    return next((p.value for least, p in steps if number >= least), "")


def _is_ticket(value: Value) -> bool:
    return (
        "Subject" in value
        and "Status" in value
        and ("Queue" in value or "EffectiveId" in value or "Requestor" in value)
    )
