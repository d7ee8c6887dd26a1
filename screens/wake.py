"""When a paused ticket comes back, as people type it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from supportdesk.errors import BadInput

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SPAN = re.compile(r"(?:in )?(\d{1,4}) ?([mhdw])(?:in|ours?|ays?|eeks?)?")
_CLOCK = re.compile(r"(?:(today|tomorrow) ?)?(?:at )?(\d{1,2})[:.h](\d{2})")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2})[:.](\d{2}))?")
_MORNING = 9

HOW = "Say when: 2h, 3d, tomorrow 9:00 or 2026-04-01 14:30."


def parse_wake(typed: str, now: datetime) -> datetime:
    """The time meant, UTC; hours of the day are this machine's.

    Raises BadInput for words that are no time, and for a time that is over.
    """
    words = " ".join(typed.lower().split())
    try:
        at = _meant(words, now)
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise BadInput(HOW)
    if at <= now:
        raise BadInput(f"{typed.strip()} is over already. {HOW}")
    return at


def _meant(words: str, now: datetime) -> datetime | None:
    here = now.astimezone().replace(tzinfo=None)
    if words == "tomorrow":
        words = f"tomorrow {_MORNING}:00"
    if match := _SPAN.fullmatch(words):
        return now + int(match[1]) * _UNITS[match[2]]
    if match := _CLOCK.fullmatch(words):
        at = here.replace(hour=int(match[2]), minute=int(match[3]), second=0, microsecond=0)
        later = match[1] == "tomorrow" or (not match[1] and at <= here)
        return _utc(at + timedelta(days=later))
    if match := _DATE.fullmatch(words):
        hour, minute = (int(match[4]), int(match[5])) if match[4] else (_MORNING, 0)
        return _utc(datetime(int(match[1]), int(match[2]), int(match[3]), hour, minute))
    return None


def _utc(here: datetime) -> datetime:
    """A time on this machine's clock, UTC."""
    return here.astimezone(UTC)
