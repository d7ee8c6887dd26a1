"""What lies outside the desk: time, whoever prepares, the way out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from supportdesk.domain.evidence import Article
from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.preparation import Preparation
from supportdesk.domain.thread import Thread


class Clock(Protocol):
    """The time, and the machine's uptime, which nobody can set back."""

    def now(self) -> datetime:
        """Wall-clock time, UTC."""
        ...

    def boot(self) -> tuple[str, int]:
        """The boot's id and the milliseconds since."""
        ...


class Assistant(Protocol):
    """Whoever prepares a ticket."""

    def prepare(
        self, thread: Thread, articles: Sequence[Article], history: int = 0, only: Sequence[str] = ()
    ) -> Preparation:
        """Summary, triage, route and draft for one thread, from it and the articles alone.

        `only` names the parts that are wanted, if not all: `summary`, `triage`, `draft`.

        Raises AssistantTrouble when it cannot.
        """
        ...


class Delivery(Protocol):
    """A way out for approved replies."""

    def deliver(self, outgoing: Outgoing, raw: bytes, on_stage: Callable[[Stage], None]) -> Outcome:
        """Hand one mail over; `on_stage` must return (durably) before the next stage begins."""
        ...
