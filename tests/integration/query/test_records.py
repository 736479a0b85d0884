"""Lists of events, sessions and users, and sums by day, against an oracle in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.api.schemas.insights import load_request
from services.query.parsing.events import EventQuery
from services.query.parsing.previous_period import with_previous
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import parse_time_range
from services.query.records.events import EVENT_LIST
from services.query.records.sessions import SESSION_LIST
from services.query.reports.daily_rollups import DAILY_ROLLUPS
from services.query.reports.event_aggregates import EVENT_AGGREGATES
from services.query.reports.overview import OverviewPlan, run_overview
from services.query.reports.registry import INSIGHTS
from services.query.reports.stats import StatsPlan, run_stats
from services.query.reports.timeseries import TimeseriesPlan, run_timeseries
from services.query.reports.top_events import EVENT_COUNTS, TopEventsPlan, run_top_events
from services.query.visitors.totals import VISITOR_TOTALS
from services.query.visitors.trends import VISITOR_TRENDS
from services.query.visitors.users import USER_LIST
from shared.auth.access import ProjectAccess
from tests.support.insights import Sample, local_midnight, put, seal_some
from tests.support.queries import answer_to
from tests.support.session_oracle import oracle_name, with_sessions

ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"]
FIRST = date(2026, 4, 3)  # clocks of Lord Howe go back by half an hour on the 5th
DAYS = 4
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
RANGE: dict[str, Any] = {"period": None, "start": FIRST.isoformat(), "end": LAST.isoformat()}
NO_FILTER = dict.fromkeys(
    ("event_name", "event_type", "source", "distinct_id", "session_id", "device_id")
)
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def events(zone: str) -> Any:
    """Random events of four persons, some of them in sessions, around the days in question."""
    begin = local_midnight(zone, FIRST.year, FIRST.month, FIRST.day) - timedelta(days=1)
    return st.lists(
        st.builds(
            lambda minutes, name, person, source, session: Sample(
                begin + timedelta(minutes=minutes * 10),
                name,
                person,
                source=source,
                session=f"s{person}-{session}" if session else None,
            ),
            st.integers(0, (DAYS + 2) * 144 - 1),
            st.sampled_from(["a", "b", "page_view"]),
            st.integers(1, 4),
            st.sampled_from([None, "ios", "web"]),
            st.integers(0, 2),
        ),
        min_size=15,
        max_size=40,
    )


class World:
    """A project with events, some of its days sealed."""

    def __init__(self, data: st.DataObject, connection: Connection) -> None:
        self.zone = data.draw(st.sampled_from(ZONES))
        self.rows: list[Sample] = data.draw(events(self.zone))
        self.project_id = put(connection, self.zone, self.rows)
        self.rows = with_sessions(self.rows)
        self.access = ProjectAccess(self.project_id, "Test", self.zone, "viewer")
        seal_some(data, connection, self.project_id, self.zone, FIRST, DAYS)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def day(self, row: Sample) -> date:
        return self.local(row.at).date()

    @property
    def asked(self) -> list[Sample]:
        return [row for row in self.rows if FIRST <= self.day(row) <= LAST]

    def sessions(self) -> dict[str, list[Sample]]:
        """Those that begin in the range, whole."""
        found: dict[str, list[Sample]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda one: one.at):
            if row.session:
                found[row.session].append(row)
        return {key: rows for key, rows in found.items() if FIRST <= self.day(rows[0]) <= LAST}


def pages(run: Callable[[dict[str, Any]], dict[str, Any]], limit: int) -> list[Any]:
    """Every item, page by page; each page but the last is full."""
    found: list[Any] = []
    cursor = None
    while True:
        answer = run({"limit": limit, "cursor": cursor})
        found += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return found
        assert len(answer["items"]) == limit


@quick
@given(data=st.data())
def test_sessions_are_listed_where_they_begin_with_their_figures(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    person = data.draw(st.none() | st.integers(1, 4))
    chosen = dict.fromkeys(
        ("source", "country", "device_type", "browser", "os_name", "utm_source", "utm_campaign",
         "entry_page", "distinct_id", "filters")
    )  # fmt: skip
    by_id = data.draw(st.booleans())
    chosen["distinct_id"] = f"person {person}" if person and by_id else None
    asked = {**RANGE, **chosen, "person_id": None if by_id else person}
    expected = {
        key: rows
        for key, rows in world.sessions().items()
        if person is None or rows[0].person == person
    }

    def run(page: dict[str, Any]) -> dict[str, Any]:
        return answer_to(SESSION_LIST, world.access, {**asked, **page}, NOW)

    found = pages(run, data.draw(st.integers(1, 5)))
    starts = [datetime.fromisoformat(one["started_at"]) for one in found]
    assert starts == sorted((rows[0].at for rows in expected.values()), reverse=True)
    names = [
        oracle_name(one["session_id"], one["person_id"], start)
        for one, start in zip(found, starts, strict=True)
    ]
    assert sorted(names) == sorted(expected)
    for name, one in zip(names, found, strict=True):
        rows = expected[name]
        assert one["person_id"] == rows[0].person
        assert datetime.fromisoformat(one["started_at"]) == rows[0].at
        assert one["duration_seconds"] == (rows[-1].at - rows[0].at).total_seconds()
        assert (one["events"], one["is_bounce"]) == (len(rows), len(rows) == 1)
    totals = run({"limit": 1, "cursor": None})
    lengths = [(rows[-1].at - rows[0].at).total_seconds() for rows in expected.values()]
    assert totals["total_sessions"] == len(expected)
    assert totals["unique_users"] == len({rows[0].person for rows in expected.values()})
    if expected:
        assert totals["average_seconds"] == pytest.approx(fmean(lengths), abs=0.001)
        assert totals["median_seconds"] == pytest.approx(median(lengths), abs=0.001)
        bounced = sum(len(rows) == 1 for rows in expected.values())
        assert totals["bounce_rate"] == pytest.approx(bounced / len(expected), abs=1e-6)


@quick
@given(data=st.data())
def test_users_are_listed_once_they_are_identified(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    end = local_midnight(world.zone, LAST.year, LAST.month, LAST.day) + timedelta(days=1)
    known = {
        person
        for person in {row.person for row in world.rows}
        if data.draw(st.booleans(), label=f"person {person} is known")
    }
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE persons SET identified_at = %s WHERE project_id = %s AND person_id = ANY(%s)",
            (end - timedelta(hours=1), world.project_id, sorted(known)),
        )
    database.commit()
    sort = data.draw(st.sampled_from(["events", "recent"]))
    active: dict[int, list[Sample]] = defaultdict(list)
    for row in world.asked:
        active[row.person].append(row)
    everybody = set(active)
    listed = {person: rows for person, rows in active.items() if person in known}

    def place(person: int) -> tuple[float, int]:
        rows = listed[person]
        size = len(rows) if sort == "events" else max(row.at for row in rows).timestamp()
        return -size, person

    def run(page: dict[str, Any]) -> dict[str, Any]:
        return answer_to(USER_LIST, world.access, {**RANGE, "sort": sort, **page}, NOW)

    found = pages(run, data.draw(st.integers(1, 3)))
    assert [one["person_id"] for one in found] == sorted(listed, key=place)
    for one in found:
        rows = listed[one["person_id"]]
        begun = [own for own in world.sessions().values() if own[0].person == one["person_id"]]
        assert (one["events"], one["sessions"]) == (len(rows), len(begun))
        assert datetime.fromisoformat(one["first_seen"]) == min(row.at for row in rows)
        assert datetime.fromisoformat(one["last_seen"]) == max(row.at for row in rows)
        assert one["distinct_ids"] == [f"person {one['person_id']}"]
    totals = run({"limit": 1, "cursor": None})
    assert totals["total_users"] == len(everybody)
    assert totals["identified_users"] == len(listed)
    assert totals["anonymous_users"] == len(everybody) - len(listed)


@quick
@given(data=st.data())
def test_sums_by_day_and_hour_are_those_of_the_events(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    interval = data.draw(st.sampled_from(["day", "hour"]))
    name, source = data.draw(
        st.sampled_from([(None, None), ("a", None), ("a", "ios"), (None, "web"), (None, "")])
    )
    if interval == "hour":
        source = None
    groups: dict[tuple[Any, ...], list[Sample]] = defaultdict(list)
    for row in world.asked:
        local = world.local(row.at)
        if name in {None, row.name} and source in {None, row.source or ""}:
            clock = (local.hour, str(local.utcoffset())) if interval == "hour" else ()
            origin = row.source or "" if interval == "day" else None
            groups[(local.date().isoformat(), *clock), row.name, origin].append(row)

    def run(page: dict[str, Any]) -> dict[str, Any]:
        asked = {**RANGE, "interval": interval, "event_type": name, "event_name": None}
        return answer_to(EVENT_AGGREGATES, world.access, {**asked, "source": source, **page}, NOW)

    def key(one: dict[str, Any]) -> tuple[Any, ...]:
        clock: tuple[Any, ...] = ()
        if interval == "hour":
            hour = datetime.fromisoformat(one["hour"])
            clock = (hour.hour, str(hour.utcoffset()))
        return (one["date"], *clock), one["event_name"], one["source"]

    found = pages(run, data.draw(st.integers(1, 7)))
    assert len(found) == len(groups)
    assert {key(one) for one in found} == set(groups)
    for one in found:
        rows = groups[key(one)]
        assert one["event_type"] == one["event_name"]
        assert one["count"] == len(rows)
        assert one["unique_users"] == len({row.person for row in rows})
        assert one["unique_sessions"] == len({row.session for row in rows} - {None})


@quick
@given(data=st.data())
def test_events_are_listed_newest_first_by_what_was_asked_for(
    database: Connection, data: st.DataObject
) -> None:
    world = World(data, database)
    field = data.draw(st.sampled_from(["event_name", "event_type", "source", "session_id",
                                       "distinct_id", "nothing"]))  # fmt: skip
    wanted = {
        "event_name": "a", "event_type": "a", "source": "ios", "session_id": "s1-1",
        "distinct_id": "person 1", "nothing": None,
    }[field]  # fmt: skip
    in_range = data.draw(st.booleans())
    asked = {**NO_FILTER, **({} if field == "nothing" else {field: wanted})}
    asked |= RANGE if in_range else dict.fromkeys(RANGE)

    def value(row: Sample) -> str | None:
        values = {"event_name": row.name, "event_type": row.name, "source": row.source}
        values |= {"session_id": row.session, "distinct_id": f"person {row.person}"}
        return values.get(field)

    rows = [row for row in (world.asked if in_range else world.rows) if value(row) == wanted]
    found = pages(
        lambda page: answer_to(EVENT_LIST, world.access, {**asked, **page}, NOW),
        data.draw(st.integers(1, 9)),
    )
    assert [datetime.fromisoformat(one["timestamp"]) for one in found] == sorted(
        (row.at for row in rows), reverse=True
    )
    assert len({one["id"] for one in found}) == len(rows)
    assert Counter(one["event_name"] for one in found) == Counter(row.name for row in rows)


@quick
@given(data=st.data())
def test_a_days_number_is_the_same_on_every_page(database: Connection, data: st.DataObject) -> None:
    world = World(data, database)
    day = FIRST + timedelta(days=data.draw(st.integers(0, DAYS - 1)))
    rows = [row for row in world.asked if world.day(row) == day]
    persons, text = len({row.person for row in rows}), day.isoformat()
    span = parse_time_range(world.zone, NOW, period=None, start=text, end=text)
    query = EventQuery(world.project_id, span)
    first = run_overview(OverviewPlan(query, with_previous(span, NOW, by_calendar=True)))
    asked = {"start_date": day, "end_date": day, "community_id": None, "division_id": None}
    summaries = answer_to(DAILY_ROLLUPS, world.access, RANGE, NOW)["items"]
    [summary] = [one for one in summaries if one["date"] == text]
    trends = answer_to(
        VISITOR_TRENDS,
        world.access,
        {**asked, "start_date": FIRST, "end_date": LAST, "interval": "day"},
        NOW,
    )
    users = answer_to(
        USER_LIST,
        world.access,
        {"period": None, "start": text, "end": text, "limit": 1, "cursor": None, "sort": "events"},
        NOW,
    )
    insight = daily_trends(world)
    place = (day - FIRST).days
    assert {
        first.unique_users,
        summary["unique_users"],
        answer_to(VISITOR_TOTALS, world.access, asked, NOW)["total_visitors"],
        trends["total"][place],
        users["total_users"],
        insight["series"][0]["values"][place],
    } == {persons}
    series = run_timeseries(TimeseriesPlan(query, interval="hour"))
    counts = answer_to(
        EVENT_COUNTS, world.access, {"period": None, "start": text, "end": text, "limit": 10}, NOW
    )
    assert {
        first.total_events,
        summary["total_events"],
        sum(summary["sources"].values()),
        series.series[0].total,
        run_top_events(TopEventsPlan(query, 10)).total_events,
        run_stats(StatsPlan(world.project_id, span)).total_events,
        counts["total_events"],
        sum(one["count"] for one in counts["items"]),
        insight["series"][1]["values"][place],
    } == {len(rows)}
    begun = sum(world.day(own[0]) == day for own in world.sessions().values())
    assert {first.unique_sessions, summary["unique_sessions"], listed_sessions(world, text)} == {
        begun
    }


def daily_trends(world: World) -> dict[str, Any]:
    """Persons and events by day, as the trends insight has them."""
    asked = {
        "from": FIRST.isoformat(),
        "to": LAST.isoformat(),
        "interval": "day",
        "series": [{"metric": "unique_persons"}, {"metric": "count"}],
    }
    trends = INSIGHTS["trends"]
    request = QueryRequest(world.project_id, world.zone, NOW, load_request(trends, asked))
    return trends.answer(request)


def listed_sessions(world: World, day: str) -> int:
    """The number of sessions that the list of a day counts."""
    asked = {
        **dict.fromkeys(("person_id", "distinct_id", *NO_FILTER)),
        **dict.fromkeys(("country", "device_type", "browser", "os_name", "utm_source",
                         "utm_campaign", "entry_page", "filters")),
        "period": None, "start": day, "end": day, "limit": 1, "cursor": None,
    }  # fmt: skip
    return int(answer_to(SESSION_LIST, world.access, asked, NOW)["total_sessions"])
