"""When reports are due, also where clocks change, and which days they cover."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shared.reports.schedule import (
    FREQUENCIES,
    Period,
    Rhythm,
    instant_of,
    latest_due,
    next_due,
    period_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc,arg-type]


def daily(time: str) -> Rhythm:
    return Rhythm("daily", 1, 1, time)


def test_a_time_that_clocks_skip_is_due_at_the_first_instant_after_the_gap() -> None:
    # On 29 March 2026 clocks go from 02:00 to 03:00, which is 01:00 UTC.
    assert instant_of(date(2026, 3, 29), "02:30", BERLIN) == utc(2026, 3, 29, 1)
    assert instant_of(date(2026, 3, 29), "03:00", BERLIN) == utc(2026, 3, 29, 1)
    # Half an hour is skipped here: 02:00 to 02:30 on 4 October 2026, which is 15:30 UTC before.
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert instant_of(date(2026, 10, 4), "02:10", lord_howe) == utc(2026, 10, 3, 15, 30)


def test_a_time_that_comes_twice_is_due_once() -> None:
    # On 25 October 2026 the hour from 02:00 comes twice: at 00:00 and 01:00 UTC.
    first = next_due(daily("02:30"), BERLIN, utc(2026, 10, 24, 12))
    assert first == utc(2026, 10, 25, 0, 30)
    assert next_due(daily("02:30"), BERLIN, first) == utc(2026, 10, 26, 1, 30)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_every_due_time_follows_the_one_before(zone: str, frequency: str) -> None:
    rhythm, info = Rhythm(frequency, 7, 31, "02:15"), ZoneInfo(zone)
    due = next_due(rhythm, info, utc(2026, 1, 1))
    covered = [period_of(rhythm, due, info)]
    for _ in range(800 if frequency == "daily" else 60):
        following = next_due(rhythm, info, due)
        assert latest_due(rhythm, info, following) == following
        assert latest_due(rhythm, info, following - timedelta(seconds=1)) == due
        due = following
        covered.append(period_of(rhythm, due, info))
    # Each day is in one report.
    for one, other in pairwise(covered):
        assert other.first == one.last + timedelta(days=1)


def test_a_report_on_the_31st_is_due_on_the_last_day_of_shorter_months() -> None:
    rhythm = Rhythm("monthly", 1, 31, "08:00")
    due = [utc(2026, 1, 15)]
    for _ in range(4):
        due.append(next_due(rhythm, BERLIN, due[-1]))
    assert [f"{one:%m-%d %H:%M}" for one in due[1:]] == [
        "01-31 07:00", "02-28 07:00", "03-31 06:00", "04-30 06:00",
    ]  # fmt: skip


def test_a_report_covers_whole_days_before_it() -> None:
    due = utc(2026, 3, 2, 7)  # a Monday, 08:00 in Berlin
    assert period_of(daily("08:00"), due, BERLIN) == Period(date(2026, 3, 1), date(2026, 3, 1))
    weekly, monthly = (Rhythm(frequency, 1, 2, "08:00") for frequency in ("weekly", "monthly"))
    assert period_of(weekly, due, BERLIN) == Period(date(2026, 2, 23), date(2026, 3, 1))
    assert period_of(monthly, due, BERLIN) == Period(date(2026, 2, 1), date(2026, 2, 28))
