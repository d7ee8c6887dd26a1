"""Help Scout: conversations with threads.

Shapes after the Mailbox API 2.0: `GET /v2/conversations?embed=threads` and `/v2/conversations/{id}/threads`, with or
without the `_embedded` around them.
"""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.channels.helpdesks.shapes import (
    Parts,
    Value,
    file_of,
    list_of,
    many_addresses,
    moment,
    number_of,
    object_of,
    one_address,
    plain,
    status_in,
    text_of,
    ticket,
    words_of,
)
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Status

_STATUS = {"active": Status.OPEN, "open": Status.OPEN, "pending": Status.PENDING, "closed": Status.CLOSED,
           "spam": Status.CLOSED}  # fmt: skip
_CHANNELS = {"email": "mail", "chat": "chat", "phone": "phone"}
_WORDS = ("customer", "message", "note", "reply", "chat", "beaconchat", "phone", "forwardparent", "forwardchild")
"""Threads somebody wrote; the others say what was done."""


def knows(value: Value) -> bool:
    """Whether a value is Help Scout's: a page of conversations or threads, or a conversation."""
    if _is_conversation(value):
        return True
    inside = object_of(value.get("_embedded"))
    if not inside and "conversations" in value:
        inside = value
    pages = [list_of(inside.get(name))[:1] for name in ("conversations", "threads")]
    return any(_is_conversation(one) for one in pages[0]) or any(_is_thread(one) for one in pages[1])


def gather(value: Value, parts: Parts) -> None:
    """Remember threads that stand apart from their conversation."""
    if not _is_conversation(value):
        for thread in list_of(object_of(value.get("_embedded")).get("threads")):
            parts.messages[text_of(thread, "conversationId") or text_of(value, "conversationId") or parts.at].append(
                thread
            )


def read(value: Value, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The conversations of a page, or the conversation itself."""
    inside = value if "conversations" in value else object_of(value.get("_embedded"))
    for one in (value,) if _is_conversation(value) else list_of(inside.get("conversations")):
        yield _ticket(one, parts, source)


def _ticket(value: Value, parts: Parts, source: str) -> IncomingTicket:
    known = number_of(value, "id")
    requester = one_address(value.get("primaryCustomer") or value.get("customer"))
    channel = _CHANNELS.get(text_of(value, "type"), "mail")
    inside = object_of(value.get("_embedded"))
    said = list_of(value.get("threads")) or list_of(inside.get("threads")) or parts.messages.get(known, [])
    written = [t for t in said if text_of(t, "type") in _WORDS and text_of(t, "state") not in ("draft", "hidden")]
    messages = [_message(t, value, requester, source, channel) for t in written]
    if not messages:
        messages = [
            IncomingMessage(
                Author.CUSTOMER, text_of(value, "preview"), text_of(value, "subject"), requester,
                sent_at=moment(value.get("createdAt")), channel=channel, source=source, external=f"{known}-preview",
            )
        ]  # fmt: skip
    more = {
        "id": known,
        "number": text_of(value, "number"),
        "assignee": one_address(value.get("assignee") or value.get("owner")).name,
        "mailbox": text_of(value, "mailboxId"),
        "fields": {text_of(f, "name"): f.get("value") for f in list_of(value.get("customFields")) if f.get("value")},
        "closed_at": text_of(value, "closedAt"),
    }
    return ticket(
        "helpscout",
        known,
        messages,
        subject=text_of(value, "subject"),
        requester=requester,
        more=more,
        channel=channel,
        tags=words_of(value.get("tags")),
        status=status_in(_STATUS, text_of(value, "status")),
        source=source,
    )


def _message(value: Value, of: Value, requester: Address, source: str, channel: str) -> IncomingMessage:
    kind, maker = text_of(value, "type"), object_of(value.get("createdBy"))
    if kind == "note":
        author = Author.INTERNAL
    elif kind == "customer" or (kind in ("chat", "beaconchat", "phone") and text_of(maker, "type") == "customer"):
        author = Author.CUSTOMER
    else:
        author = Author.AGENT
    sender = one_address(maker)
    if author is Author.CUSTOMER and not sender.email:
        sender = one_address(value.get("customer")) if object_of(value.get("customer")) else requester
    files = list_of(value.get("attachments")) or list_of(object_of(value.get("_embedded")).get("attachments"))
    return IncomingMessage(
        author=author,
        text=plain(text_of(value, "body", "text")),
        subject=text_of(of, "subject"),
        sender=sender,
        to=many_addresses(value.get("to")),
        cc=many_addresses(value.get("cc")),
        sent_at=moment(value.get("createdAt")),
        channel=channel,
        attachments=tuple(file_of(f) for f in files),
        source=source,
        external=text_of(value, "id"),
    )


def _is_conversation(value: Value) -> bool:
    return ("primaryCustomer" in value or "mailboxId" in value) and ("createdAt" in value) and "status" in value


def _is_thread(value: Value) -> bool:
    return text_of(value, "type") in (*_WORDS, "lineitem") and "createdBy" in value
