"""Chatwoot: conversations with messages.

Shapes after the application API: `GET /api/v1/accounts/{a}/conversations` ({"data": {"meta": …, "payload": […]}}),
`/conversations/{id}` and `/conversations/{id}/messages` ({"meta": …, "payload": […]}).
"""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.channels.helpdesks.shapes import (
    Parts,
    Value,
    file_of,
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
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Status

_STATUS = {"open": Status.OPEN, "pending": Status.PENDING, "snoozed": Status.PENDING, "resolved": Status.SOLVED}
_INCOMING, _ACTIVITY = ("0", "incoming"), ("2", "activity")


def knows(value: Value) -> bool:
    """Whether a value is Chatwoot's: a page of conversations or messages, or one of them."""
    if _is_conversation(value) or _is_message(value):
        return True
    return any(_is_conversation(one) or _is_message(one) for one in _payload(value)[:1])


def gather(value: Value, parts: Parts) -> None:
    """Remember messages that stand apart from their conversation."""
    for one in (value,) if _is_message(value) and not _is_conversation(value) else _payload(value):
        if _is_message(one):
            parts.messages[text_of(one, "conversation_id") or parts.at].append(one)


def read(value: Value, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The conversations of a page, or the conversation itself."""
    for one in (value,) if _is_conversation(value) else _payload(value):
        if _is_conversation(one):
            yield _ticket(one, parts, source)


def _ticket(value: Value, parts: Parts, source: str) -> IncomingTicket:
    known = number_of(value, "id", "display_id")
    meta, more_of = object_of(value.get("meta")), object_of(value.get("additional_attributes"))
    requester = one_address(meta.get("sender") or value.get("contact"))
    kind = text_of(meta, "channel") or text_of(value, "channel")
    channel = "mail" if "Email" in kind else "chat"
    said = parts.messages.get(known, []) or list_of(value.get("messages"))
    written = [m for m in said if text_of(m, "message_type") not in _ACTIVITY]
    subject = text_of(more_of, "mail_subject")
    for one in written:
        subject = subject or text_of(_mail(one), "subject")
    subject = subject or next((" ".join(text_of(m, "content").split())[:80] for m in written), "")
    messages = [_message(m, subject, requester, source, channel) for m in written]
    if not messages:
        messages = [IncomingMessage(Author.CUSTOMER, "", subject, requester, channel=channel, source=source)]
    more = {
        "id": known,
        "assignee": one_address(meta.get("assignee")).name,
        "inbox": text_of(value, "inbox_id"),
        "fields": dict(object_of(value.get("custom_attributes"))),
    }
    return ticket(
        "chatwoot",
        known,
        messages,
        subject=subject,
        requester=requester,
        more=more,
        channel=channel,
        tags=words_of(value.get("labels")),
        status=status_in(_STATUS, text_of(value, "status")),
        priority=priority_in(text_of(value, "priority")),
        source=source,
    )


def _message(value: Value, subject: str, requester: Address, source: str, channel: str) -> IncomingMessage:
    incoming = text_of(value, "message_type") in _INCOMING
    author = Author.INTERNAL if value.get("private") is True else Author.CUSTOMER if incoming else Author.AGENT
    sender = one_address(value.get("sender"))
    if author is Author.CUSTOMER and not sender.email and not sender.name:
        sender = requester
    mail = _mail(value)
    text = text_of(value, "content", "processed_message_content")
    full = object_of(mail.get("text_content"))
    return IncomingMessage(
        author=author,
        text=text_of(full, "full") or (plain(text) if text_of(value, "content_type") == "input_csat" else text),
        subject=text_of(mail, "subject") or subject,
        sender=sender,
        sent_at=moment(value.get("created_at")),
        channel=channel,
        message_id=message_id(text_of(mail, "message_id") or text_of(value, "source_id")),
        in_reply_to=message_id(text_of(mail, "in_reply_to")),
        attachments=tuple(file_of(f, "fallback_title") for f in list_of(value.get("attachments"))),
        source=source,
        external=text_of(value, "id"),
    )


def _mail(value: Value) -> Value:
    return object_of(object_of(value.get("content_attributes")).get("email"))


def _payload(value: Value) -> list[Value]:
    inside = object_of(value.get("data")) or value
    return list_of(inside.get("payload"))


def _is_conversation(value: Value) -> bool:
    return "meta" in value and "status" in value and ("inbox_id" in value or "messages" in value) and "id" in value


def _is_message(value: Value) -> bool:
    return "message_type" in value and "content" in value and ("private" in value or "conversation_id" in value)
