# ruff: noqa: S608 (every name put into a statement is our own)
"""Messages and tickets on their way into the store: their rows, and what tells them apart."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Status
from supportdesk.store import mapping
from supportdesk.text import fold

_TICKET = (
    "id, external, subject, requester_email, requester_name, channel, queue, category, priority, path, status,"
    " grouping, assignee, triggers, language, tags, records, thread_version, prepared_version, stale, version,"
    " reopened, created_at, updated_at, due_at, wake_at, wake_on_message, press"
)
_MESSAGE = (
    "id, ticket_id, position, author, sender_name, sender_email, to_json, cc_json, sent_at, channel, kind,"
    " message_id, references_json, remarks_json, text, raw, fingerprint"
)
_FILE = "id, message_id, name, media_type, size, sha256, inline"


def _insert(table: str, columns: str) -> str:
    marks = ", ".join("?" * (columns.count(",") + 1))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks})"


ADD_TICKET, ADD_MESSAGE, ADD_FILE = (
    _insert("ticket", _TICKET),
    _insert("message", _MESSAGE),
    _insert("attachment", _FILE),
)


@dataclass(slots=True)
class Arriving:
    """A ticket messages arrive at, as it will be when they have."""

    id: int
    subject: str
    requester: str
    status: Status
    reopened: int
    timed: bool
    created: int
    updated: int
    untouched: bool
    external: str
    position: int
    new: dict[str, Any] | None = None
    """Its row, where it is about to be made."""
    changes: dict[str, object] = field(default_factory=dict)
    grown: int = 0
    touched: int = 0
    stale: bool = False
    people: set[str] = field(default_factory=set)
    asked: bool = False
    """Whether the people of its earlier messages are among `people`."""

    @property
    def created_at(self) -> datetime:
        """When its first message was sent, UTC."""
        return datetime.fromtimestamp(self.created / 1000, UTC)


def participants(connection: sqlite3.Connection, ticket_id: int) -> set[str]:
    """Every mail address that wrote or was written to in a ticket, in lower case."""
    query = "SELECT sender_email, to_json, cc_json FROM message WHERE ticket_id = ?"
    found: set[str] = set()
    for sender, to, cc in connection.execute(query, (ticket_id,)):
        found.add(sender.casefold())
        found |= {a.email.casefold() for packed in (to, cc) if packed != "[]" for a in mapping.addresses(packed)}
    return found


def row_of(ticket: Arriving) -> tuple[Any, ...]:
    """A new ticket as it is when everything has arrived."""
    row = cast("dict[str, Any]", ticket.new)
    grown = {"thread_version": ticket.grown, "version": 1 + ticket.touched, "updated_at": ticket.updated}
    values = {**row, **ticket.changes, **grown}
    return tuple(values[name] for name in _TICKET.split(", "))


def words_of(incoming: IncomingMessage) -> str:
    """A digest of who wrote what when."""
    body = "\x1f".join((incoming.sender.email, str(incoming.sent_at or ""), incoming.text))
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def comes_back(incoming: IncomingMessage, text: str, known: Iterable[tuple[str, str]]) -> bool:
    """Whether it is a reply of ours coming back: with our signature under it, it has other words than we kept."""
    if incoming.author is not Author.AGENT:
        return False
    folded = fold(text)
    return any(author == Author.AGENT and other and folded.startswith(fold(other)) for other, author in known)


def people(many: Sequence[Address]) -> str:
    """Addresses as a column holds them."""
    return mapping.packed_addresses(many) if many else "[]"


def listed(many: Sequence[str]) -> str:
    """Texts as a column holds them."""
    return mapping.packed(list(many)) if many else "[]"
