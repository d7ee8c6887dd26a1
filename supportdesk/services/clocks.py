"""Escalation clocks and business hours as the settings have them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from supportdesk.domain.escalation import DEFAULT_CLOCK, ClockRule, Clocks
from supportdesk.domain.hours import BusinessHours
from supportdesk.domain.words import TriggerKind
from supportdesk.errors import BadSettings
from supportdesk.settings import Settings


def clocks_from(settings: Settings) -> Clocks:
    """The clocks the settings set, over those that come with the program.

    Raises BadSettings for an unknown trigger or time zone, a week without hours, or a safety clock that pauses.
    """
    given = {**type(settings.escalation)().clocks, **settings.escalation.clocks}
    for name in given:
        if name != DEFAULT_CLOCK and name not in list(TriggerKind):
            raise BadSettings(f"[escalation.clocks] knows no trigger '{name}'.")
    if not given[TriggerKind.SAFETY].around_the_clock:
        raise BadSettings("[escalation.clocks.safety] must run around_the_clock: safety never waits for the morning.")
    rules = {
        name: ClockRule(timedelta(minutes=c.acknowledge), timedelta(hours=c.resolve), c.around_the_clock)
        for name, c in given.items()
    }
    return Clocks(rules, hours_from(settings), settings.escalation.warn_at)


def zone_from(name: str) -> ZoneInfo:
    """A time zone by name. Raises BadSettings."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise BadSettings(f"[hours] knows no time zone '{name}'.") from error


def hours_from(settings: Settings) -> BusinessHours:
    """The desk's business hours. Raises BadSettings."""
    chosen = settings.hours
    zone = zone_from(chosen.zone)
    week = tuple(tuple(_span(text) for text in day) for day in chosen.week)
    if not any(week):
        raise BadSettings("[hours] leaves no open hour in the week; escalation clocks would never run.")
    for day in week:
        if any(first >= last for first, last in day) or any(a[1] > b[0] for a, b in pairwise(day)):
            raise BadSettings("[hours] each span must end after it begins, and a day's spans must not overlap.")
    return BusinessHours(zone, week, frozenset(chosen.holidays))


def _span(text: str) -> tuple[int, int]:
    first, last = ((int(part[:2]) * 60 + int(part[3:])) for part in text.split("-"))
    return first, last
