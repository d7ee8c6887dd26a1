"""Business hours over weekends, holidays and the two days a year with an odd length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.domain.hours import BusinessHours
from supportdesk.errors import BadSettings
from supportdesk.services.clocks import hours_from
from supportdesk.settings import settings_from

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = ((9 * 60, 17 * 60),)
WEEK = BusinessHours(BERLIN, (OFFICE,) * 5 + ((), ()))
ALWAYS = BusinessHours(BERLIN, (((0, 1440),),) * 7)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A local wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-12 10:00", 2, "2026-03-12 12:00"),
        ("2026-03-12 16:00", 2, "2026-03-13 10:00"),
        ("2026-03-13 16:00", 2, "2026-03-16 10:00"),  # over the weekend
        ("2026-03-14 12:00", 1, "2026-03-16 10:00"),  # opened on a Saturday
        ("2026-03-12 16:00", 1, "2026-03-12 17:00"),  # exactly the end of the day
        ("2026-03-27 16:00", 2, "2026-03-30 10:00"),  # clocks go forward in between
        ("2026-10-23 16:00", 2, "2026-10-26 10:00"),  # and back
    ],
)
def test_open_time_skips_nights_and_weekends(start: str, hours: int, end: str) -> None:
    """Local wall times stay what they are on the wall, whatever the season does in between."""
    assert WEEK.add(at(start), timedelta(hours=hours)) == at(end)


def test_a_holiday_is_no_open_day() -> None:
    """Friday's hour goes on on Tuesday when Monday is a holiday."""
    easter = BusinessHours(BERLIN, WEEK.week, frozenset({date(2026, 4, 6)}))
    assert easter.add(at("2026-04-03 16:00"), timedelta(hours=2)) == at("2026-04-07 10:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_around_the_clock_is_as_long_as_it_is(day: str, hours: int) -> None:
    """23 hours in spring, 25 in autumn."""
    (span,) = ALWAYS.spans(date.fromisoformat(day))
    assert span[1] - span[0] == timedelta(hours=hours)


def test_hours_that_are_skipped_or_come_twice() -> None:
    """02:00 to 03:00 does not exist in spring and is two hours in autumn."""
    night = BusinessHours(BERLIN, (((120, 180),),) * 7)
    assert list(night.spans(date(2026, 3, 29))) == []
    (span,) = night.spans(date(2026, 10, 25))
    assert span[1] - span[0] == timedelta(hours=2)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.integers(1, 60 * 60),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_what_is_added_is_what_lies_between(start: datetime, minutes: int, zone: str) -> None:
    """Adding and measuring agree, and more time is never earlier."""
    hours = BusinessHours(ZoneInfo(zone), WEEK.week, frozenset({date(2026, 5, 1)}))
    begin = start.replace(tzinfo=UTC)
    span = timedelta(minutes=minutes)
    end = hours.add(begin, span)
    assert hours.between(begin, end) == span
    assert hours.add(begin, span + timedelta(minutes=1)) > end


@pytest.mark.parametrize(
    "hours",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ()),
        {"monday": ["17:00-09:00"]},
        {"monday": ["09:00-13:00", "12:00-17:00"]},
        {"monday": ["9-17"]},
    ],
)
def test_hours_that_cannot_be_are_refused(hours: dict[str, object]) -> None:
    """One sentence, before any clock runs wrong."""
    with pytest.raises(BadSettings):
        hours_from(settings_from({"hours": hours}, "settings.toml"))
