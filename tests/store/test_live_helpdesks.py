"""Helpdesks read live, on servers that answer in their recorded shapes; the real Request Tracker is in tests/debian."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import StandingClock

from supportdesk.bootstrap import fetching_for, open_desk
from supportdesk.domain.words import Author, Status
from supportdesk.errors import BadSettings
from supportdesk.services.desk import Desk
from supportdesk.settings import settings_from

SAMPLES = Path(__file__).parents[1] / "samples" / "helpdesks"
GO = threading.Event()
TOKEN = "tok-8213-secret"


class Helpdesk:
    """What is asked for, and what is answered."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}
        self.status = 200


@contextmanager
def served(desk: Helpdesk) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            desk.asked.append(self.path)
            page = int(query.get("page", "1"))
            token = " ".join(v for k, v in self.headers.items() if k.lower() in ("authorization", "api_access_token"))
            found = desk.answers.get(parts.path)
            status = desk.status if TOKEN in token else 401
            if callable(found):
                found = found(query)
            elif isinstance(found, list) and page > 1:
                found = []
            body = json.dumps(found if found is not None else {}).encode()
            self.send_response(status if found is not None or status != 200 else 404)
            if status == 302:
                self.send_header("Location", "http://elsewhere.example/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def desk_on(tmp_path: Path, kind: str, url: str) -> Desk:
    channel = {"name": "in", "kind": kind, "url": url}
    return open_desk(
        tmp_path / "desk.db", settings_from({"channels": [channel]}, "test"), login="lea", clock=StandingClock()
    )


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_IN_TOKEN", TOKEN)


def zammad() -> Helpdesk:
    (ticket,) = json.loads((SAMPLES / "zammad.json").read_text())
    helpdesk = Helpdesk()
    articles, tags = ticket.pop("articles"), ticket.pop("tags")
    helpdesk.answers = {
        "/api/v1/tickets": [ticket],
        "/api/v1/tickets/1042": ticket,
        "/api/v1/ticket_articles/by_ticket/1042": articles,
        "/api/v1/tags": {"tags": tags},
        "/api/v1/users/me": {"login": "desk@shop.example"},
    }
    return helpdesk


def chatwoot() -> Helpdesk:
    page = json.loads((SAMPLES / "chatwoot.json").read_text())
    messages = page["data"]["payload"][0].pop("messages")
    page["data"]["payload"][0]["messages"] = messages[-1:]

    def some(query: dict[str, str]) -> Any:
        before = int(query.get("before", "10000"))
        return {"meta": {}, "payload": [m for m in messages if m["id"] < before][-2:]}

    base = "/api/v1/accounts/1/conversations"
    helpdesk = Helpdesk()
    helpdesk.answers = {
        base: lambda query: page if query["page"] == "1" else {"data": {"meta": {}, "payload": []}},
        f"{base}/7/messages": some,
        f"{base}/meta": {"meta": {"all_count": 1}},
        "/api/v1/profile": {"name": "Desk"},
    }
    return helpdesk


def request_tracker() -> Helpdesk:
    (ticket,) = json.loads((SAMPLES / "request_tracker.json").read_text())["items"]
    history = ticket.pop("history")
    helpdesk = Helpdesk()
    item = {"id": "1042", "type": "ticket", "LastUpdated": ticket["LastUpdated"]}
    page = lambda items: {"items": items, "page": 1, "pages": 1, "total": len(items)}  # noqa: E731
    helpdesk.answers = {
        "/REST/2.0/rt": {"Version": "5.0.3"},
        "/REST/2.0/tickets": page([item]),
        "/REST/2.0/ticket/1042": ticket,
        "/REST/2.0/ticket/1042/history": page([{k: v for k, v in h.items() if k != "attachments"} for h in history]),
        "/REST/2.0/user/lea": {"id": "lea", "EmailAddress": "lea@shop.example"},
    }
    for entry in history:
        parts = entry.get("attachments", [])
        helpdesk.answers[f"/REST/2.0/transaction/{entry['id']}/attachments"] = page([{"id": p["id"]} for p in parts])
        helpdesk.answers |= {f"/REST/2.0/attachment/{p['id']}": p for p in parts}
    return helpdesk


@pytest.mark.parametrize(("kind", "made"), [("zammad", zammad), ("chatwoot", chatwoot), ("rt", request_tracker)])
def test_a_helpdesk_is_read_whole_once_and_then_what_changed(tmp_path: Path, kind: str, made: Any) -> None:
    """Customer, note and answer; the second look asks for no ticket again; nothing but reading is ever asked."""
    helpdesk = made()
    with served(helpdesk) as url:
        desk = desk_on(tmp_path, kind, url)
        fetching = fetching_for(desk)
        ok, lines = fetching.feed("in").test()
        assert ok, lines
        found = fetching.once("in", GO)
        assert (found.report.messages, found.trouble) == (3, "")
        with desk.store.read() as tx:
            ticket, thread = tx.tickets.get(1), tx.tickets.thread(1)
        assert (ticket.subject, ticket.status) == ("Charged twice in March", Status.PENDING)
        assert [m.author for m in thread.messages] == [Author.CUSTOMER, Author.INTERNAL, Author.AGENT]
        assert ticket.requester.email == "anna@example.org"
        before = len(helpdesk.asked)
        assert fetching.once("in", GO).report.all == 0
        again = helpdesk.asked[before:]
        assert not [path for path in again if "articles" in path or "messages" in path or "history" in path]
        desk.close()


@pytest.mark.parametrize(
    ("status", "said"), [(401, "does not accept the token"), (302, "sends on to"), (500, "answered 500"), (429, "less")]
)
def test_what_a_helpdesk_refuses_is_said_plainly(tmp_path: Path, status: int, said: str) -> None:
    """In one sentence, without the token; a redirect is not followed with it."""
    helpdesk = zammad()
    helpdesk.status = status
    with served(helpdesk) as url:
        desk = desk_on(tmp_path, "zammad", url)
        trouble = fetching_for(desk).once("in", GO).trouble
        assert said in trouble
        assert TOKEN not in trouble
        desk.close()


def test_a_token_never_travels_in_clear(tmp_path: Path) -> None:
    """Only to this machine, or over TLS."""
    desk = desk_on(tmp_path, "zammad", "http://helpdesk.example.org")
    ok, lines = fetching_for(desk).feed("in").test()
    assert not ok
    assert "in clear" in lines[-1]
    desk.close()
    with pytest.raises(BadSettings, match="needs url"):
        fetching_for(desk_on(tmp_path / "b", "zammad", "ftp://x")).feed("in")
