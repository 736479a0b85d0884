"""How often flags were evaluated is copied from Redis to PostgreSQL, once, whatever happens."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.maintenance.flag_evaluations import DAYS, store_flag_evaluations
from shared.flags.evaluation_counts import HOUR_SECONDS, CountedAs, add, hour_key, hours
from shared.runtime.redis_clients import get_jobs_redis
from tests.conftest import make_project

HOUR = int(datetime.now(timezone.utc).timestamp()) // HOUR_SECONDS
NOW = datetime.fromtimestamp(HOUR * HOUR_SECONDS, timezone.utc)


@pytest.fixture
def state(stream: Redis) -> Redis:
    """The Redis of the state, without counts of other tests."""
    redis = get_jobs_redis()
    for key in redis.scan_iter(match="flag-evaluations*"):
        redis.delete(key)
    return redis


def stored(database: Connection, project_id: int) -> list[Any]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT hour, flag_id, request, value, evaluations FROM flag_evaluations"
            " WHERE project_id = %s ORDER BY hour, flag_id, value",
            (project_id,),
        )
        return cursor.fetchall()


def test_sums_of_an_hour_are_copied_as_often_as_they_grow(
    database: Connection, state: Redis
) -> None:
    project_id = make_project(database, "UTC")
    on, off = (CountedAs(project_id, 7, "used", value) for value in ("true", "false"))
    add(state, HOUR, {on: 3, off: 1})
    for _ in range(2):
        store_flag_evaluations(database, state, NOW)
        assert stored(database, project_id) == [
            (NOW, 7, "used", "false", 1),
            (NOW, 7, "used", "true", 3),
        ]
    add(state, HOUR, {on: 2})
    store_flag_evaluations(database, state, NOW + timedelta(minutes=59))
    assert [row[-1] for row in stored(database, project_id)] == [1, 5]
    assert hours(state) == [HOUR]


def test_an_hour_that_is_over_is_removed_from_redis_and_old_ones_from_postgresql(
    database: Connection, state: Redis
) -> None:
    project_id = make_project(database, "UTC")
    one = CountedAs(project_id, 7, "loaded", "a variant: ä")
    add(state, HOUR, {one: 1})
    store_flag_evaluations(database, state, NOW + timedelta(minutes=65))
    assert hours(state) == [HOUR]  # somebody's clock may be late
    store_flag_evaluations(database, state, NOW + timedelta(minutes=71))
    assert hours(state) == []
    assert not state.exists(hour_key(HOUR))
    assert [row[-1] for row in stored(database, project_id)] == [1]
    later = NOW + timedelta(days=DAYS)
    add(state, HOUR + 24 * DAYS, {one: 2})
    store_flag_evaluations(database, state, later + timedelta(minutes=71))
    assert stored(database, project_id) == [(later, 7, "loaded", "a variant: ä", 2)]


def test_many_counts_are_copied_in_parts(database: Connection, state: Redis) -> None:
    project_id = make_project(database, "UTC")
    flags = range(1, 5_001)
    counts = {CountedAs(project_id, flag, "loaded", "true"): flag for flag in flags}
    add(state, HOUR, counts)
    assert store_flag_evaluations(database, state, NOW) >= len(counts)
    assert [row[1::3] for row in stored(database, project_id)] == [(one, one) for one in flags]
