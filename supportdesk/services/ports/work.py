"""What the back office needs from the store, as Protocols. Each method is one short transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from supportdesk.domain.calls import ModelCall, Worker


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody who watches an answer grow and may call it off."""

    heard: Callable[[str], None]
    """Told the answer so far, as it grows."""
    off: Callable[[], bool]
    """Whether it was called off."""


class Abandoned(Exception):
    """The process is stopping and gave its question up: the ticket stays as it was."""


class Claims(Protocol):
    """Who prepares which ticket, so that several workers never prepare one twice."""

    def claim(
        self, worker: str, limit: int, milliseconds: int, finished: tuple[int, ...] = (), *, wanted: bool = False
    ) -> tuple[int, ...]:
        """Claim the most pressing tickets that want preparing and that nobody has; at most `limit`.

        Those somebody waits for come first; with `wanted`, only those. `finished` are claims given back in the
        same transaction.
        """
        ...

    def want(self, ticket_id: int) -> None:
        """Somebody has a ticket in front of them and waits for it."""
        ...

    def pause(self, by: str) -> None:
        """Let nobody claim anything from now on; an empty name ends the pause."""
        ...

    def paused_by(self) -> str:
        """Who paused the preparing; empty when nobody did."""
        ...

    def extend(self, worker: str, milliseconds: int) -> None:
        """A sign of life: all of a worker's claims hold for another while."""
        ...

    def release(self, worker: str, ticket_id: int, rest: int = 0) -> None:
        """Give a claim back; with `rest`, nobody gets the ticket for so many milliseconds."""
        ...

    def beat(self, worker: Worker, milliseconds: int) -> None:
        """Say that a worker lives and what it does; 0 takes it off the list and frees its claims."""
        ...

    def workers(self) -> tuple[Worker, ...]:
        """Workers that live."""
        ...


class Attendant(Protocol):
    """Whoever sees to it that a back office runs."""

    def attend(self, *, running: bool) -> str:
        """Start one unless one is running; why that failed last time, in words, or nothing."""
        ...

    def close(self) -> None:
        """Let the one that was started end."""
        ...


class Calls(Protocol):
    """The list of calls that were made."""

    def begin(
        self,
        model: str,
        prompts: tuple[str, ...],
        sent: str,
        tokens: int,
        at: datetime,
        limit_tokens: int,
        limit_cost: float,
    ) -> int:
        """Write a call down before it is made, unless the day's tokens or cost have reached a limit (0 for none).

        Returns its number, 0 when the budget is spent.
        """
        ...

    def end(self, call: int, *, answer: str, outcome: str, tokens: int | None, cost: float, seconds: float) -> None:
        """Write down what became of it; `tokens` None leaves the estimate."""
        ...

    def get(self, call: int) -> ModelCall:
        """One call. Raises NotFound."""
        ...

    def spent(self, day: date) -> tuple[int, float]:
        """Tokens and US dollars of a UTC day."""
        ...
