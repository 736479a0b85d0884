"""The period before a range: by months, by length, and cut where the range is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.query.execution.ratios import change_in_percent
from services.query.parsing.previous_period import (
    Comparison,
    pair_intervals,
    parse_comparison,
    with_previous,
)
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts, parse_time_range
from shared.errors import Unprocessable
from shared.events.local_days import day_of, midnight
from tests.unit.query.test_time_range import ZONES

LATER = datetime(2028, 1, 1, tzinfo=timezone.utc)


def compare(
    first: str,
    last: str | None,
    zone: str = "Europe/Berlin",
    now: datetime = LATER,
    kind: str = "previous_period",
) -> Comparison:
    """The range of these local days and what it is compared with, as a request gets them."""
    data = {"period": None, "start": first, "end": last, "compare": kind}
    request = QueryRequest(1, zone, now, data)
    return request.comparison(request.time_range())


def days_of(comparison: Comparison) -> tuple[str, str]:
    last = comparison.previous.end - timedelta(microseconds=1)
    return comparison.previous.start.date().isoformat(), last.date().isoformat()


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("2026-02-01", "2026-02-28", ("2026-01-01", "2026-01-31")),
        ("2026-04-01", "2026-06-30", ("2026-01-01", "2026-03-31")),
        ("2025-01-01", "2025-12-31", ("2024-01-01", "2024-12-31")),
        ("2027-02-01", "2027-02-28", ("2027-01-01", "2027-01-31")),  # four whole weeks as well
        ("2026-06-01", "2026-06-03", ("2026-05-01", "2026-05-03")),  # a month until a day
        ("2026-03-01", "2026-03-30", ("2026-02-01", "2026-02-28")),
        ("2026-05-01", "2026-06-10", ("2026-03-01", "2026-04-10")),
        ("2026-06-01", "2026-06-14", ("2026-05-18", "2026-05-31")),  # two weeks
        ("2026-06-01", "2026-06-01", ("2026-05-31", "2026-05-31")),
        ("2026-06-08", "2026-06-14", ("2026-06-01", "2026-06-07")),
        ("2026-06-03", "2026-06-12", ("2026-05-24", "2026-06-02")),
    ],
)
def test_months_are_compared_with_months_and_other_ranges_by_length(
    first: str, last: str, before: tuple[str, str]
) -> None:
    assert days_of(compare(first, last)) == before


@pytest.mark.parametrize(
    ("kind", "first", "last", "before"),
    [
        ("previous_year", "2026-03-10", "2026-03-12", ("2025-03-10", "2025-03-12")),
        ("previous_year", "2024-02-29", "2024-02-29", ("2023-02-28", "2023-02-28")),
        ("previous_year", "2024-02-28", "2024-02-28", ("2023-02-28", "2023-02-28")),
        ("previous_year", "2024-02-01", "2024-02-29", ("2023-02-01", "2023-02-28")),
        ("previous_year", "2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-29")),
        ("weekdays", "2026-06-10", "2026-06-10", ("2026-06-03", "2026-06-03")),
        ("weekdays", "2026-06-08", "2026-06-14", ("2026-06-01", "2026-06-07")),
        ("weekdays", "2026-06-01", "2026-06-30", ("2026-04-27", "2026-05-26")),
        # Clocks go forward in between.
        ("weekdays", "2026-03-28", "2026-04-01", ("2026-03-21", "2026-03-25")),
    ],
)
def test_a_range_is_compared_with_the_year_before_or_with_the_same_weekdays(
    kind: str, first: str, last: str, before: tuple[str, str]
) -> None:
    assert days_of(compare(first, last, kind=kind)) == before


def test_a_running_range_is_cut_at_the_same_time_of_the_same_weekday() -> None:
    now = datetime(2026, 6, 12, 10, 7, tzinfo=timezone.utc)
    ranges = compare("2026-06-08", "2026-06-14", now=now, kind="weekdays")
    assert ranges.previous.end.isoformat() == "2026-06-05T12:15:00+02:00"
    assert ranges.previous.end.weekday() == now.weekday()


@pytest.mark.parametrize("kind", ["moon", "", 1, None, ["weekdays"]])
def test_an_unknown_comparison_is_refused(kind: object) -> None:
    with pytest.raises(Unprocessable):
        parse_comparison(kind)


@given(
    start=st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    days=st.integers(1, 400),
    zone=st.sampled_from(ZONES),
)
def test_the_same_weekdays_are_whole_weeks_before_and_do_not_overlap(
    start: date, days: int, zone: str
) -> None:
    last = start + timedelta(days=days - 1)
    weeks_before = start - timedelta(days=-(-days // 7) * 7)
    own = ZoneInfo(zone)  # Samoa had no 30 December 2011
    assume(all(day_of(midnight(day, own), own) == day for day in (start, weeks_before)))
    ranges = compare(start.isoformat(), last.isoformat(), zone, kind="weekdays")
    before = ranges.previous.start.date()
    assert before.weekday() == start.weekday()
    assert ranges.previous.end <= ranges.current.start
    assert (start - before).days - days < 7


def test_a_running_month_is_cut_at_the_same_local_time_of_the_month_before() -> None:
    now = datetime(2026, 4, 10, 10, 7, tzinfo=timezone.utc)
    previous = compare("2026-04-01", "2026-04-30", now=now).previous
    assert previous.start.isoformat() == "2026-03-01T00:00:00+01:00"
    assert previous.end.isoformat() == "2026-03-10T12:15:00+01:00"
    last_day = datetime(2026, 3, 31, 12, tzinfo=timezone.utc)
    previous = compare("2026-03-01", "2026-03-31", now=last_day).previous
    assert previous.end.isoformat() == "2026-03-01T00:00:00+01:00"


def test_the_last_seven_days_follow_no_calendar() -> None:
    now = datetime(2026, 3, 7, 23, 50, tzinfo=timezone.utc)
    request = QueryRequest(1, "UTC", now, {"period": "7d", "start": None, "end": None})
    assert days_of(request.comparison(request.time_range())) == ("2026-02-22", "2026-02-28")


@pytest.mark.parametrize(
    ("day", "left_out", "without"),
    [
        ("2026-03-29", 2, None),  # 02:00 of the day before has no counterpart on this day
        ("2026-03-30", None, 2),  # and this day's 02:00 had none on the day before
        ("2026-10-25", None, 3),  # the second 02:00
        ("2026-10-26", 3, None),
    ],
)
def test_hours_are_paired_by_their_local_names(
    day: str, left_out: int | None, without: int | None
) -> None:
    comparison = compare(day, day)
    paired = pair_intervals(comparison, "hour")
    now = interval_starts(comparison.current, "hour")
    assert len(paired.indexes) == len(paired.dates) == len(now)
    missing = set(range(len(paired.starts))) - set(paired.indexes)
    assert missing == (set() if left_out is None else {left_out})
    assert [at for at, index in enumerate(paired.indexes) if index is None] == (
        [] if without is None else [without]
    )
    for start, index in zip(now, paired.indexes, strict=True):
        assert index is None or paired.starts[index].hour == start.hour


@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 1)),
    st.integers(0, 70),
    st.sampled_from(ZONES),
    st.sampled_from(["hour", "day", "week", "month"]),
)
def test_the_previous_period_ends_where_the_range_begins(
    first: date, days: int, zone: str, interval: str
) -> None:
    last = first + timedelta(days=days)
    comparison = compare(first.isoformat(), last.isoformat(), zone, now=LATER + timedelta(days=900))
    current, previous = comparison.current, comparison.previous
    assert previous.start < previous.end <= current.start
    if first.day != 1 or (last + timedelta(days=1)).day == 1:  # not a month until a day
        assert previous.end == current.start
    paired = pair_intervals(comparison, interval)
    read = [index for index in paired.indexes if index is not None]
    assert read == sorted(set(read))
    assert paired.dates == sorted(paired.dates)


def test_a_change_has_the_sign_of_the_difference_and_none_from_nothing() -> None:
    assert change_in_percent(15, 10) == 50
    assert change_in_percent(10, -10) == 200
    assert change_in_percent(5, 0) is None


def test_named_periods_of_a_year_are_compared_by_months() -> None:
    now = datetime(2026, 6, 4, 12, tzinfo=timezone.utc)
    span = parse_time_range("UTC", now, period="12mo", start=None, end=None)
    previous = with_previous(span, now, by_calendar=True).previous
    assert previous.start.isoformat() == "2024-07-01T00:00:00+00:00"
    assert previous.end.isoformat() == "2025-06-04T12:00:00+00:00"


def test_a_number_of_days_is_a_range_of_its_own() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=timezone.utc)
    parameters = {"period": None, "start": None, "end": None, "days": 30}
    request = QueryRequest(1, "Europe/Berlin", now, parameters)
    comparison = request.comparison(request.time_range())
    assert comparison.current.start.isoformat() == "2026-03-01T00:00:00+01:00"
    assert comparison.current.end.isoformat() == "2026-03-31T00:00:00+02:00"
    assert comparison.previous.start.isoformat() == "2026-01-30T00:00:00+01:00"
    with pytest.raises(Unprocessable) as problem:
        QueryRequest(1, "UTC", now, {**parameters, "period": "7d"}).time_range()
    assert list(problem.value.errors) == ["days"]
