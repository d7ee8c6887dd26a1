"""What is measured: the desk's rules, looked up when they are needed, so that what is not there can be said plainly."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from supportdesk.domain.preparation import Triage
from supportdesk.domain.thread import Thread

from .rows import NotThere
from .sets import Record, articles_of, thread_of, words_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding in a draft, from the rules or from a baseline."""

    kind: str
    """Which check."""
    subkind: str
    """What exactly."""
    start: int
    """Offset in the draft."""
    end: int
    """Offset just after it."""
    blocking: bool = True
    """Whether approval waits for it."""


Span = tuple[str, int, int]
"""Kind, start, end of an identifier."""


def triage_rule() -> Callable[[Thread], Triage]:
    """The desk's triage with its default routing.

    Raises NotThere while the rules are not written.
    """
    triage = _rule("triage", "triage")
    routing = _rule("routing", "default_routing")()
    return lambda thread: triage(thread, routing)


def check_rule() -> Callable[[Record], list[Seen]]:
    """The desk's checks of a draft.

    Raises NotThere while the rules are not written.
    """
    examine = _rule("check", "examine")
    sources = _rule("sources", "Sources")
    detect = _rule("language", "detect")

    def see(record: Record) -> list[Seen]:
        # The language is told from the thread, as at the desk; the label would give it away.
        language = detect(words_of(record))
        examination = examine(record["draft"], sources(thread_of(record), articles_of(record), language))
        return [Seen(f.kind.value, f.subkind, f.start, f.end, f.blocking) for f in examination.findings]

    return see


def identifier_rule() -> Callable[[str], list[Span]]:
    """The desk's finder of identifiers.

    Raises NotThere while it is not written.
    """
    find = _rule("identifiers", "identifiers")
    return lambda text: [(str(i.kind), i.start, i.end) for i in find(text)]


def quoting_rule() -> Callable[[str], str]:
    """The desk's trimming of a mail to its writer's own words.

    Raises NotThere while it is not written.
    """
    trimmed: Callable[[str], str] = _rule("quoting", "trimmed")
    return trimmed


def _rule(module: str, name: str) -> Any:
    """A function or class of `supportdesk.rules`."""
    try:
        return getattr(importlib.import_module(f"supportdesk.rules.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise NotThere(f"supportdesk.rules.{module} has no {name} yet ({error})") from error
