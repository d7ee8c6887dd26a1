"""What the back office does again and again besides preparing: fetch, send, wake, watch clocks.

Each round has a thread of its own: one that hangs or fails keeps neither the others nor the preparing waiting, and one
that fails is tried again after a growing while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from supportdesk.errors import DeskError

LONGEST_REST = 600.0
"""Seconds a round that keeps failing rests at most."""


@dataclass(frozen=True, slots=True)
class Done:
    """One thing the back office did."""

    ticket_id: int
    """Which ticket; 0 for none in particular."""
    words: str
    """What happened, in one line."""
    failed: bool = False
    """Whether it went wrong."""
    sent: bool = False
    """Whether a reply left."""


@dataclass(frozen=True, slots=True)
class Round:
    """One thing to do again and again."""

    name: str
    """What it is called in the log: `imap support`."""
    go: Callable[[Callable[[Done], None]], object]
    """Do it once, reporting what came of it. May raise."""
    every: float = 1.0
    """Seconds between two times."""
    stop: Callable[[], object] | None = None
    """Ends one that waits for something, such as a server's push."""
    once: Callable[[Callable[[Done], None]], object] | None = None
    """What is done instead where it is to be done one time only; the same if None."""


Report = Callable[[Done], None]


class Rounds:
    """All rounds of one process."""

    def __init__(self, rounds: Iterable[Round]) -> None:
        """Nothing runs yet."""
        self._rounds: Sequence[Round] = tuple(rounds)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, report: Report) -> None:
        """Begin; each round in its own thread."""
        for each in self._rounds:
            thread = threading.Thread(target=self._repeat, args=(each, report), name=each.name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def once(self, report: Report) -> None:
        """Do every round one time, one after the other."""
        for each in self._rounds:
            if not self._stop.is_set() and (trouble := _tried(each.name, each.once or each.go, report)):
                report(Done(0, trouble, failed=True))

    def stop(self, seconds: float) -> None:
        """End them all, waiting so long for what is under way."""
        self._stop.set()
        for each in self._rounds:
            if each.stop is not None:
                each.stop()
        for thread in self._threads:
            thread.join(seconds)

    def _repeat(self, each: Round, report: Report) -> None:
        failures, before = 0, ""
        while not self._stop.is_set():
            trouble = _tried(each.name, each.go, report)
            if trouble and trouble != before and not self._stop.is_set():
                report(Done(0, trouble, failed=True))
            before = trouble
            failures = failures + 1 if trouble else 0
            self._stop.wait(min(each.every * 2 ** min(failures, 20), LONGEST_REST) if failures else each.every)


def _tried(name: str, go: Callable[[Report], object], report: Report) -> str:
    """Do a round; what went wrong, in words."""
    try:
        go(report)
    except DeskError as why:
        return f"{name}: {why}"
    except Exception as why:
        # A fault in one round must not end the process that does the others.
        return f"{name}: could not be done ({type(why).__name__}: {why})"
    return ""
