"""Retention removes rows and keeps what was counted; a deleted person leaves no bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta

import pytest
from psycopg2.extensions import connection as Connection
from pyroaring import BitMap

from services.processor.maintenance import reconcile, retention
from services.processor.maintenance.rebuild import rebuild
from services.processor.sealing.person_removal import remove_person
from services.processor.sealing.run import seal_due
from services.processor.storing import partitions
from shared.runtime import data_version
from shared.runtime import database as connections
from shared.runtime.redis_clients import get_state_redis
from tests.conftest import make_project
from tests.support.factories import NOON, an_event
from tests.support.sealing import contents, list_sealed_days, one, store
from tests.support.three_days import DAY, LATER, some_days


def keep_for(database: Connection, project_id: int, days: int) -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = %s WHERE id = %s", (days, project_id))
    database.commit()


def keep_crawled(database: Connection, project_id: int, times: dict[str, datetime]) -> None:
    """Keep an event of a crawler of each name."""
    with database.cursor() as cursor:
        for name, at in times.items():
            cursor.execute(
                "INSERT INTO crawler_events (project_id, event_id, timestamp, event_name, "
                "key_kind, crawler_class, operator, sample_weight) "
                "VALUES (%s, gen_random_uuid(), %s, %s, 'public', 'ai', '', 1)",
                (project_id, at, name),
            )
    database.commit()


def test_retention_removes_rows_and_keeps_what_was_counted(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, some_days())
    store(database, project_id, [an_event(at=NOON + timedelta(days=40))])
    now = NOON + timedelta(days=41)
    keep_for(database, project_id, 30)
    keep_crawled(database, project_id, {"old": now - timedelta(days=32), "new": now})
    planned = retention.plan_removal(database, now, project_id)
    assert planned.rows == 200
    seal_due(database, now, project_id=project_id)
    before = contents(database, project_id)
    version = data_version.current(get_state_redis(), project_id)
    removal = retention.remove_expired(database, now, project_id=project_id)
    assert (
        data_version.current(get_state_redis(), project_id) != version
    )  # cached answers are stale
    assert (removal.unsettled, removal.expired_days) == ([], planned.expired_days)
    assert one(database, "SELECT count(*) FROM events WHERE project_id = %s", project_id) == 1
    assert one(
        database, "SELECT event_name FROM crawler_events WHERE project_id = %s", project_id
    ) == ("new")
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


@pytest.fixture
def three_old_days(database: Connection, project_id: int) -> Iterator[tuple[int, list[date]]]:
    """A project with expired rows of three days; another one keeps those of the second day."""
    times = [NOON - timedelta(days=1000 - number) for number in range(3)]
    store(database, project_id, [an_event(at=at) for at in times])
    store(database, make_project(database, "UTC"), [an_event(at=times[1])])
    keep_for(database, project_id, 10)
    yield project_id, [at.date() for at in times]
    retention.remove_expired(database, NOON, project_id=project_id)


def test_a_partition_that_cannot_be_dropped_holds_up_nothing_else(
    database: Connection, three_old_days: tuple[int, list[date]]
) -> None:
    project_id, (stuck, shared, last) = three_old_days
    with database.cursor() as cursor:
        cursor.execute(f"CREATE VIEW in_use AS SELECT * FROM {partitions.table_name(stuck)}")
    database.commit()
    try:
        for _ in range(2):  # the second time it is a leftover
            removal = retention.remove_expired(database, NOON, project_id=project_id)
            assert removal.undropped == [stuck]
            assert not {stuck, shared} & {*removal.partitions}
            assert partitions.list_projects(database, shared) != [project_id]
        assert last not in partitions.list_days(database)
        assert one(database, "SELECT count(*) FROM events WHERE project_id = %s", project_id) == 0
    finally:
        with database.cursor() as cursor:
            cursor.execute("DROP VIEW in_use")
        database.commit()
    removal = retention.remove_expired(database, NOON, project_id=project_id)
    assert removal.partitions == [stuck]


def test_without_the_owner_rows_are_deleted_one_by_one(
    database: Connection,
    three_old_days: tuple[int, list[date]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project_id, (first, _, last) = three_old_days
    nobody = "postgresql://nobody@127.0.0.1:1/none"
    with monkeypatch.context() as patch:
        patch.setattr(
            retention, "owner_connection", lambda name: closing(connections.connect(nobody, name))
        )
        removal = retention.remove_expired(database, NOON, project_id=project_id)
    assert (removal.rows, removal.undropped) == (3, [first, last])
    assert one(database, "SELECT count(*) FROM events WHERE project_id = %s", project_id) == 0


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
