"""The sample desk: an invented firm's tickets, articles and people, in a throw-away store, at its own point in time."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from supportdesk.assistants.offline import OfflineAssistant
from supportdesk.domain.evidence import Article
from supportdesk.domain.people import Person
from supportdesk.domain.preparation import Draft, Preparation, Provenance
from supportdesk.domain.thread import Thread
from supportdesk.errors import DeskError
from supportdesk.rules.routing import routing_from
from supportdesk.services.clock import SystemClock
from supportdesk.services.desk import Desk
from supportdesk.services.preparation import Preparing
from supportdesk.settings import Settings, settings_from

LOGIN = "you"
"""Who sits at the sample desk."""


class SampleClock(SystemClock):
    """A clock that starts at the sample's own day: the dates in its letters do not move."""

    def __init__(self, start: datetime) -> None:
        """Start now."""
        self._start = start
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The sample's time, UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)


class SampleAssistant(OfflineAssistant):
    """The offline assistant, with the sample's own drafts where it has them: some are wrong on purpose."""

    drafts: dict[str, str]

    def draft(self, thread: Thread, found: object, articles: Sequence[Article]) -> Draft:
        """The sample's draft for this thread, or the offline one."""
        first = thread.messages[0].text if thread.messages else ""
        if first in self.drafts:
            return Draft(self.drafts[first], citations=tuple(a.slug for a in articles[:2]))
        return super().draft(thread, found, articles)  # type: ignore[arg-type]

    def prepare(
        self, thread: Thread, articles: Sequence[Article], history: int = 0, only: Sequence[str] = ()
    ) -> Preparation:
        """As offline; says so where the words are the sample's."""
        made = super().prepare(thread, articles, history, only)
        if made.draft is not None and thread.messages and thread.messages[0].text in self.drafts:
            return replace(made, provenance=Provenance("sample model", note="a draft written for this sample"))
        return made


def sample_settings() -> Settings:
    """The sample's settings."""
    values = tomllib.loads(_read("settings.toml"))
    values.pop("people", None)
    desk = values.get("desk", {})
    if "addresses" in desk:
        desk["own_addresses"] = desk.pop("addresses")
        desk.setdefault("address", desk["own_addresses"][0])
    return settings_from(values, "sample/settings.toml")


def open_sample_desk(folder: Path, clock: SystemClock | None = None, *, beside: bool = False) -> Desk:
    """A fresh sample desk in a folder, prepared and ready to work at.

    `beside` has it prepared beside whoever sits down, most pressing first: its first rows come at once.
    """
    from supportdesk.bootstrap import open_desk
    from supportdesk.channels.sources import open_source
    from supportdesk.services.knowledge import article_from

    started = datetime.fromisoformat(json.loads(_read("about.json"))["sample_now"])
    settings = sample_settings()
    desk = open_desk(folder / "sample.db", settings, login="desk", clock=clock or SampleClock(started))
    _add_people(desk)
    articles = [article_from(f.name.removesuffix(".md"), f.read_text("utf-8")) for f in _files("articles", ".md")]
    desk.knowledge.put_all(articles, "desk")
    with resources.as_file(_root()) as root:
        for source in (root / "tickets.jsonl", root / "mail"):
            with open_source(source, own_addresses=desk.intake.own_addresses) as opened:
                desk.intake.take(opened)
    assistant = SampleAssistant(routing_from(settings.routing), desk=settings.desk.name)
    assistant.drafts = _drafts()
    preparing = Preparing(desk.store, desk.clock, assistant, desk.routing)
    desk = replace(desk, person=desk.staff.get(LOGIN), preparing=preparing)
    if beside:
        return _prepared_beside(desk)
    for _ in preparing.run():
        pass
    return desk


def _prepared_beside(desk: Desk) -> Desk:
    """The desk, with a thread that prepares its tickets until it is closed."""
    enough = threading.Event()

    def prepare() -> None:
        with contextlib.suppress(DeskError):
            for _ in desk.preparing.run():
                if enough.is_set():
                    return

    def close() -> None:
        enough.set()
        thread.join()
        desk.close()

    thread = threading.Thread(target=prepare, name="sample", daemon=True)
    thread.start()
    return replace(desk, close=close)


def _add_people(desk: Desk) -> None:
    for person in tomllib.loads(_read("settings.toml"))["people"]:
        desk.staff.put("desk", Person(person["login"], person["name"], person["role"]))
    desk.staff.put("desk", Person("desk", "The sample", "agent", active=False))


def _drafts() -> dict[str, str]:
    tickets = [json.loads(line) for line in _read("tickets.jsonl").splitlines() if line.strip()]
    return {t["messages"][0]["text"]: t["draft"] for t in tickets if t.get("draft")}


def _root() -> Traversable:
    return resources.files("supportdesk") / "sample"


def _read(name: str) -> str:
    return (_root() / name).read_text("utf-8")


def _files(folder: str, ending: str) -> list[Traversable]:
    found = [f for f in (_root() / folder).iterdir() if f.name.endswith(ending)]
    return sorted(found, key=lambda f: f.name)
