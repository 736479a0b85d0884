"""Sealed days say exactly what their rows say, whatever comes late and whoever is killed."""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap

from services.processor.sealing.day import seal_day
from services.query.execution.read_session import read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources import sealed_days
from services.query.sources.coverage import find_coverage
from shared.events.envelope import Event
from shared.events.local_days import day_of, span
from shared.models import ANY_EVENT
from tests.conftest import make_project
from tests.support.factories import NOON, an_event
from tests.support.sealing import UTC, contents, list_sealed_days, store, whole

DAY = NOON.date()


def some_events(chance: random.Random) -> list[Event]:
    """400 events of a day, with a property of two values and one that is always new."""
    return [
        an_event(
            chance.choice(["a", "b", "$pageview"]),
            at=NOON + timedelta(minutes=chance.randrange(-700, 700)),
            person=f"p{chance.randrange(60)}",
            source=chance.choice(["web", None]),
            properties=b'{"plan": "%s", "id": "%d"}'
            % (chance.choice([b"free", b"pro"]), chance.randrange(10**9)),
        )
        for _ in range(400)
    ]


def test_bitmaps_are_the_distinct_persons_of_the_rows(
    database: Connection, project_id: int
) -> None:
    events = some_events(random.Random(4))
    store(database, project_id, events)
    assert seal_day(database, project_id, DAY, UTC).is_clean
    oracle: dict[str, set[str]] = defaultdict(set)
    plans: dict[str, set[str]] = defaultdict(set)
    for event in events:
        oracle[event.event_name].add(event.distinct_id)
        oracle[ANY_EVENT].add(event.distinct_id)
        plans["free" if b"free" in event.properties else "pro"].add(event.distinct_id)
    number = numbers(database, project_id)
    with read_only_session() as session:
        cover = find_coverage(session, project_id, whole(DAY))
        assert (cover.dates, cover.raw) == ([DAY], [])
        bitmaps = sealed_days.person_bitmaps(session, project_id, cover.dates, list(oracle))
        counts = sealed_days.counts_by_day(session, project_id, cover.dates)
        figures = {
            name: sealed_days.value_counts(session, project_id, cover.dates, name, ANY_EVENT)
            for name in ("properties.plan", "properties.id")
        }
        assert figures["properties.id"] == []
        complete, incomplete = (
            sealed_days.complete_days(session, project_id, [DAY], ANY_EVENT, one)
            for one in figures.values()
        )
        values = list(
            sealed_days.value_bitmaps(
                session, project_id, cover.dates, "properties.plan", ANY_EVENT, values=None
            )
        )
    assert bitmaps == {
        (DAY, name): BitMap(number[person] for person in persons)
        for name, persons in oracle.items()
    }
    assert counts[DAY] == sealed_days.DayCounts(400, 400.0, len(oracle[ANY_EVENT]))
    assert {value: persons for _, value, persons in values} == {
        plan: BitMap(number[person] for person in persons) for plan, persons in plans.items()
    }
    assert (complete, incomplete) == ({DAY}, set())


def test_a_projects_own_properties_are_sealed_before_those_of_persons_and_groups(
    database: Connection, project_id: int
) -> None:
    names = [f"{kind}.{n}" for kind in ("$set", "$groups", "$group_set") for n in range(10)]
    of_subjects = dict.fromkeys(names, "x")
    events = [
        an_event("e", at=NOON, properties=json.dumps(of_subjects | own).encode())
        for own in ({}, {}, {"plan": "pro", "$set": "own"})
    ]
    store(database, project_id, events)
    assert seal_day(database, project_id, DAY, UTC).is_clean
    with read_only_session() as session:
        sealed = {
            name
            for name in ["plan", "$set", *of_subjects]
            if sealed_days.value_counts(session, project_id, [DAY], f"properties.{name}", ANY_EVENT)
        }
    assert {"plan", "$set"} < sealed
    assert len(sealed) == 20


def numbers(database: Connection, project_id: int) -> dict[str, int]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT distinct_id, person_id FROM person_distinct_ids WHERE project_id = %s",
            (project_id,),
        )
        found = dict(cursor.fetchall())
    database.rollback()
    return found


def test_a_late_event_voids_the_seal_of_its_day_and_of_no_other(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(at=NOON + timedelta(days=n)) for n in range(3)])
    for offset in range(3):
        seal_day(database, project_id, DAY + timedelta(days=offset), UTC)
    tomorrow = DAY + timedelta(days=1)
    store(database, project_id, [an_event(at=NOON + timedelta(days=1), person="late")])
    with read_only_session() as session:
        cover = find_coverage(session, project_id, whole(DAY, days=3))
    assert cover.dates == [DAY, DAY + timedelta(days=2)]
    assert cover.raw == [whole(tomorrow)]
    seal_day(database, project_id, tomorrow, UTC)
    with read_only_session() as session:
        cover = find_coverage(session, project_id, whole(DAY, days=3))
        counted = sealed_days.counts_by_day(session, project_id, cover.dates)
    assert [counted[day].persons for day in cover.dates] == [1, 2, 1]


def test_a_range_is_divided_the_same_whatever_its_session_has_read(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(at=NOON + timedelta(days=n)) for n in range(5)])
    days = [DAY + timedelta(days=n) for n in range(5)]
    for day in (days[0], days[1], days[3]):
        seal_day(database, project_id, day, UTC)
    noon_to_noon = TimeRange(NOON, NOON + timedelta(days=4), UTC)
    ranges = [
        *(whole(days[1]), whole(days[3]), whole(days[0], days=2), noon_to_noon),
        *(whole(days[2], days=2), whole(days[0], days=5), whole(days[4]), whole(days[1], days=3)),
    ]
    with read_only_session() as session:
        together = [find_coverage(session, project_id, one) for one in ranges]
    for one, found in zip(ranges, together, strict=True):
        with read_only_session() as session:
            assert found == find_coverage(session, project_id, one)
    assert together[3].dates == [days[1], days[3]]
    assert together[5].dates == [days[0], days[1], days[3]]


def test_a_resent_event_voids_nothing(database: Connection, project_id: int) -> None:
    event = an_event(event_id=uuid.uuid4())
    store(database, project_id, [event])
    seal_day(database, project_id, DAY, UTC)
    store(database, project_id, [event])
    with read_only_session() as session:
        assert find_coverage(session, project_id, whole(DAY)).dates == [DAY]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Kathmandu", date(2026, 3, 10), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/St_Johns", date(2026, 11, 1), 25),
        ("Africa/Cairo", date(2026, 4, 24), 23),
    ],
)
def test_a_local_day_holds_exactly_its_own_hours(
    database: Connection, zone: str, day: date, hours: float
) -> None:
    own = ZoneInfo(zone)
    project_id = make_project(database, zone)
    start, end = span(day, own)
    assert (end - start) / timedelta(hours=1) == hours
    step = timedelta(minutes=15)
    moments = [start - step + step * number for number in range(int(hours * 4) + 2)]
    store(
        database,
        project_id,
        [an_event(at=moment, person=f"{number}") for number, moment in enumerate(moments)],
    )
    seal_day(database, project_id, day, own)
    with read_only_session() as session:
        counted = sealed_days.counts_by_day(session, project_id, [day])
    assert counted[day].persons == hours * 4
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT hour, events FROM hourly_event_summaries WHERE project_id = %s "
            "AND event_name = '' ORDER BY 1",
            (project_id,),
        )
        found = cursor.fetchall()
    database.rollback()
    oracle: dict[tuple[int, timedelta | None], list[datetime]] = defaultdict(list)
    for moment in moments[1:-1]:
        local = moment.astimezone(own)
        oracle[local.hour, local.utcoffset()].append(moment)
    assert found == sorted((quarters[0], len(quarters)) for quarters in oracle.values())


def test_a_project_that_moves_to_another_zone_gets_other_days(database: Connection) -> None:
    project_id = make_project(database, "UTC")
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    store(database, project_id, [an_event(at=NOON), an_event(at=late, person="late")])
    seal_day(database, project_id, DAY, UTC)
    kathmandu = ZoneInfo("Asia/Kathmandu")
    with read_only_session() as session:
        assert find_coverage(session, project_id, whole(DAY, kathmandu)).dates == []
    for day in (DAY, day_of(late, kathmandu)):
        seal_day(database, project_id, day, kathmandu)
    with read_only_session() as session:
        cover = find_coverage(session, project_id, whole(DAY, kathmandu, days=2))
        counted = sealed_days.counts_by_day(session, project_id, cover.dates)
    assert [counted[day].events for day in cover.dates] == [1, 1]


@pytest.mark.parametrize("is_newest_first", [False, True])
@pytest.mark.parametrize(
    ("former", "zone"),
    [("UTC", "Europe/Berlin"), ("Europe/Berlin", "UTC"), ("America/New_York", "Asia/Tokyo")],
)
def test_days_of_another_zone_give_their_hours_to_those_of_the_new_one(
    database: Connection, former: str, zone: str, is_newest_first: bool
) -> None:
    events = [an_event(at=NOON + timedelta(hours=number)) for number in range(-48, 49)]
    moved, fresh = make_project(database, former), make_project(database, zone)
    for project_id in (moved, fresh):
        store(database, project_id, events)
    days = [DAY + timedelta(days=number) for number in range(-3, 4)]
    for day in days:
        seal_day(database, moved, day, ZoneInfo(former))
        seal_day(database, fresh, day, ZoneInfo(zone))
    for home in (zone, former, zone):  # and back again
        for day in reversed(days) if is_newest_first else days:
            assert seal_day(database, moved, day, ZoneInfo(home)).is_clean
        assert list_sealed_days(moved, days[0], ZoneInfo(home), len(days)) == days
    assert contents(database, moved) == contents(database, fresh)


def test_odd_texts_are_sealed_as_they_are(database: Connection, project_id: int) -> None:
    odd = ["", '"', ',"a', "a\nb", "\\N", "NULL", "\\.", "😀", "'; --", " "]
    store(database, project_id, [an_event(name or "empty", source=name) for name in odd])
    seal_day(database, project_id, DAY, UTC)
    with read_only_session() as session:
        values = sealed_days.value_counts(session, project_id, [DAY], "source", ANY_EVENT)
        bitmaps = sealed_days.person_bitmaps(session, project_id, [DAY], odd[1:])
    assert {row.value for row in values} == set(odd)
    assert {name for _, name in bitmaps} == set(odd[1:])
