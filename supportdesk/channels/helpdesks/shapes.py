"""What the readers of helpdesks' exports share: people, times, texts and words of other systems in ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from supportdesk.channels.headers import addresses, ids
from supportdesk.channels.html_text import html_to_text
from supportdesk.channels.limits import Limits
from supportdesk.domain.incoming import IncomingFile, IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, Priority, Status
from supportdesk.errors import BadInput

LIMITS = Limits()
_LONGEST_HTML = 1_000_000

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of another helpdesk."""

    address: Address
    """Name and mail address."""
    agent: bool = False
    """Whether they worked there."""


NOBODY = Someone(Address(""))


@dataclass(slots=True)
class Parts:
    """What exports keep apart from their tickets, by the other system's ids."""

    people: dict[str, Someone] = field(default_factory=dict)
    """Agents and customers."""
    messages: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    """Comments, notes and articles by ticket."""
    names: dict[str, str] = field(default_factory=dict)
    """Names of groups, states and priorities: `group:3`."""
    at: str = ""
    """The ticket an object belongs to that does not say so: its file is called like it."""

    def person(self, known: Any) -> Someone:
        """A person by id."""
        return self.people.get(str(known), NOBODY)


def text_of(value: Value, *fields: str) -> str:
    """The first of some fields that holds text; numbers count as text."""
    for name in fields:
        found = value.get(name)
        if isinstance(found, str) and found.strip():
            return found
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
    return ""


def number_of(value: Value, *fields: str) -> str:
    """An id as text. Raises BadInput where there is none."""
    found = text_of(value, *fields)
    if not found:
        raise BadInput(f"A ticket has no {' or '.join(fields)}.")
    return found


def list_of(value: Any) -> list[Value]:
    """The objects of a list; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def object_of(value: Any) -> Value:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def words_of(value: Any) -> tuple[str, ...]:
    """Free words: a list of texts, of objects with a name, or a text with commas."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, Sequence):
        return ()
    found = [text_of(v, "name", "tag", "title") if isinstance(v, dict) else str(v) for v in value]
    return tuple(dict.fromkeys(w.strip() for w in found if w and w.strip()))


def moment(value: Any) -> datetime | None:
    """A time in UTC; None where it is missing or nobody can read it."""
    try:
        if isinstance(value, bool) or value in (None, "", 0):
            return None
        if isinstance(value, int | float):
            # Milliseconds, where seconds would be in the far future.
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        text = str(value).strip().replace(" UTC", "Z")
        if text.isdigit():
            return moment(int(text))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def plain(html: str) -> str:
    """HTML as text for people."""
    if "<" not in html and "&" not in html:
        return html
    return html_to_text(html[:_LONGEST_HTML])[0].strip("\n")


def one_address(value: Any) -> Address:
    """An address from `Ann <ann@example.org>`, or from an object with mail and names."""
    if isinstance(value, str):
        return next(iter(addresses(value, LIMITS)), Address(""))
    found = object_of(value)
    name = text_of(found, "name", "fullName", "available_name", "RealName")
    if not name:
        both = (text_of(found, "first", "firstname", "firstName"), text_of(found, "last", "lastname", "lastName"))
        name = " ".join(part for part in both if part)
    email = text_of(found, "email", "EmailAddress", "email_address")
    return Address(next((a.email for a in addresses(email, LIMITS)), ""), name)


def many_addresses(value: Any) -> tuple[Address, ...]:
    """Addresses of a field: a text with commas, or a list."""
    if isinstance(value, str):
        return addresses(value, LIMITS)
    found = [one_address(v) for v in value] if isinstance(value, list) else []
    return tuple(a for a in found if a.email)


def message_id(value: str) -> str:
    """A Message-ID without angle brackets; empty for none."""
    return next(iter(ids(value)), "") if "@" in value else ""


def status_in(words: Mapping[str, Status], said: str) -> str:
    """Our status for another system's word; open for a word nobody knows."""
    return words.get(said.strip().casefold(), Status.OPEN).value if said else ""


def priority_in(said: str) -> str:
    """Our priority for another system's word or number word; empty for none."""
    said = said.strip().casefold().lstrip("0123456789 ")
    known = {
        "low": Priority.LOW, "lowest": Priority.LOW, "minor": Priority.LOW, "normal": Priority.NORMAL,
        "medium": Priority.NORMAL, "high": Priority.HIGH, "major": Priority.HIGH, "urgent": Priority.URGENT,
        "critical": Priority.URGENT, "highest": Priority.URGENT, "very high": Priority.URGENT,
    }  # fmt: skip
    return known[said].value if said in known else ""


def file_of(value: Value, *names: str) -> IncomingFile:
    """A file that stayed behind in the other system: what is known of it."""
    size = next((value[k] for k in ("size", "file_size", "byte_size") if isinstance(value.get(k), int | float)), 0)
    if isinstance(value.get("size"), str) and value["size"].isdigit():
        size = int(value["size"])
    kind = text_of(value, "content_type", "mimeType", "media_type", "ContentType")
    kind = kind or text_of(object_of(value.get("preferences")), "Content-Type", "Mime-Type")
    name = text_of(value, *names, "file_name", "filename", "name", "Filename", "data_url")
    return IncomingFile(name.rpartition("/")[2][:255], kind or "application/octet-stream", max(0, int(size)))


def ticket(
    system: str,
    known: str,
    messages: Sequence[IncomingMessage],
    *,
    subject: str,
    requester: Address,
    more: Mapping[str, object],
    **fields: Any,
) -> IncomingTicket:
    """A ticket of another helpdesk, messages by time; `more` is kept with it as a record."""
    far = datetime.max.replace(tzinfo=UTC)
    ordered = tuple(sorted(messages, key=lambda m: m.sent_at or far))
    if not requester.email and not requester.name:
        requester = next((m.sender for m in ordered if m.author is Author.CUSTOMER), Address(""))
    return IncomingTicket(
        external=f"{system}:{known}",
        subject=subject,
        requester=requester,
        messages=ordered,
        records={system: {k: v for k, v in more.items() if v not in ("", None, [], {})}},
        **fields,
    )


Reader = Callable[[Value, Parts, str], Any]
