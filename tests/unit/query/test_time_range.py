"""Ranges and their intervals, in zones with half hours and on days of 23 and 25 hours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.parsing.filters import parse_filter
from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import (
    PERIODS,
    TimeRange,
    interval_starts,
    parse_time_range,
    partial_intervals,
)
from shared.errors import Unprocessable

ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    "America/St_Johns", "Pacific/Apia", "Africa/Cairo",
]  # fmt: skip
instants = st.integers(1_704_067_200, 1_798_761_600).map(
    lambda seconds: datetime.fromtimestamp(seconds, timezone.utc)
)


def days(zone: str, first: str, last: str) -> TimeRange:
    return parse_time_range(zone, datetime.now(timezone.utc), period=None, start=first, end=last)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_a_day_has_as_many_hours_as_the_clocks_say(day: str, hours: int) -> None:
    span = days("Europe/Berlin", day, day)
    assert (span.end.astimezone(timezone.utc) - span.start.astimezone(timezone.utc)) == timedelta(
        hours=hours
    )
    starts = interval_starts(span, "hour")
    assert len(starts) == hours
    assert len({start.astimezone(timezone.utc) for start in starts}) == hours


@pytest.mark.parametrize("text", ["20260330", "2026-W14", "2026-W14-1"])
def test_a_date_is_a_whole_local_day_in_every_iso_form(text: str) -> None:
    zone = "Europe/Berlin"
    assert days(zone, text, text) == days(zone, "2026-03-30", "2026-03-30")
    condition = {"property": "until", "operator": "after"}
    assert parse_filter({**condition, "value": text}) == parse_filter(
        {**condition, "value": "2026-03-30"}
    )


def _period_of(moment: datetime, interval: str) -> tuple[int, ...]:
    """Which local hour, day, week or month an instant is in."""
    if interval == "week":
        return tuple(moment.isocalendar()[:2])
    parts = {"hour": 4, "day": 3, "month": 2}[interval]
    return tuple(moment.timetuple()[:parts])


@given(instants, st.sampled_from(ZONES), st.sampled_from(["hour", "day", "week", "month"]))
def test_every_instant_lies_in_exactly_one_interval(
    moment: datetime, zone: str, interval: str
) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date()
    span = days(zone, (day - timedelta(days=2)).isoformat(), (day + timedelta(days=2)).isoformat())
    starts = [start.astimezone(timezone.utc) for start in interval_starts(span, interval)]
    assert starts == sorted(set(starts))
    assert starts[0] <= span.start.astimezone(timezone.utc)
    current = max(start for start in starts if start <= moment).astimezone(ZoneInfo(zone))
    assert _period_of(current, interval) == _period_of(local, interval)


@given(instants, st.sampled_from(ZONES), st.sampled_from(PERIODS))
def test_a_period_contains_now_and_rollups_can_answer_it(
    now: datetime, zone: str, period: str
) -> None:
    span = parse_time_range(zone, now, period=period, start=None, end=None)
    assert span.start <= now < span.end
    assert span.is_aligned


def test_the_previous_period_is_cut_where_the_current_one_is() -> None:
    now = datetime(2026, 3, 31, 10, 7, tzinfo=timezone.utc)
    span = parse_time_range("Europe/Berlin", now, period="7d", start=None, end=None)
    previous = with_previous(span, now, by_calendar=False).previous
    # 12:07 in Berlin counts up to 12:15, a week earlier, on the other side of the clock change.
    assert previous.start.isoformat() == "2026-03-18T00:00:00+01:00"
    assert previous.end.isoformat() == "2026-03-24T12:15:00+01:00"


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-02-01", "2026-01-01", "to"),
        ("1950-01-01", "2026-01-01", "from"),
        ("1980-01-01", "2026-01-01", "from"),
        ("yesterday", None, "from"),
        ("2026-01-01", "2026-13-01", "to"),
    ],
)
def test_an_impossible_range_names_its_field(start: str, end: str | None, field: str) -> None:
    with pytest.raises(Unprocessable) as problem:
        parse_time_range("UTC", datetime.now(timezone.utc), period=None, start=start, end=end)
    assert list(problem.value.errors) == [field]


def test_too_many_points_are_refused() -> None:
    with pytest.raises(Unprocessable):
        interval_starts(days("UTC", "2025-01-01", "2026-01-01"), "minute15")


@pytest.mark.parametrize(
    ("first", "last", "interval", "partial"),
    [
        ("2026-03-09", "2026-03-22", "week", []),
        ("2026-03-12", "2026-03-22", "week", [0]),
        ("2026-03-09", "2026-03-20", "week", [1]),
        ("2026-03-10", "2026-03-11", "week", [0]),
        ("2026-03-12", "2026-04-02", "month", [0, 1]),
        ("2026-03-29", "2026-03-29", "hour", []),
        ("2026-03-12T10:20:00", "2026-03-12T13:00:00", "hour", [0]),
        ("2026-03-12T00:00:00", "2026-03-14T10:00:00", "day", [2]),
    ],
)
def test_intervals_that_the_range_cuts_are_named(
    first: str, last: str, interval: str, partial: list[int]
) -> None:
    assert partial_intervals(days("Europe/Berlin", first, last), interval) == partial
