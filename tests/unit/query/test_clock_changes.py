"""Ranges that begin, end or lie where clocks change: the local clock is no measure of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import (
    TimeRange,
    clock_hour_starts,
    interval_starts,
    parse_time_range,
    partial_intervals,
    whole_days,
)
from shared.events.local_days import midnight

QUARTER = timedelta(minutes=15)
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    # Clocks skip the first hour of a day; and go back to 23:00 at its end.
    "Africa/Cairo": ("2026-04-23T22:00", "2026-10-29T21:00"),
    "America/Santiago": ("2026-09-06T04:00", "2026-04-05T03:00"),
    # The first hour of a day comes twice.
    "America/Havana": ("2026-03-08T05:00", "2026-11-01T05:00"),
    "Asia/Kathmandu": ("2026-03-29T18:15",),
}
"""Where clocks change, in UTC; in Kathmandu a midnight instead."""


@st.composite
def ranges(draw: Any) -> TimeRange:
    """A range whose ends are near a change of clocks, or one of them is."""
    zone = ZoneInfo(draw(st.sampled_from(sorted(CHANGES))))
    around = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone.key])) + "+00:00")
    start = around + draw(st.integers(-16, 16)) * QUARTER
    length = draw(st.sampled_from([1, 2, 3, 4, 5, 8, 92, 96, 100, 700])) * QUARTER
    if draw(st.booleans()):
        start -= length
    end = start + length
    texts = [one.astimezone(zone).isoformat() for one in (start, end)]
    found = parse_time_range(zone.key, end, period=None, start=texts[0], end=texts[1])
    assert (found.start.timestamp(), found.end.timestamp()) == (start.timestamp(), end.timestamp())
    return found


def name_of(instant: datetime, interval: str) -> Any:
    """What tells the local hour, day, week or month of an instant from all others."""
    if interval == "week":
        return tuple(instant.isocalendar())[:2]
    parts = {"hour": 4, "day": 3, "month": 2}[interval]
    return instant.timetuple()[:parts], instant.utcoffset() if interval == "hour" else None


def quarters_of(found: TimeRange) -> list[datetime]:
    """Every quarter hour of a range, in local time."""
    count = round((found.end.timestamp() - found.start.timestamp()) / QUARTER.total_seconds())
    begin = found.start.astimezone(timezone.utc)
    return [(begin + number * QUARTER).astimezone(found.zone) for number in range(count)]


@given(ranges(), st.sampled_from(["hour", "day", "week", "month"]))
def test_a_range_has_the_intervals_that_it_overlaps(found: TimeRange, interval: str) -> None:
    quarters = quarters_of(found)
    names = list(dict.fromkeys(name_of(one, interval) for one in quarters))
    starts = interval_starts(found, interval)
    assert [name_of(start, interval) for start in starts] == names
    assert starts[0].timestamp() <= found.start.timestamp()
    before, after = (
        (one.astimezone(timezone.utc) + shift).astimezone(found.zone)
        for one, shift in ((found.start, -QUARTER), (found.end, timedelta()))
    )
    cut = {0} if name_of(before, interval) == names[0] else set()
    if name_of(after, interval) == names[-1]:
        cut.add(len(names) - 1)
    assert partial_intervals(found, interval) == sorted(cut)


@given(ranges())
def test_a_range_is_widened_to_the_days_that_it_overlaps(found: TimeRange) -> None:
    days = sorted({one.date() for one in quarters_of(found)})
    whole = whole_days(found)
    assert whole.start.timestamp() == midnight(days[0], found.zone).timestamp()
    after = midnight(days[-1] + timedelta(days=1), found.zone)
    assert whole.end.timestamp() == after.timestamp()
    hours = [hour.date() for hour in clock_hour_starts(found)]
    assert sorted(set(hours)) == days


@given(ranges())
def test_the_period_before_a_range_is_never_empty_and_ends_about_where_it_begins(
    found: TimeRange,
) -> None:
    previous = with_previous(found, found.end, by_calendar=False).previous
    assert previous.start.timestamp() < previous.end.timestamp()
    # By the local clock, which may be an hour off.
    assert abs(previous.end.timestamp() - found.start.timestamp()) <= 3_600


@pytest.mark.parametrize("minutes", [0, 10, 20, 50])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Asia/Kolkata", "Europe/Berlin"])
def test_the_last_24_hours_are_whole_local_hours(zone: str, minutes: int) -> None:
    now = datetime(2026, 5, 6, 18, minutes, tzinfo=timezone.utc)
    found = parse_time_range(zone, now, period="24h", start=None, end=None)
    assert found.end.timestamp() - found.start.timestamp() == 86_400
    assert found.end - timedelta(hours=1) <= now < found.end
    assert len(interval_starts(found, "hour")) == 24
    assert partial_intervals(found, "hour") == []
