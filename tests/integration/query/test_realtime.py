"""The visitors of the last half hour, and the busiest hours, against counting by hand."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.visitors.peaks import VISITOR_PEAKS
from services.query.visitors.query import Audience
from services.query.visitors.realtime import RealtimePlan, realtime
from shared.auth.access import ProjectAccess
from tests.support.insights import Sample, local_midnight, put
from tests.support.queries import answer_to

NOW = datetime(2026, 3, 28, 12, 0, 5, tzinfo=timezone.utc)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize("window", [1, 5, 30])
def test_visitors_join_and_leave_by_minute(database: Connection, window: int) -> None:
    chance = random.Random(window)
    rows = [Sample(ago(chance.uniform(0.01, 70)), "opened", chance.randrange(6)) for _ in range(60)]
    found = realtime(RealtimePlan(Audience(put(database, "UTC", rows)), NOW, window))

    def seen(begin: int, end: int) -> set[int]:
        """The visitors from so many minutes ago until so many minutes ago."""
        return {row.person for row in rows if ago(begin) <= row.at < ago(end)}

    assert len(found.minutes) == 30
    for index, minute in enumerate(found.minutes):
        old = 30 - index
        here, before = seen(old, old - 1), seen(old + window, old)
        assert datetime.fromisoformat(minute.start) == ago(old)
        assert minute.visitors == len(here)
        assert minute.joined == len(here - before)
        assert minute.left == len(
            seen(old + window, old + window - 1) - seen(old + window - 1, old - 1)
        )
    assert (found.count, found.online_minutes) == (len(seen(window, 0)), window)
    assert found.timestamp == "2026-03-28T12:00:05Z"


def test_where_visitors_are_who_are_online(database: Connection) -> None:
    rows = [
        Sample(ago(20), "page_view", 9, "FR", page="https://a.example/gone"),
        Sample(ago(4), "page_view", 1, "CA", page="https://a.example/first", community="c1"),
        Sample(ago(2), "page_view", 1, "CA", page="https://a.example/last", community="c1"),
        Sample(ago(1), "played", 1, "CA", community="c1"),
        Sample(ago(3), "page_view", 2, "DE", page="https://a.example/last"),
        Sample(ago(3), "played", 3, referrer="https://search.example/?q=x"),
    ]
    project_id = put(database, "UTC", rows)
    found = realtime(RealtimePlan(Audience(project_id), NOW, 5))
    assert [(one.value, one.visitors) for one in found.pages] == [("/last", 2)]
    assert {(one.value, one.visitors) for one in found.countries} == {
        ("CA", 1),
        ("DE", 1),
        (None, 1),
    }
    assert ("search.example", 1) in {(one.value, one.visitors) for one in found.sources}
    of_community = realtime(RealtimePlan(Audience(project_id, "c1"), NOW, 5))
    assert of_community.count == 1
    assert [(one.value, one.visitors) for one in of_community.countries] == [("CA", 1)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
@pytest.mark.parametrize("is_sealed", [False, True])
def test_peaks_are_the_busiest_hours_of_days(
    database: Connection, zone: str, is_sealed: bool
) -> None:
    begin = local_midnight(zone, 2026, 3, 28)
    chance = random.Random(zone)
    rows = [
        Sample(
            begin + timedelta(minutes=chance.randrange(3 * 1440)),
            "opened",
            chance.randrange(20),
            community=chance.choice(["c1", None]),
        )
        for _ in range(200)
    ]
    project_id = put(database, zone, rows)
    access = ProjectAccess(project_id, "Test", zone, "viewer")
    if is_sealed:
        for day in (0, 1):
            seal_day(database, project_id, begin.date() + timedelta(days=day), ZoneInfo(zone))
        database.commit()
    days: dict[str, Any] = {
        "start_date": begin.date(),
        "end_date": begin.date() + timedelta(days=3),
    }
    for community in (None, "c1"):
        asked = {**days, "community_id": community}
        found = answer_to(VISITOR_PEAKS, access, asked, begin + timedelta(days=9))["items"]
        by_hour: dict[datetime, set[int]] = {}
        for row in rows:
            if community in {None, row.community}:
                local = row.at.astimezone(ZoneInfo(zone))
                by_hour.setdefault(local.replace(minute=0, second=0), set()).add(row.person)
        for item in found:
            of_day = {
                hour: len(who)
                for hour, who in by_hour.items()
                if hour.date().isoformat() == item["date"]
            }
            most = max(of_day.values(), default=0)
            assert item["visitors"] == most
            assert (item["hour"] is None) == (most == 0)
            if most:
                assert (
                    of_day[datetime.fromisoformat(item["hour"]).astimezone(ZoneInfo(zone))] == most
                )
        assert len(found) == 4
        year = {**asked, "start_date": begin.date() - timedelta(days=300)}
        of_year = answer_to(VISITOR_PEAKS, access, year, begin + timedelta(days=9))["items"]
        assert len(of_year) == 304
        assert of_year[300:] == found
