"""Channels that messages come in from by themselves, as the services see them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from supportdesk.domain.incoming import Incoming
from supportdesk.errors import DeskError


@dataclass(frozen=True, slots=True)
class Haul:
    """What came in together, and where to go on after it. It counts as kept when the next one is asked for."""

    items: tuple[Incoming, ...]
    """Messages, tickets, and what could not be read."""
    position: str
    """Where to go on; only the channel itself understands it."""


class Feed(Protocol):
    """A channel that messages come in from."""

    @property
    def every(self) -> float:
        """Seconds between two looks, where nobody tells of news."""
        ...

    def fetch(self, position: str, stop: threading.Event) -> Iterator[Haul]:
        """What came since a position (empty for the beginning), until there is no more. Raises ChannelTrouble."""
        ...

    def watch(self, position: str, stop: threading.Event, on_trouble: Callable[[DeskError], None]) -> Iterator[Haul]:
        """What came since a position, and then everything new as it comes, until `stop` is set."""
        ...

    def test(self) -> tuple[bool, tuple[str, ...]]:
        """Whether it works, and each step of finding out in plain words; changes nothing."""
        ...


class Positions(Protocol):
    """How far each channel was read."""

    def get(self, name: str) -> str:
        """Where to go on; empty for the beginning."""
        ...

    def keep(self, name: str, position: str, at: int) -> None:
        """Go on from there; `at` is milliseconds since 1970."""
        ...

    def all(self) -> dict[str, int]:
        """When each channel last brought something, in milliseconds since 1970."""
        ...
