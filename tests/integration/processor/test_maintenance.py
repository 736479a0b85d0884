"""Rebuilding, reconciling, retention: what keeps the tables true and small."""

from __future__ import annotations

import random
from contextlib import ExitStack, closing
from datetime import datetime, timedelta, timezone

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap

from deploy.local.backends import Backends
from services.processor.jobs.locks import try_lock
from services.processor.maintenance import reconcile, retention
from services.processor.maintenance.rebuild import rebuild
from services.processor.sealing.person_removal import remove_person
from services.processor.sealing.run import seal_due
from services.processor.storing import partitions
from services.query.execution.read_session import read_only_session
from services.query.sources import sealed_days
from services.query.sources.coverage import find_coverage
from shared.errors import Conflict, NotFound
from shared.events.envelope import Event
from shared.runtime import data_version
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.redis_clients import get_cache
from tests.conftest import make_project, plain_url
from tests.support.factories import NOON, an_event
from tests.support.sealing import DERIVED_TABLES, contents, list_sealed_days, one, store, whole

DAY = NOON.date()
LATER = NOON + timedelta(days=3)


def some_days(count: int = 200, seed: int = 1) -> list[Event]:
    """Events of three days."""
    chance = random.Random(seed)
    return [
        an_event(
            chance.choice(["a", "b", "$pageview"]),
            at=NOON + timedelta(minutes=chance.randrange(-700, 2 * 1440)),
            person=f"p{chance.randrange(30)}",
            source=chance.choice(["web", "ios", None]),
        )
        for _ in range(count)
    ]


def test_days_are_sealed_once_they_are_over_and_again_when_something_came_late(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    midnight = datetime(2026, 3, 11, tzinfo=NOON.tzinfo)
    early = seal_due(database, midnight + timedelta(minutes=5), project_id=project_id)
    assert early.sealed == 0
    first = seal_due(database, midnight + timedelta(minutes=15), project_id=project_id)
    assert (first.sealed, list_sealed_days(project_id, DAY, days=3)) == (1, [DAY])
    assert seal_due(database, LATER, project_id=project_id).sealed == 2
    assert seal_due(database, LATER, project_id=project_id).sealed == 0
    store(database, project_id, [an_event(person="late")])
    assert seal_due(database, LATER, project_id=project_id).sealed == 1


def test_a_day_that_events_trickle_into_is_not_sealed_for_each_of_them(
    database: Connection, project_id: int
) -> None:
    now = datetime.now(timezone.utc)
    store(database, project_id, [an_event(at=now - timedelta(days=2))])
    seal_due(database, now, project_id=project_id, wait_for_late_events=True)
    store(database, project_id, [an_event(at=now - timedelta(days=2), person="late")])
    soon, later = now + timedelta(minutes=5), now + timedelta(hours=2)
    assert seal_due(database, soon, project_id=project_id, wait_for_late_events=True).sealed == 0
    assert seal_due(database, later, project_id=project_id, wait_for_late_events=True).sealed == 1


def test_days_without_events_are_sealed_too_and_notice_a_late_one(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event()])
    assert seal_due(database, NOON + timedelta(days=400), project_id=project_id).sealed == 400
    store(database, project_id, [an_event(at=NOON + timedelta(days=200))])
    assert seal_due(database, NOON + timedelta(days=400), project_id=project_id).sealed == 1
    with read_only_session() as session:
        cover = find_coverage(session, project_id, whole(DAY, days=300))
        counted = sealed_days.counts_by_day(session, project_id, cover.dates)
    assert (len(cover.dates), cover.raw) == (300, [])
    assert {day: row.events for day, row in counted.items()} == {
        DAY: 1,
        DAY + timedelta(days=200): 1,
    }


def test_a_rebuild_gives_the_same_tables_byte_for_byte(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    seal_due(database, LATER, project_id=project_id)
    before = contents(database, project_id)
    with database.cursor() as cursor:
        for table in DERIVED_TABLES:
            cursor.execute(
                f"DELETE FROM {table} WHERE project_id = %s AND random() < 0.5", (project_id,)
            )
        cursor.execute(
            "UPDATE event_counts SET events = events + 7 WHERE project_id = %s AND random() < 0.5",
            (project_id,),
        )
        cursor.execute(
            "INSERT INTO event_counts VALUES (%s, %s, 'never happened', '', 3)", (project_id, NOON)
        )
    database.commit()
    assert contents(database, project_id) != before
    done = rebuild(database, project_id, None, None, LATER)
    assert contents(database, project_id) == before
    assert done.counts_corrected > 0
    assert rebuild(database, project_id, None, None, LATER).counts_corrected == 0


def test_a_rebuild_that_stops_halfway_makes_cached_answers_stale(
    database: Connection, backends: Backends, project_id: int
) -> None:
    store(database, project_id, some_days())
    before = data_version.current(get_cache(), project_id)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as other, ExitStack() as locks:

        def repair_elsewhere(done: int, total: int, what: str) -> None:
            locks.enter_context(try_lock(other, AdvisoryLock.REPAIR, project_id))

        with pytest.raises(Conflict, match="repaired by another process"):
            rebuild(database, project_id, None, None, LATER, progress=repair_elsewhere)
    assert data_version.current(get_cache(), project_id) != before


def test_rebuilding_an_unknown_project_says_so(database: Connection) -> None:
    with pytest.raises(NotFound, match="no project 2000000000"):
        rebuild(database, 2_000_000_000, None, None, LATER)


def test_drift_in_closed_hours_is_found_and_recorded_once(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    now = NOON + timedelta(hours=3, minutes=20)
    reconcile.reconcile_hours(database, now)
    recorded = "SELECT count(*) FROM rollup_drifts WHERE project_id = %s AND repaired_at IS NULL"
    assert one(database, recorded, project_id) == 0
    store(database, project_id, [an_event("drifting", at=NOON + timedelta(hours=4))])
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE event_counts SET events = 5 WHERE project_id = %s AND event_name = 'drifting'",
            (project_id,),
        )
    database.commit()
    reconcile.reconcile_hours(database, NOON + timedelta(hours=4, minutes=59))
    assert one(database, recorded, project_id) == 0  # that hour is not over
    reconcile.reconcile_hours(database, NOON + timedelta(hours=5, minutes=1))
    assert one(database, recorded, project_id) == 1
    rebuild(database, project_id, DAY, DAY, LATER)
    assert one(database, recorded, project_id) == 0
    assert (
        one(
            database,
            "SELECT events FROM event_counts WHERE project_id = %s AND event_name = 'drifting'",
            project_id,
        )
        == 1
    )


def test_a_sealed_day_that_differs_from_its_counts_is_found(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    seal_due(database, LATER, project_id=project_id)
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM event_counts WHERE project_id = %s", (project_id,))
    database.commit()
    reconcile.reconcile_days(database, LATER)
    found = "SELECT coalesce(sum(stored), 0)::int FROM rollup_drifts WHERE project_id = %s"
    assert one(database, found, project_id) == 200


def keep_for(database: Connection, project_id: int, days: int) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = %s WHERE id = %s", (days, project_id))
    database.commit()


def test_retention_removes_rows_and_keeps_what_was_counted(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    store(database, project_id, [an_event(at=NOON + timedelta(days=40))])
    now = NOON + timedelta(days=41)
    keep_for(database, project_id, 30)
    planned = retention.plan_removal(database, now, project_id)
    assert planned.rows == 200
    seal_due(database, now, project_id=project_id)
    before = contents(database, project_id)
    version = data_version.current(get_cache(), project_id)
    removal = retention.remove_expired(database, now, project_id=project_id)
    assert data_version.current(get_cache(), project_id) != version  # cached answers are stale
    assert (removal.unsettled, removal.expired_days) == ([], planned.expired_days)
    assert one(database, "SELECT count(*) FROM events WHERE project_id = %s", project_id) == 1
    assert contents(database, project_id) == before
    assert list_sealed_days(project_id, DAY, days=3) == [DAY + timedelta(days=n) for n in range(3)]
    # A latecomer changes no expired day, neither do sealing, rebuilding and reconciling.
    store(database, project_id, [an_event(person="very late")])
    seal_due(database, now, project_id=project_id)
    done = rebuild(database, project_id, DAY, DAY + timedelta(days=2), now)
    assert len(done.expired) == 3
    reconcile.reconcile_days(database, now)
    assert one(database, "SELECT 1 FROM rollup_drifts WHERE project_id = %s", project_id) is None
    assert list_sealed_days(project_id, DAY) == [DAY]
    retention.remove_expired(database, now, project_id=project_id)
    assert one(database, "SELECT count(*) FROM events WHERE project_id = %s", project_id) == 1


def test_a_partition_is_dropped_whole_only_when_nobody_wants_its_rows(
    database: Connection,
) -> None:
    day = NOON - timedelta(days=900)
    short, long = make_project(database, "Asia/Kathmandu"), make_project(database, "UTC")
    for project_id in (short, long):
        store(database, project_id, [an_event(at=day)])
    keep_for(database, short, 10)
    now = day + timedelta(days=30)
    assert retention.remove_expired(database, now).partitions == []
    assert partitions.list_projects(database, day.date()) == [long]
    keep_for(database, long, 20)
    assert retention.remove_expired(database, now).partitions == [day.date()]
    assert day.date() not in partitions.list_days(database)
    assert list_sealed_days(long, day.date()) == [day.date()]
    store(database, long, [an_event(at=day)])  # the partition is made again


def test_a_partition_that_was_detached_and_not_dropped_is_cleared_away(
    database: Connection, project_id: int
) -> None:
    day = NOON - timedelta(days=950)
    store(database, project_id, [an_event(at=day)])
    with database.cursor() as cursor:
        cursor.execute(f"ALTER TABLE events DETACH PARTITION {partitions.table_name(day.date())}")
    database.commit()
    retention.remove_expired(database, NOON)
    assert one(database, "SELECT to_regclass(%s)", partitions.table_name(day.date())) is None


def test_a_forgotten_person_has_no_bit_left_also_on_expired_days(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    seal_due(database, LATER, project_id=project_id)
    keep_for(database, project_id, 1)
    retention.remove_expired(database, LATER, project_id=project_id)  # expires the first two days
    person = one(
        database,
        "SELECT person_id FROM person_distinct_ids WHERE project_id = %s AND distinct_id = 'p3'",
        project_id,
    )
    assert isinstance(person, int)
    with database.cursor() as cursor:
        days = remove_person(cursor, project_id, person)
    database.commit()
    assert days
    with database.cursor() as cursor:
        for table in ("sealed_events", "sealed_values"):
            cursor.execute(
                f"SELECT person_bitmap, persons FROM {table} WHERE project_id = %s", (project_id,)
            )
            for raw, persons in cursor.fetchall():
                bitmap = BitMap.deserialize(raw)
                assert person not in bitmap
                assert len(bitmap) == persons
    database.rollback()
    held = list_sealed_days(project_id, DAY, days=3)
    assert DAY in held  # expired: it counts though it was changed
    assert DAY + timedelta(days=2) not in held  # its events are still to be corrected
