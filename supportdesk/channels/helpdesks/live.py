"""Helpdesks that are read live: what changed since the last look, a ticket at a time, oldest change first.

Nothing is ever written there. A ticket that changed is read whole; what the desk has of it already is known by its id.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from supportdesk.channels.helpdesks import chatwoot, request_tracker, zammad
from supportdesk.channels.helpdesks.api import Api
from supportdesk.channels.helpdesks.shapes import Parts, Value, list_of, object_of, text_of
from supportdesk.domain.incoming import Incoming, Unreadable
from supportdesk.errors import BadInput, ChannelTrouble, DeskError
from supportdesk.services.ports.feeds import Feed, Haul
from supportdesk.settings import ChannelSettings

Change = tuple[str, str]
"""A ticket's id, and when it changed: times that sort as text."""


class _Helpdesk(Protocol):
    """What each sort of helpdesk knows."""

    reader: ModuleType

    def changed(self, since: str) -> list[Change]:
        """Tickets that changed since then, or before: those that did not are passed over."""
        ...

    def ticket(self, known: str) -> Value:
        """A ticket with all that was said, in the shape its reader knows."""
        ...

    def test(self) -> Iterator[str]:
        """Steps that work, in words."""
        ...


def feed(chosen: ChannelSettings, token: Callable[[], str]) -> Feed:
    """The live helpdesk of a channel."""
    kinds: dict[str, Callable[[Api, ChannelSettings], _Helpdesk]] = {
        "rt": RequestTracker,
        "zammad": Zammad,
        "chatwoot": Chatwoot,
    }
    return LiveFeed(chosen.name, lambda: kinds[chosen.kind](_api(chosen, token()), chosen), chosen.every)


def _api(chosen: ChannelSettings, token: str) -> Api:
    headers = {
        "rt": {"Authorization": f"token {token}"},
        "zammad": {"Authorization": f"Token token={token}"},
        "chatwoot": {"api_access_token": token},
    }[chosen.kind]
    ca = str(Path(chosen.ca).expanduser()) if chosen.ca else ""
    return Api(chosen.url, headers, token, timeout=chosen.timeout, ca=ca, insecure=chosen.insecure)


class LiveFeed:
    """Tickets of a helpdesk, asked for again and again."""

    def __init__(self, name: str, connect: Callable[[], _Helpdesk], every: float) -> None:
        """Read this helpdesk; it is connected to when it is asked."""
        self.every = every
        self._name = name
        self._connect = connect

    def fetch(self, position: str, stop: threading.Event) -> Iterator[Haul]:
        """The tickets that changed since a position."""
        state: dict[str, Any] = json.loads(position) if position else {"since": "", "seen": {}}
        since: str = state["since"]
        seen: dict[str, str] = state["seen"]
        helpdesk = self._connect()
        changes = [c for c in helpdesk.changed(since) if c[1] >= since and seen.get(c[0]) != c[1]]
        for known, at in sorted(changes, key=lambda change: change[1]):
            if stop.is_set():
                return
            items = self._read(helpdesk, known)
            since = max(since, at)
            # Several tickets may change in the same second: those are told by name.
            seen = {k: v for k, v in {**seen, known: at}.items() if v >= since}
            yield Haul(items, json.dumps({"since": since, "seen": seen}))

    def watch(self, position: str, stop: threading.Event, on_trouble: Callable[[DeskError], None]) -> Iterator[Haul]:
        """The tickets that changed, and those that do."""
        while not stop.is_set():
            try:
                for haul in self.fetch(position, stop):
                    yield haul
                    position = haul.position
            except DeskError as trouble:
                on_trouble(trouble)
            stop.wait(self.every)

    def test(self) -> tuple[bool, tuple[str, ...]]:
        """Ask who we are there and how much there is to read."""
        lines: list[str] = []
        try:
            for line in self._connect().test():
                lines.append(line)
        except DeskError as trouble:
            return False, (*lines, f"Failed: {str(trouble).rstrip('.')}.")
        return True, tuple(lines)

    def _read(self, helpdesk: _Helpdesk, known: str) -> tuple[Incoming, ...]:
        source = f"{self._name}/{known}"
        value = helpdesk.ticket(known)
        try:
            parts = Parts()
            helpdesk.reader.gather(value, parts)
            return tuple(helpdesk.reader.read(value, parts, source))
        except (BadInput, TypeError, ValueError, AttributeError, KeyError) as trouble:
            words = f"It does not keep to its helpdesk's format ({trouble})."
            return (Unreadable(source, json.dumps(value).encode(), words),)


class RequestTracker:
    """Request Tracker by REST2 (in RT 5, or by the extension in RT 4.4)."""

    reader: ModuleType = request_tracker

    def __init__(self, api: Api, chosen: ChannelSettings) -> None:
        self._api = api
        self._search = chosen.search or "id > 0"
        self._addresses: dict[str, str] = {}

    def changed(self, since: str) -> list[Change]:
        """Tickets with the time of their last change."""
        query = f"({self._search})"
        if since:
            # RT reads times in the searcher's own time zone: a day before is never too late.
            day = datetime.fromisoformat(since.replace("Z", "+00:00")).astimezone(UTC) - timedelta(days=1)
            query += f" AND LastUpdated > '{day:%Y-%m-%d}'"
        asked = {"query": query, "orderby": "id", "order": "ASC", "fields": "LastUpdated", "per_page": 100}
        found = []
        for item in self._pages("REST/2.0/tickets", asked):
            found.append((text_of(item, "id"), text_of(item, "LastUpdated")))
        return [(known, at) for known, at in found if known]

    def ticket(self, known: str) -> Value:
        """A ticket with all that was said."""
        ticket = dict(object_of(self._api.get("REST/2.0/ticket", known)))
        fields = {"fields": "Type,Creator,Created,TimeTaken,Data,Field", "per_page": 100}
        history = []
        for entry in self._pages(f"REST/2.0/ticket/{known}/history", fields):
            entry = dict(entry)
            if text_of(entry, "Type") in ("Create", "Correspond", "Comment"):
                entry["attachments"] = self._attachments(text_of(entry, "id"))
            history.append(entry)
        ticket["history"] = history
        for role in ("Requestor", "Cc", "AdminCc", "Owner"):
            people = ticket.get(role)
            if isinstance(people, list):
                ticket[role] = [self._person(p) for p in people]
        return ticket

    def test(self) -> Iterator[str]:
        """Who we are there, and whether there is anything to read."""
        version = text_of(object_of(self._api.get("REST/2.0/rt")), "Version")
        yield f"{self._api.host} answers, Request Tracker {version}."
        page = self._api.get("REST/2.0/tickets", query=self._search, per_page=1)
        count = text_of(object_of(page), "total") or str(len(list_of(object_of(page).get("items"))))
        yield f"There are {count} tickets to read."

    def _attachments(self, transaction: str) -> list[Value]:
        found = self._pages(f"REST/2.0/transaction/{transaction}/attachments", {"per_page": 100})
        return [object_of(self._api.get("REST/2.0/attachment", text_of(item, "id"))) for item in found]

    def _person(self, value: Any) -> Any:
        """A user with a mail address, where their login is none."""
        login = text_of(object_of(value), "id")
        if not login or "@" in login or login.casefold() == "nobody":
            return value
        if login not in self._addresses:
            try:
                user = object_of(self._api.get("REST/2.0/user", login))
            except ChannelTrouble:
                # Not everybody may look at users; the login will do.
                user = {}
            self._addresses[login] = text_of(user, "EmailAddress")
        return {**object_of(value), "EmailAddress": self._addresses[login]}

    def _pages(self, path: str, query: dict[str, object]) -> Iterator[Value]:
        number = 1
        while True:
            page = object_of(self._api.get(path, page=number, **query))
            items = list_of(page.get("items"))
            yield from items
            pages = page.get("pages")
            if (
                not items
                or (isinstance(pages, int) and number >= pages)
                or (pages is None and not page.get("next_page"))
            ):
                return
            number += 1


class Zammad:
    """Zammad by its REST API, with an access token of a user who may see tickets."""

    reader: ModuleType = zammad

    def __init__(self, api: Api, chosen: ChannelSettings) -> None:
        self._api = api
        self._search = chosen.search

    def changed(self, since: str) -> list[Change]:
        """Tickets with the time of their last change."""
        found: dict[str, str] = {}
        for number in range(1, 100_000):
            asked: dict[str, object] = {"page": number, "per_page": 100, "expand": "true"}
            if self._search:
                page = self._api.get("api/v1/tickets/search", query=self._search, **asked)
            else:
                page = self._api.get("api/v1/tickets", **asked)
            tickets = list_of(page)
            found |= {text_of(t, "id"): text_of(t, "updated_at") for t in tickets}
            if len(tickets) < 100:
                break
        return list(found.items())

    def ticket(self, known: str) -> Value:
        """A ticket with all that was said."""
        ticket = dict(object_of(self._api.get("api/v1/tickets", known, expand="true")))
        articles = self._api.get("api/v1/ticket_articles/by_ticket", known, expand="true")
        ticket["articles"] = list_of(articles)
        tags = self._api.get("api/v1/tags", object="Ticket", o_id=known)
        ticket["tags"] = object_of(tags).get("tags") or []
        return ticket

    def test(self) -> Iterator[str]:
        """Who we are there, and whether there is anything to read."""
        me = object_of(self._api.get("api/v1/users/me"))
        yield f"{self._api.host} answers and knows us as {text_of(me, 'login', 'email') or 'somebody'}."
        page = list_of(self._api.get("api/v1/tickets", page=1, per_page=1, expand="true"))
        yield "There are tickets to read." if page else "There are no tickets to read."


class Chatwoot:
    """Chatwoot by its application API, with an agent's access token."""

    reader: ModuleType = chatwoot

    def __init__(self, api: Api, chosen: ChannelSettings) -> None:
        self._api = api
        self._base = f"api/v1/accounts/{chosen.account}"
        self._found: dict[str, Value] = {}

    def changed(self, since: str) -> list[Change]:
        """Tickets with the time of their last change."""
        found: dict[str, str] = {}
        for number in range(1, 100_000):
            page = self._api.get(f"{self._base}/conversations", status="all", assignee_type="all", page=number)
            payload = list_of(object_of(object_of(page).get("data") or page).get("payload"))
            for one in payload:
                known = text_of(one, "id")
                found[known] = text_of(one, "last_activity_at", "timestamp", "updated_at").zfill(20)
                self._found[known] = one
            # The latest come first: what is older than the last look was read then.
            if not payload or (since and min(found.values()) < since):
                break
        return list(found.items())

    def ticket(self, known: str) -> Value:
        """A ticket with all that was said."""
        conversation = dict(self._found.get(known) or object_of(self._api.get(f"{self._base}/conversations", known)))
        messages: dict[str, Value] = {}
        before = ""
        while True:
            asked = {"before": before} if before else {}
            page = self._api.get(f"{self._base}/conversations/{known}/messages", **asked)
            some = list_of(object_of(page).get("payload"))
            fresh = [m for m in some if text_of(m, "id") not in messages]
            messages |= {text_of(m, "id"): m for m in fresh}
            if not fresh:
                break
            before = str(min(int(text_of(m, "id")) for m in fresh))
        conversation["messages"] = list(messages.values())
        return conversation

    def test(self) -> Iterator[str]:
        """Who we are there, and whether there is anything to read."""
        me = object_of(self._api.get("api/v1/profile"))
        yield f"{self._api.host} answers and knows us as {text_of(me, 'name', 'email') or 'somebody'}."
        page = object_of(self._api.get(f"{self._base}/conversations/meta", status="all"))
        count = text_of(object_of(page.get("meta")), "all_count")
        yield f"There are {count or 'some'} conversations to read."
