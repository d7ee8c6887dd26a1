"""Zendesk: incremental export of tickets, ticket comments, ticket events, and users.

Shapes after the Support API: `GET /api/v2/incremental/tickets.json` ({"tickets": […], "users": […]}),
`GET /api/v2/tickets/{id}/comments.json` ({"comments": […], "users": […]}), `/api/v2/incremental/ticket_events.json`
with `include=comment_events`, and the account's own JSON export (one ticket with its comments a line).
"""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.channels.helpdesks.shapes import (
    Parts,
    Someone,
    Value,
    file_of,
    list_of,
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

_STATUS = {
    "new": Status.NEW, "open": Status.OPEN, "pending": Status.PENDING, "hold": Status.PENDING,
    "solved": Status.SOLVED, "closed": Status.CLOSED,
}  # fmt: skip
_CHANNELS = {"email": "mail", "web": "form", "chat": "chat", "mobile": "form", "api": "api", "voice": "phone"}


def knows(value: Value) -> bool:
    """Whether a value is Zendesk's: a page of tickets, comments, events or users, or a ticket."""
    if _is_ticket(value):
        return True
    pages = (("tickets", _is_ticket), ("comments", _is_comment), ("ticket_events", _is_event), ("users", _is_user))
    return any(check(one) for name, check in pages for one in list_of(value.get(name))[:1])


def gather(value: Value, parts: Parts) -> None:
    """Remember users, comments and comment events."""
    for user in list_of(value.get("users")):
        if _is_user(user):
            agent = text_of(user, "role") in ("agent", "admin")
            parts.people[text_of(user, "id")] = Someone(one_address(user), agent)
    for group in list_of(value.get("groups")):
        parts.names[f"group:{text_of(group, 'id')}"] = text_of(group, "name")
    if not _is_ticket(value):
        for comment in list_of(value.get("comments")):
            parts.messages[text_of(comment, "ticket_id") or text_of(value, "ticket_id") or parts.at].append(comment)
    for event in list_of(value.get("ticket_events")):
        for child in list_of(event.get("child_events")):
            if text_of(child, "event_type", "type") == "Comment":
                made = {"created_at": event.get("created_at") or event.get("timestamp")}
                made["author_id"] = child.get("author_id") or event.get("updater_id")
                parts.messages[text_of(event, "ticket_id")].append({**made, **child})


def read(value: Value, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The tickets of a page, or the ticket itself."""
    for one in (value,) if _is_ticket(value) else list_of(value.get("tickets")):
        gather({"users": one.get("users")}, parts)
        yield _ticket(one, parts, source)


def _ticket(value: Value, parts: Parts, source: str) -> IncomingTicket:
    known = number_of(value, "id")
    requester = _person(value, "requester", parts).address
    channel = _CHANNELS.get(text_of(object_of(value.get("via")), "channel"), "mail")
    said = list_of(value.get("comments")) or parts.messages.get(known, [])
    messages = [_message(c, value, requester, parts, source, channel) for c in said]
    if not messages:
        # The description is the first comment.
        first = {"id": f"{known}-description", "author_id": value.get("requester_id"), "body": value.get("description")}
        first["created_at"] = value.get("created_at")
        messages = [_message({**first, "public": True}, value, requester, parts, source, channel)]
    more = {
        "id": known,
        "assignee": _person(value, "assignee", parts).address.name,
        "group": parts.names.get(f"group:{text_of(value, 'group_id')}", ""),
        "type": text_of(value, "type"),
        "external_id": text_of(value, "external_id"),
        "updated_at": text_of(value, "updated_at"),
        "fields": {text_of(f, "id"): f.get("value") for f in list_of(value.get("custom_fields")) if f.get("value")},
    }
    return ticket(
        "zendesk",
        known,
        messages,
        subject=text_of(value, "subject", "raw_subject"),
        requester=requester,
        more=more,
        channel=channel,
        tags=words_of(value.get("tags")),
        status=status_in(_STATUS, text_of(value, "status")),
        priority=priority_in(text_of(value, "priority")),
        source=source,
    )


def _message(comment: Value, of: Value, requester: Address, parts: Parts, source: str, channel: str) -> IncomingMessage:
    who = _person(comment, "author", parts)
    public = comment.get("public") is not False
    customer = text_of(comment, "author_id") == text_of(of, "requester_id") if not who.agent else False
    customer = customer or (not who.agent and public and comment.get("author_id") is not None and not _works(who))
    author = Author.INTERNAL if not public else Author.CUSTOMER if customer else Author.AGENT
    sender = who.address if who.address.email or who.address.name else requester if customer else Address("")
    return IncomingMessage(
        author=author,
        text=text_of(comment, "plain_body", "body") or plain(text_of(comment, "html_body")),
        subject=text_of(of, "subject", "raw_subject"),
        sender=sender,
        sent_at=moment(comment.get("created_at")),
        channel=channel,
        attachments=tuple(file_of(f) for f in list_of(comment.get("attachments"))),
        source=source,
        external=text_of(comment, "id"),
    )


def _works(who: Someone) -> bool:
    return who.agent


def _person(value: Value, role: str, parts: Parts) -> Someone:
    """A person named by id, or standing there whole."""
    whole = object_of(value.get(role))
    if whole:
        return Someone(one_address(whole), text_of(whole, "role") in ("agent", "admin"))
    return parts.person(value.get(f"{role}_id"))


def _is_ticket(value: Value) -> bool:
    return "requester_id" in value and "submitter_id" in value and ("via" in value or "raw_subject" in value)


def _is_comment(value: Value) -> bool:
    return "author_id" in value and "public" in value and ("body" in value or "html_body" in value)


def _is_event(value: Value) -> bool:
    return "child_events" in value and "ticket_id" in value


def _is_user(value: Value) -> bool:
    return text_of(value, "role") in ("agent", "admin", "end-user") and "id" in value
