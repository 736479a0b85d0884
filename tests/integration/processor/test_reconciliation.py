"""Rebuilding and reconciling keep the derived tables equal to the rows."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import timedelta

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.jobs.locks import try_lock
from services.processor.maintenance import reconcile
from services.processor.maintenance.rebuild import rebuild
from services.processor.sealing.run import seal_due
from shared.errors import Conflict, NotFound
from shared.runtime import data_version
from shared.runtime.advisory_locks import AdvisoryLock
from shared.runtime.redis_clients import get_state_redis
from tests.conftest import plain_url
from tests.support.factories import NOON, an_event
from tests.support.sealing import DERIVED_TABLES, contents, one, store
from tests.support.three_days import DAY, LATER, some_days


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
    before = data_version.current(get_state_redis(), project_id)
    with closing(psycopg2.connect(plain_url(backends.database_url))) as other, ExitStack() as locks:

        def repair_elsewhere(done: int, total: int, what: str) -> None:
            locks.enter_context(try_lock(other, AdvisoryLock.REPAIR, project_id))

        with pytest.raises(Conflict, match="repaired by another process"):
            rebuild(database, project_id, None, None, LATER, progress=repair_elsewhere)
    assert data_version.current(get_state_redis(), project_id) != before


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
