"""Exports of other helpdesks, told apart by what stands in them, and helpdesks that are read live.

Each module knows one helpdesk's public API shapes: `knows(value)` says whether a JSON value is one of its own,
`read(value, parts)` makes tickets of it. What is spread over several objects or files (people, comments, articles)
is gathered in `Parts` first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from supportdesk.channels.helpdesks import chatwoot, freshdesk, helpscout, request_tracker, zammad, zendesk
from supportdesk.channels.helpdesks.shapes import Parts
from supportdesk.domain.incoming import IncomingTicket
from supportdesk.errors import BadSettings
from supportdesk.services.ports.feeds import Feed
from supportdesk.settings import ChannelSettings

SYSTEMS: tuple[ModuleType, ...] = (helpscout, chatwoot, zammad, request_tracker, freshdesk, zendesk)
"""The surest signs first."""


def system_of(value: Any) -> ModuleType | None:
    """The helpdesk a JSON value comes from; None for none of those we know."""
    sample = next((v for v in value if isinstance(v, dict)), None) if isinstance(value, list) else value
    if not isinstance(sample, dict):
        return None
    return next((system for system in SYSTEMS if system.knows(sample)), None)


def gather(value: Any, parts: Parts) -> bool:
    """Remember people, comments and articles of a value; whether it was one of a helpdesk's at all."""
    system = system_of(value)
    if system is None:
        return False
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, dict):
            system.gather(one, parts)
    return True


def read(value: Any, parts: Parts, source: str) -> Iterator[IncomingTicket]:
    """The tickets of a helpdesk's value. Raises BadInput for one that does not keep to its shape."""
    system = system_of(value)
    if system is not None:
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, dict):
                yield from system.read(one, parts, source)


def helpdesk_from(chosen: ChannelSettings, token: Callable[[], str]) -> Feed:
    """The live helpdesk of a channel. Raises BadSettings when its settings lack something."""
    from supportdesk.channels.helpdesks.live import feed

    if not chosen.url.startswith(("https://", "http://")):
        raise BadSettings(f"The channel {chosen.name} needs url, the helpdesk's address: https://…")
    return feed(chosen, token)
