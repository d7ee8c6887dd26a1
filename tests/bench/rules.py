"""Triage and checks against plain tokenising of the same text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources

from supportdesk.domain.thread import Thread
from supportdesk.rules.check import examine
from supportdesk.rules.routing import default_routing
from supportdesk.rules.sources import Sources
from supportdesk.rules.triage import triage
from supportdesk.services.filters import thread_from

from .rows import Row, side_by_side

_WORD = re.compile(r"\w+|[^\w\s]")


def rows() -> Iterator[Row]:
    """Over the sample desk's tickets; 10,000 a minute and core are 6 ms each, about 200 × a token list."""
    text = (resources.files("supportdesk") / "sample" / "tickets.jsonl").read_text("utf-8")
    tickets = [json.loads(line) for line in text.splitlines()]
    threads = [thread_from({k: v for k, v in t.items() if k != "requester"}) for t in tickets]
    drafts = [(t["draft"], thread) for t, thread in zip(tickets, threads, strict=True) if t.get("draft")]
    routing = default_routing()

    def triage_all() -> None:
        for thread in threads:
            triage(thread, routing)

    def check_all() -> None:
        for draft, thread in drafts:
            examine(draft, Sources(thread))

    def tokens_of(some: list[Thread], extra: list[str]) -> None:
        for thread in some:
            for message in thread.messages:
                _WORD.findall(message.text)
        for draft in extra:
            _WORD.findall(draft)

    yield side_by_side(
        f"triage {len(threads)} tickets", triage_all, lambda: tokens_of(threads, []), "plain tokenising", 200
    )
    yield side_by_side(
        f"check {len(drafts)} drafts",
        check_all,
        lambda: tokens_of([thread for _, thread in drafts], [draft for draft, _ in drafts]),
        "plain tokenising",
        400,
    )
