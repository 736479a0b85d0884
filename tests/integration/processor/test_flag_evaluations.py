"""How often flags were evaluated is copied from Redis to PostgreSQL, once, whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.maintenance.flag_evaluations import (
    DAYS,
    store_flag_evaluations,
    sum_up_flag_evaluations,
)
from shared.flags.evaluation_counts import (
    HOUR_SECONDS,
    CountedAs,
    ProjectHour,
    add,
    project_hours,
    sums,
)
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
    assert project_hours(state) == [ProjectHour(HOUR, project_id, 0)]


def test_an_hour_that_is_over_is_removed_from_redis(database: Connection, state: Redis) -> None:
    project_id = make_project(database, "UTC")
    one = CountedAs(project_id, 7, "loaded", "a variant: ä")
    add(state, HOUR, {one: 1})
    store_flag_evaluations(database, state, NOW + timedelta(minutes=65))
    assert project_hours(state) == [
        ProjectHour(HOUR, project_id, 0)
    ]  # somebody's clock may be late
    store_flag_evaluations(database, state, NOW + timedelta(minutes=71))
    assert project_hours(state) == []
    assert not state.exists(ProjectHour(HOUR, project_id).key)
    assert [row[-1] for row in stored(database, project_id)] == [1]


def test_only_sums_that_have_changed_are_copied(database: Connection, state: Redis) -> None:
    quiet, busy = (CountedAs(make_project(database, "UTC"), 7, "used", "true") for _ in range(2))
    add(state, HOUR, {quiet: 1, busy: 1})
    assert store_flag_evaluations(database, state, NOW) == 2
    assert store_flag_evaluations(database, state, NOW) == 0
    add(state, HOUR, {busy: 1})
    assert store_flag_evaluations(database, state, NOW) == 1
    assert [row[-1] for row in stored(database, busy.project_id)] == [2]


def test_what_is_added_while_sums_are_copied_is_copied_next_time(
    database: Connection, state: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = CountedAs(make_project(database, "UTC"), 7, "used", "true")
    add(state, HOUR, {one: 1})

    def read(*given: Any) -> Any:
        yield from [*sums(*given)]
        add(state, HOUR, {one: 1})

    over = NOW + timedelta(minutes=71)
    with monkeypatch.context() as patch:
        patch.setattr("services.processor.maintenance.flag_evaluations.sums", read)
        assert store_flag_evaluations(database, state, over) == 1
    assert store_flag_evaluations(database, state, over) == 1
    assert [row[-1] for row in stored(database, one.project_id)] == [2]
    assert project_hours(state) == []


TODAY = HOUR // 24 * 24


def _store_hours(database: Connection, state: Redis, one: CountedAs, *hours: int) -> None:
    """Store an evaluation of each hour, and take them from Redis."""
    for hour in hours:
        add(state, hour, {one: 1})
        store_flag_evaluations(database, state, NOW + timedelta(days=1))


def test_days_before_yesterday_are_summed_up_and_old_ones_deleted(
    database: Connection, state: Redis
) -> None:
    one = CountedAs(make_project(database, "UTC"), 7, "used", "true")
    oldest, before = TODAY - DAYS * 24, TODAY - 48
    hours = (oldest - 1, oldest, before, before + 1, before + 23, TODAY - 24, TODAY - 23, HOUR)
    _store_hours(database, state, one, *hours)
    expected = Counter([oldest, before, before, before, TODAY - 24, TODAY - 23, HOUR])
    for _ in range(2):
        sum_up_flag_evaluations(database, state, NOW)
        assert {_hour(row[0]): row[-1] for row in stored(database, one.project_id)} == expected


def test_no_day_is_summed_up_whose_sums_may_be_copied_again(
    database: Connection, state: Redis
) -> None:
    one = CountedAs(make_project(database, "UTC"), 7, "used", "true")
    late = TODAY - 72 + 5
    _store_hours(database, state, one, late + 1, TODAY - 48 + 1)
    add(state, late, {one: 1})
    for _ in range(2):
        store_flag_evaluations(database, state, NOW - timedelta(days=10))  # not over by this clock
        sum_up_flag_evaluations(database, state, NOW)
        add(state, late, {one: 1})
    assert [row[-1] for row in stored(database, one.project_id)] == [2, 1, 1]
    store_flag_evaluations(database, state, NOW)
    sum_up_flag_evaluations(database, state, NOW)
    assert [row[-1] for row in stored(database, one.project_id)] == [4, 1]


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // HOUR_SECONDS


def test_many_counts_are_copied_in_parts(database: Connection, state: Redis) -> None:
    project_id = make_project(database, "UTC")
    flags = range(1, 5_001)
    counts = {CountedAs(project_id, flag, "loaded", "true"): flag for flag in flags}
    add(state, HOUR, counts)
    assert store_flag_evaluations(database, state, NOW) >= len(counts)
    assert [row[1::3] for row in stored(database, project_id)] == [(one, one) for one in flags]
