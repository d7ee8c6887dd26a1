"""Zammad: tickets with articles.

Shapes after the REST API: `GET /api/v1/tickets?expand=true` (names instead of ids), `/api/v1/ticket_articles/
by_ticket/{id}`, `/api/v1/tickets/{id}?all=true` and searches with `assets`.
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

_STATUS = {
    "new": Status.NEW, "open": Status.OPEN, "pending reminder": Status.PENDING, "pending close": Status.PENDING,
    "closed": Status.CLOSED, "merged": Status.CLOSED, "removed": Status.CLOSED,
}  # fmt: skip
_STATES = ("new", "open", "pending reminder", "closed", "merged", "removed", "pending close")
"""States by number, as a new Zammad has them."""
_PRIORITIES = ("1 low", "2 normal", "3 high")
_CHANNELS = {"email": "mail", "web": "form", "note": "mail", "chat": "chat", "phone": "phone", "sms": "chat"}


def knows(value: Value) -> bool:
    """Whether a value is Zammad's: a ticket, a page of them, articles, or assets."""
    if _is_ticket(value) or _is_article(value):
        return True
    assets = object_of(value.get("assets"))
    if "Ticket" in assets or "TicketArticle" in assets:
        return True
    pages = (list_of(value.get(name))[:1] for name in ("tickets", "articles", "ticket_articles"))
    return any(_is_ticket(one) or _is_article(one) for page in pages for one in page)


def gather(value: Value, parts: Parts) -> None:
    """Remember articles, users, groups, states and priorities."""
    assets = object_of(value.get("assets"))
    for known, user in object_of(assets.get("User")).items():
        roles = [str(r) for r in user.get("role_ids") or ()]
        # Role 3 is the customer's, in every Zammad.
        parts.people[str(known)] = Someone(one_address(user), bool(roles) and roles != ["3"])
    for kind in ("Group", "TicketState", "TicketPriority"):
        for known, one in object_of(assets.get(kind)).items():
            parts.names[f"{kind}:{known}"] = text_of(object_of(one), "name")
    alone = list(object_of(assets.get("TicketArticle")).values())
    if not _is_ticket(value):
        alone += list_of(value.get("articles")) or list_of(value.get("ticket_articles"))
    for article in (value,) if _is_article(value) else list_of(alone):
        parts.messages[text_of(article, "ticket_id") or parts.at].append(article)


def read(value: Value, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The tickets of a page or of assets, or the ticket itself."""
    assets = list(object_of(object_of(value.get("assets")).get("Ticket")).values())
    for one in (value,) if _is_ticket(value) else list_of(assets) or list_of(value.get("tickets")):
        yield _ticket(one, parts, source)


def _ticket(value: Value, parts: Parts, source: str) -> IncomingTicket:
    known = number_of(value, "id")
    customer = value.get("customer")
    requester = one_address(customer) if customer else parts.person(value.get("customer_id")).address
    said = list_of(value.get("articles")) or parts.messages.get(known, [])
    messages = [_message(a, value, requester, parts, source) for a in said]
    if not requester.email:
        first = next((m.sender for m in messages if m.author is Author.CUSTOMER), Address(""))
        requester = first if first.email else requester
    subject = text_of(value, "title")
    if not messages:
        note = text_of(value, "note")
        messages = [
            IncomingMessage(
                Author.CUSTOMER, note, subject, requester, sent_at=moment(value.get("created_at")), source=source,
                external=f"{known}-title",
            )
        ]  # fmt: skip
    owner = value.get("owner")
    more = {
        "id": known,
        "number": text_of(value, "number"),
        "assignee": str(owner) if isinstance(owner, str) and owner != "-" else one_address(owner).name,
        "group": _name(value, "group", "Group", (), parts),
        "updated_at": text_of(value, "updated_at"),
    }
    return ticket(
        "zammad",
        known,
        messages,
        subject=subject,
        requester=requester,
        more=more,
        channel=next((m.channel for m in messages), "mail"),
        tags=words_of(value.get("tags")),
        status=status_in(_STATUS, _name(value, "state", "TicketState", _STATES, parts)),
        priority=priority_in(_name(value, "priority", "TicketPriority", _PRIORITIES, parts)),
        source=source,
    )


def _message(value: Value, of: Value, requester: Address, parts: Parts, source: str) -> IncomingMessage:
    role = _name(value, "sender", "", ("Agent", "Customer", "System"), parts).casefold()
    author = Author.CUSTOMER if role == "customer" else Author.AGENT
    if value.get("internal") is True:
        author = Author.INTERNAL
    sender = one_address(text_of(value, "from"))
    maker = parts.person(value.get("origin_by_id") or value.get("created_by_id")).address
    sender = Address(sender.email or maker.email, sender.name or maker.name)
    if author is Author.CUSTOMER and not sender.email:
        sender = Address(requester.email, sender.name or requester.name)
    body = text_of(value, "body")
    html = "html" in text_of(value, "content_type")
    return IncomingMessage(
        author=author,
        text=plain(body) if html else body,
        subject=text_of(value, "subject") or text_of(of, "title"),
        sender=sender,
        to=many_addresses(value.get("to")),
        cc=many_addresses(value.get("cc")),
        sent_at=moment(value.get("created_at")),
        channel=_CHANNELS.get(text_of(value, "type"), "mail"),
        message_id=message_id(text_of(value, "message_id")),
        in_reply_to=message_id(text_of(value, "in_reply_to")),
        attachments=tuple(file_of(f) for f in list_of(value.get("attachments"))),
        source=source,
        external=text_of(value, "id"),
    )


def _name(value: Value, field: str, kind: str, usual: tuple[str, ...], parts: Parts) -> str:
    """A name that stands there, or stands for a number."""
    found = value.get(field)
    if isinstance(found, dict):
        return text_of(found, "name")
    if isinstance(found, str) and found:
        return found
    number = text_of(value, f"{field}_id")
    named = parts.names.get(f"{kind}:{number}", "")
    return named or (usual[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(usual) else "")


def _is_ticket(value: Value) -> bool:
    return (
        "title" in value and "number" in value and ("group_id" in value or "group" in value) and "customer_id" in value
    )


def _is_article(value: Value) -> bool:
    return (
        "ticket_id" in value and "internal" in value and "body" in value and ("sender_id" in value or "sender" in value)
    )
