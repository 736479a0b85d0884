"""What has changed, and what happens now, against counting by hand; sealed or not."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.sealing.day import seal_day
from services.query.monitoring.live import LivePlan, run_live
from services.query.parsing.events import EventQuery
from services.query.parsing.previous_period import with_previous
from services.query.parsing.time_range import TimeRange
from services.query.reports.live_persons import LivePersonsPlan, run_live_persons
from services.query.reports.movers import MoversPlan, run_movers
from services.query.sources.live_values import LiveList
from tests.support.insight_oracle import NOW, span_of
from tests.support.insights import Sample, put

BEGIN, ZONE = datetime(2026, 3, 9, tzinfo=timezone.utc), ZoneInfo("UTC")


@pytest.mark.parametrize("is_sealed", [False, True])
def test_the_most_remarkable_changes_come_first(database: Connection, is_sealed: bool) -> None:
    def views(day: int, count: int, page: str, country: str) -> list[Sample]:
        at = BEGIN + timedelta(days=day)
        return [
            Sample(at + timedelta(minutes=n), "page_view", n, country, page=page)
            for n in range(count)
        ]

    rows = [*views(0, 50, "/", "CA"), *views(1, 51, "/", "CA")]
    rows += [*views(0, 2, "/new", "DE"), *views(1, 30, "/new", "DE")]
    # A change that chance makes, though it is 200 percent.
    rows += [*views(0, 1, "/rare", "CA"), *views(1, 3, "/rare", "CA")]
    project_id = put(database, "UTC", rows)
    if is_sealed:
        for day in (0, 1):
            seal_day(database, project_id, BEGIN.date() + timedelta(days=day), ZONE)
        database.commit()
    span = span_of("UTC", date(2026, 3, 10), date(2026, 3, 10))
    compare = with_previous(span, NOW, by_calendar=True)
    answer = run_movers(MoversPlan(EventQuery(project_id, span), compare, 5))
    assert answer.first_event == "2026-03-09T00:00:00+00:00"
    found = answer.items
    assert [(one.property, one.value, one.previous, one.current) for one in found] == [
        ("country", "DE", 2, 30),
        ("page_path", "/new", 2, 30),
    ]
    assert found[0].change == 1400.0
    assert found[1].cause is not None
    assert (found[1].cause.property, found[1].cause.value) == ("referrer_domain", None)


def test_live_says_who_is_there_and_where(database: Connection) -> None:
    def at(minutes: float) -> datetime:
        return BEGIN - timedelta(minutes=minutes)

    rows = [
        Sample(at(40), "page_view", 1, "FR", page="/old"),
        Sample(at(20), "page_view", 2, "FR", page="/left"),
        Sample(at(4), "page_view", 1, "CA", page="/a"),
        Sample(at(1), "page_view", 1, None, page="/b"),
        Sample(at(3), "played", 3, "CA"),
    ]
    project_id = put(database, "UTC", rows)
    span = TimeRange(at(30), at(-5), ZONE)
    live = run_live(LivePlan(EventQuery(project_id, span), BEGIN, 2, None))
    assert live.users_now == 2
    assert [n for n, one in enumerate(live.minutes) if one.users] == [10, 26, 27, 29]
    assert [(one.value, one.users) for one in live.pages] == [("/b", 1)]
    assert [(one.value, one.users) for one in live.countries] == [("CA", 2)]
    assert [one.event_name for one in live.events] == ["page_view", "played"]
    # A row leads to whose last value it is, not to everybody who ever had it.
    now = EventQuery(project_id, TimeRange(at(5), at(-5), ZONE))
    rows_of_now: tuple[tuple[LiveList, str | None, set[int]], ...] = (
        ("pages", "/b", {1}),
        ("pages", "/a", set()),
        ("countries", "CA", {1, 3}),
        ("sources", None, {1, 3}),
    )
    for name, value, expected in rows_of_now:
        behind = run_live_persons(LivePersonsPlan(now, name, value)).persons
        assert set(behind) == expected, (name, value)
    named = run_live(LivePlan(EventQuery(project_id, span), BEGIN, 5, "played"))
    assert [one.event_name for one in named.events] == ["played"]
    assert named.users_now == 2
