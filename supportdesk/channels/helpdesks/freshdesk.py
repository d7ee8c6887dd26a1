"""Freshdesk: tickets with conversations.

Shapes after API v2: `GET /api/v2/tickets` and `/tickets/{id}?include=conversations,requester`,
`/tickets/{id}/conversations`, `/agents`, `/contacts`.
"""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.channels.helpdesks.shapes import (
    Parts,
    Someone,
    Value,
    file_of,
    list_of,
    many_addresses,
    moment,
    number_of,
    object_of,
    one_address,
    plain,
    text_of,
    ticket,
    words_of,
)
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Priority, Status

_STATUS = {2: Status.OPEN, 3: Status.PENDING, 4: Status.SOLVED, 5: Status.CLOSED, 6: Status.PENDING, 7: Status.PENDING}
_PRIORITY = {1: Priority.LOW, 2: Priority.NORMAL, 3: Priority.HIGH, 4: Priority.URGENT}
_CHANNELS = {1: "mail", 2: "form", 3: "phone", 7: "chat", 9: "feedback", 10: "mail"}


def knows(value: Value) -> bool:
    """Whether a value is Freshdesk's: a ticket, a page of them, a conversation, an agent or a contact."""
    if _is_ticket(value) or _is_conversation(value) or _is_agent(value):
        return True
    pages = (list_of(value.get(name))[:1] for name in ("tickets", "conversations", "results"))
    return any(_is_ticket(one) or _is_conversation(one) for page in pages for one in page)


def gather(value: Value, parts: Parts) -> None:
    """Remember agents, contacts and conversations."""
    if _is_agent(value):
        parts.people[text_of(value, "id")] = Someone(one_address(value.get("contact")), agent=True)
    for agent in list_of(value.get("agents")):
        parts.people[text_of(agent, "id")] = Someone(one_address(agent.get("contact") or agent), agent=True)
    for contact in list_of(value.get("contacts")):
        parts.people[text_of(contact, "id")] = Someone(one_address(contact))
    alone = (
        (value,) if _is_conversation(value) else list_of(value.get("conversations")) if not _is_ticket(value) else ()
    )
    for one in alone:
        parts.messages[text_of(one, "ticket_id") or parts.at].append(one)


def read(value: Value, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The tickets of a page, or the ticket itself."""
    for one in (value,) if _is_ticket(value) else list_of(value.get("tickets") or value.get("results")):
        yield _ticket(one, parts, source)


def _ticket(value: Value, parts: Parts, source: str) -> IncomingTicket:
    known = number_of(value, "id", "display_id")
    whole = object_of(value.get("requester"))
    requester = one_address(whole) if whole else parts.person(value.get("requester_id")).address
    source_number = value.get("source")
    channel = _CHANNELS.get(source_number, "mail") if isinstance(source_number, int) else "mail"
    subject = text_of(value, "subject")
    first = IncomingMessage(
        author=Author.CUSTOMER,
        text=text_of(value, "description_text") or plain(text_of(value, "description")),
        subject=subject,
        sender=requester,
        to=many_addresses(value.get("to_emails")),
        cc=many_addresses(value.get("cc_emails")),
        sent_at=moment(value.get("created_at")),
        channel=channel,
        attachments=tuple(file_of(f) for f in list_of(value.get("attachments"))),
        source=source,
        external=f"{known}-description",
    )
    said = list_of(value.get("conversations")) or parts.messages.get(known, [])
    messages = [first, *(_message(c, value, requester, parts, source) for c in said)]
    status, priority = value.get("status"), value.get("priority")
    more = {
        "id": known,
        "assignee": parts.person(value.get("responder_id")).address.name,
        "type": text_of(value, "type"),
        "due_by": text_of(value, "due_by"),
        "updated_at": text_of(value, "updated_at"),
        "fields": {k: v for k, v in object_of(value.get("custom_fields")).items() if v not in (None, "")},
    }
    return ticket(
        "freshdesk",
        known,
        messages,
        subject=subject,
        requester=requester,
        more=more,
        channel=channel,
        tags=words_of(value.get("tags")),
        status=_STATUS.get(status, Status.OPEN).value if isinstance(status, int) else "",
        priority=_PRIORITY[priority].value if isinstance(priority, int) and priority in _PRIORITY else "",
        source=source,
    )


def _message(value: Value, of: Value, requester: Address, parts: Parts, source: str) -> IncomingMessage:
    incoming, private = value.get("incoming") is True, value.get("private") is True
    who = parts.person(value.get("user_id")).address
    if incoming and text_of(value, "user_id") == text_of(of, "requester_id"):
        who = requester
    mail = one_address(text_of(value, "from_email"))
    sender = Address(who.email or mail.email, who.name or mail.name)
    # A customer's private note does not exist; what came in and is not private is the customer's.
    author = Author.INTERNAL if private else Author.CUSTOMER if incoming else Author.AGENT
    return IncomingMessage(
        author=author,
        text=text_of(value, "body_text") or plain(text_of(value, "body")),
        subject=text_of(of, "subject"),
        sender=sender,
        to=many_addresses(value.get("to_emails")),
        cc=many_addresses(value.get("cc_emails")),
        sent_at=moment(value.get("created_at")),
        attachments=tuple(file_of(f) for f in list_of(value.get("attachments"))),
        source=source,
        external=text_of(value, "id"),
    )


def _is_ticket(value: Value) -> bool:
    there = ("requester_id", "status", "priority", "source")
    return all(name in value for name in there) and isinstance(value.get("status"), int) and "subject" in value


def _is_conversation(value: Value) -> bool:
    return "incoming" in value and "private" in value and ("body" in value or "body_text" in value)


def _is_agent(value: Value) -> bool:
    return "contact" in value and ("occasional" in value or "ticket_scope" in value)
