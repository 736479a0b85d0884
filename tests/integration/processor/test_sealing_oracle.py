"""Sealed days and summaries against counting by hand, over days on which clocks change."""

from __future__ import annotations

import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from services.processor.sealing.day import seal_day
from services.query.execution.read_session import read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources import sealed_days
from services.query.sources.coverage import find_coverage
from shared.events.local_days import day_of, days_between
from tests.conftest import make_project
from tests.support.factories import an_event
from tests.support.sealing import UTC, contents, persons_of, store, whole

FIRST = date(2026, 3, 27)
DAYS = [FIRST + timedelta(days=number) for number in range(5)]
PERSONS = ["ann", "bob", "cid", "dan"]
PAGES = {None: None, "https://x.org/a?b": "/a", "https://x.org/a#c": "/a", "https://x.org": "/"}


class Row(NamedTuple):
    """What an example says of an event."""

    name: str
    at: datetime
    person: str
    session_id: str | None
    page: str | None
    weight: float | None
    community: str | None
    division: str | None


# Three days around the change of the clocks in Berlin, to the second.
rows = st.lists(
    st.builds(
        Row,
        name=st.sampled_from(["a", "b", "$pageview", "page_view", "screen_view"]),
        at=st.integers(0, 3 * 86_400 - 1).map(
            lambda seconds: datetime(2026, 3, 28, tzinfo=UTC) + timedelta(seconds=seconds)
        ),
        person=st.sampled_from(PERSONS),
        session_id=st.sampled_from([None, "s1", "s2"]),
        page=st.sampled_from(list(PAGES)),
        weight=st.sampled_from([None, 1.0, 2.0, 1 / 0.3]),
        community=st.sampled_from([None, "north", "south"]),
        division=st.sampled_from([None, "d1", "d2"]),
    ),
    max_size=25,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns"]),
    first=rows,
    late=rows,
    seed=st.integers(0, 99),
)
def test_sealed_then_late_then_sealed_again_is_the_same_as_from_scratch(
    database: Connection, zone: str, first: list[Row], late: list[Row], seed: int
) -> None:
    own = ZoneInfo(zone)
    twice, once = make_project(database, zone), make_project(database, zone)
    for project_id in (twice, once):  # persons get the same numbers, whoever comes first
        long_ago = datetime(2025, 1, 1, tzinfo=UTC)
        store(database, project_id, [an_event("hello", at=long_ago, person=p) for p in PERSONS])
    store_rows(database, twice, first)
    for day in DAYS:
        seal_day(database, twice, day, own)
    store_rows(database, twice, late)
    with read_only_session() as session:
        clean = find_coverage(session, twice, whole(FIRST, own, len(DAYS))).dates
    begun, begin = set(session_starts(first)), set(session_starts(first + late))
    changed = {day_of(moment, own) for moment in {row.at for row in late} | (begun ^ begin)}
    assert not set(clean) & changed
    # Where a client's session may have begun before is not looked up: its days are sealed again.
    assert set(DAYS) - set(clean) <= changed | days_within_sessions(first + late, own)
    for day in DAYS:
        if day not in clean:
            seal_day(database, twice, day, own)
    shuffled = first + late
    random.Random(seed).shuffle(shuffled)
    store_rows(database, once, shuffled)
    for day in DAYS:
        seal_day(database, once, day, own)
    assert contents(database, twice) == contents(database, once)
    check_events(database, once, own, shuffled)
    check_hours(database, once, own, shuffled)
    check_pages(database, once, own, shuffled)
    check_communities(database, once, own, shuffled)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "Europe/Berlin"]),
    some=rows,
    sealed_numbers=st.sets(st.integers(0, 4)),
    late=rows,
    ends=st.tuples(st.integers(0, 5 * 96), st.integers(1, 5 * 96)),
    name=st.sampled_from(["", "a", "$pageview"]),
)
def test_sealed_days_and_raw_rows_together_are_exact_for_any_range(
    database: Connection,
    zone: str,
    *,
    some: list[Row],
    sealed_numbers: set[int],
    late: list[Row],
    ends: tuple[int, int],
    name: str,
) -> None:
    own = ZoneInfo(zone)
    project_id = make_project(database, zone)
    store_rows(database, project_id, some)
    for number in sealed_numbers:
        seal_day(database, project_id, DAYS[number], own)
    store_rows(database, project_id, late)
    start = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=15 * ends[0])
    asked = TimeRange(start, start + timedelta(minutes=15 * ends[1]), own)
    found = persons_of(project_id, asked, name or None)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT person_id FROM events WHERE project_id = %s AND timestamp >= %s "
            "AND timestamp < %s AND (event_name = %s OR %s = '')",
            (project_id, asked.start, asked.end, name, name),
        )
        expected = {person for (person,) in cursor.fetchall()}
    database.rollback()
    assert set(found) == expected


def store_rows(database: Connection, project_id: int, some: Iterable[Row]) -> None:
    """Store them, every column included."""
    made = [(uuid.uuid4(), row) for row in some]
    events = []
    for event_id, row in made:
        event = an_event(
            row.name, at=row.at, person=row.person, session_id=row.session_id, event_id=event_id
        )
        event.page_url = row.page
        events.append(event)
    store(database, project_id, events)
    with database.cursor() as cursor:
        execute_values(
            cursor,
            "UPDATE events e SET sample_weight = v.weight::real, community_id = v.community, "
            "division_id = v.division FROM (VALUES %s) AS v (id, weight, community, division) "
            f"WHERE e.project_id = {project_id} AND e.event_id = v.id::uuid",
            [(str(event_id), row.weight, row.community, row.division) for event_id, row in made],
        )
    database.commit()


def check_events(database: Connection, project_id: int, zone: ZoneInfo, some: list[Row]) -> None:
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in some:
        by_day[day_of(row.at, zone)].append(row)
    begun = Counter(day_of(start, zone) for start in session_starts(some))
    assert ask(
        database,
        project_id,
        "day, events, unique_persons, unique_sessions FROM project_daily_summaries",
    ) == {
        (
            day,
            len(found),
            len({row.person for row in found}),
            begun[day],
        )
        for day, found in by_day.items()
    }
    with read_only_session() as session:
        sealed_counts = sealed_days.counts_by_day(session, project_id, DAYS)
    assert set(sealed_counts) == set(by_day)
    for day, found in by_day.items():
        expected = sum(row.weight or 1.0 for row in found)
        assert abs(sealed_counts[day].weight - expected) < 1e-5 * len(found)


def days_within_sessions(some: list[Row], zone: ZoneInfo) -> set[date]:
    """The days that the clients' sessions reach over."""
    found: set[date] = set()
    for session_id in {row.session_id for row in some} - {None}:
        times = [row.at for row in some if row.session_id == session_id]
        found.update(days_between(day_of(min(times), zone), day_of(max(times), zone)))
    return found


def session_starts(some: list[Row]) -> list[datetime]:
    """Where sessions begin: of a person's id from a client, or after more than an hour of rest.

    A client's id is a session for a day at most.
    """
    starts: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    rests = []
    last: dict[str, datetime] = {}
    for row in sorted(some, key=lambda row: row.at):
        if row.session_id is not None:
            begun = starts[row.session_id, row.person]
            if not begun or row.at - begun[-1] > timedelta(days=1):
                begun.append(row.at)
            continue
        if row.person not in last or row.at - last[row.person] > timedelta(hours=1):
            rests.append(row.at)
        last[row.person] = row.at
    return [*chain.from_iterable(starts.values()), *rests]


def check_hours(database: Connection, project_id: int, zone: ZoneInfo, some: list[Row]) -> None:
    hours: dict[tuple[datetime, str], set[str]] = defaultdict(set)
    for row in some:
        # In these zones clocks change on the full hour.
        local = row.at.astimezone(zone)
        start = row.at - timedelta(minutes=local.minute, seconds=local.second)
        hours[start, row.name].add(row.person)
    assert ask(
        database,
        project_id,
        "hour, event_name, unique_persons FROM hourly_event_summaries",
        "AND event_name <> ''",
    ) == {(hour, name, len(persons)) for (hour, name), persons in hours.items()}


def check_pages(database: Connection, project_id: int, zone: ZoneInfo, some: list[Row]) -> None:
    views: dict[tuple[date, str | None], list[str]] = defaultdict(list)
    for row in some:
        if row.name in ("$pageview", "page_view", "screen_view"):
            views[day_of(row.at, zone), PAGES[row.page]].append(row.person)
    assert ask(
        database,
        project_id,
        "day, page_path, page_views, unique_visitors FROM page_daily_summaries",
    ) == {(day, path, len(by), len(set(by))) for (day, path), by in views.items()}


def check_communities(
    database: Connection, project_id: int, zone: ZoneInfo, some: list[Row]
) -> None:
    visitors: dict[tuple[date, str, str], set[str]] = defaultdict(set)
    divisions: dict[tuple[date, str], set[str]] = defaultdict(set)
    for row in some:
        day = day_of(row.at, zone)
        if row.community:
            visitors[day, row.community, row.division or ""].add(row.person)
        if row.division:
            divisions[day, row.division].add(row.person)
    assert ask(
        database,
        project_id,
        "day, community_id, division_id, unique_visitors FROM community_daily_summaries",
    ) == {(*key, len(persons)) for key, persons in visitors.items()}
    assert ask(
        database, project_id, "day, division_id, unique_visitors FROM division_daily_summaries"
    ) == {(*key, len(persons)) for key, persons in divisions.items()}


def ask(
    database: Connection, project_id: int, what: str, condition: str = ""
) -> set[tuple[Any, ...]]:
    """Rows of a summary; they are all different."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {what} WHERE project_id = %s {condition}", (project_id,))
        found = cursor.fetchall()
    database.rollback()
    assert len(set(found)) == len(found)
    return set(found)
