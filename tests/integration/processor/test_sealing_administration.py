"""Sealed days as owners of the installation see them and have them sealed again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.jobs.workers import make_worker
from services.processor.monitoring.sealed_days import list_closed_days
from services.processor.monitoring.sealing import read_sealing
from services.processor.sealing.due import due_days, projects
from services.processor.sealing.run import seal_due
from shared.runtime.job_queue import JobQueue, job_queue
from tests.conftest import make_project
from tests.support.factories import NOON, an_event
from tests.support.operator import operator_client
from tests.support.sealing import UTC, list_sealed_days, one, store
from tests.support.three_days import DAY, LATER, some_days

_PATH = "/api/v1/system/sealing"


@pytest.fixture
def jobs_redis(backends: Backends) -> Iterator[Redis]:
    """Redis without waiting jobs."""
    with Redis.from_url(backends.redis_url) as client:
        job_queue(client, JobQueue.SYSTEM).empty()  # type: ignore[no-untyped-call]
        yield client
        job_queue(client, JobQueue.SYSTEM).empty()  # type: ignore[no-untyped-call]


def of(database: Connection, project_id: int, now: datetime = LATER) -> Any:
    """How far sealing is in a project, at a time."""
    found = read_sealing(database, now, limit=10_000)
    [item] = [item for item in found.items if item.project_id == project_id]
    return item


def fail(database: Connection, project_id: int, day: date) -> None:
    """Record that sealing a day failed twice."""
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO failed_attempts (project_id, work, day, attempts, started_at, failed_at,"
            " error) VALUES (%s, 'seal', %s, 2, now(), now(), 'IndexSize: too long')",
            (project_id, day),
        )
    database.commit()


def test_closed_days_wait_until_they_are_sealed(database: Connection, project_id: int) -> None:
    store(database, project_id, some_days())
    waiting = of(database, project_id)
    assert (waiting.sealed_days, waiting.waiting_days, waiting.last_sealed_day) == (0, 3, None)
    assert waiting.waiting_since == "2026-03-11T00:00:00+00:00"
    seal_due(database, NOON + timedelta(days=1), project_id=project_id)
    half = of(database, project_id)
    assert (half.sealed_days, half.waiting_days, half.last_sealed_day) == (1, 2, "2026-03-10")
    assert half.waiting_since == "2026-03-12T00:00:00+00:00"
    seal_due(database, LATER, project_id=project_id)
    sealed = of(database, project_id)
    assert (sealed.sealed_days, sealed.waiting_days, sealed.waiting_since) == (3, 0, None)
    store(database, project_id, [an_event(person="late")])
    late = of(database, project_id)
    dirtied = one(
        database, "SELECT max(dirtied_at) FROM sealed_days WHERE project_id = %s", project_id
    )
    assert isinstance(dirtied, datetime)
    assert (late.sealed_days, late.waiting_days) == (2, 1)
    assert late.waiting_since == dirtied.isoformat(timespec="seconds")


def test_days_of_another_time_zone_wait(database: Connection, project_id: int) -> None:
    store(database, project_id, some_days())
    seal_due(database, LATER, project_id=project_id)
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET timezone = 'Asia/Tokyo' WHERE id = %s", (project_id,))
        [project] = projects(cursor, project_id)
        due = due_days(cursor, project, LATER)
    database.commit()
    moved = of(database, project_id)
    assert (moved.sealed_days, moved.waiting_days, moved.last_sealed_day) == (0, len(due), None)
    oldest = min(entry.since for entry in due).astimezone(timezone.utc)
    assert moved.waiting_since == oldest.isoformat()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_as_many_days_wait_as_the_job_would_seal(database: Connection, zone: str) -> None:
    project_id = make_project(database, zone)
    store(database, project_id, some_days())
    with database.cursor() as cursor:
        for now in (NOON, NOON + timedelta(days=1, hours=9), LATER):
            [project] = projects(cursor, project_id)
            due = due_days(cursor, project, now)
            found = of(database, project_id, now)
            assert found.waiting_days == len(due)
            oldest = min((entry.since for entry in due), default=None)
            assert found.waiting_since == (oldest.isoformat() if oldest else None)
            seal_due(database, now, project_id=project_id)
            store(database, project_id, [an_event(at=NOON - timedelta(days=1), person=str(now))])


def test_days_say_why_they_wait(database: Connection, project_id: int) -> None:
    store(database, project_id, some_days())
    seal_due(database, NOON + timedelta(days=2), project_id=project_id)
    store(database, project_id, [an_event(person="late")])
    fail(database, project_id, DAY + timedelta(days=2))
    page = list_closed_days(database, project_id, LATER)
    assert [(day.day, day.state, day.reason, day.events) for day in page.items] == [
        ("2026-03-12", "failing", "new", None),
        ("2026-03-11", "sealed", None, page.items[1].events),
        ("2026-03-10", "waiting", "late_events", page.items[2].events),
    ]
    failing, sealed, late = page.items
    assert (failing.attempts, failing.error) == (2, "IndexSize: too long")
    tried_again = datetime.fromisoformat(failing.next_try_at or "") - datetime.now(timezone.utc)
    assert timedelta(minutes=2) < tried_again <= timedelta(minutes=4)
    assert (sealed.since, sealed.next_try_at, sealed.error) == (None, None, None)
    # The older a day is, the longer it waits for more late events, up to an hour.
    wait = datetime.fromisoformat(late.next_try_at or "") - datetime.fromisoformat(late.since or "")
    assert wait == timedelta(hours=1)
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET timezone = 'Asia/Tokyo' WHERE id = %s", (project_id,))
    database.commit()
    moved = list_closed_days(database, project_id, LATER, only_waiting=True, limit=1)
    assert (moved.total, moved.items[0].day) == (3, "2026-03-12")
    after = list_closed_days(database, project_id, LATER, offset=2, limit=1)
    assert after.items[0].reason == "time_zone"


def test_projects_that_fail_come_first_then_those_that_wait_longest(
    database: Connection,
) -> None:
    old, failing, sealed = (make_project(database, "UTC") for _ in range(3))
    for project_id in (old, failing, sealed):
        store(database, project_id, some_days())
    fail(database, failing, DAY)
    seal_due(database, LATER, project_id=sealed)
    client = operator_client(database)

    def order(limit: int = 100, **query: object) -> list[int]:
        """The order of these projects; those of other tests make many pages."""
        found, cursor = [], None
        while True:
            more: dict[str, object] = {} if cursor is None else {"cursor": cursor}
            page = client.get(f"{_PATH}/", query_string={**query, **more, "limit": limit}).json
            found += [item["project_id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                assert page["total"] == len(found)
                return [one for one in found if one in {old, failing, sealed}]

    assert order(limit=2, state="failing") == [failing]
    assert order(state="waiting")[0] == failing
    assert order(search="no such name") == []
    assert order(search="TEST")[0] == failing


def test_days_are_sealed_again_by_a_job(
    database: Connection, project_id: int, jobs_redis: Redis
) -> None:
    store(database, project_id, some_days())
    seal_due(database, LATER, project_id=project_id)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE sealed_events SET events = 999 WHERE project_id = %s AND day = %s",
            (project_id, DAY),
        )
    database.commit()
    fail(database, project_id, DAY)
    client = operator_client(database)
    body = {"from": "2026-03-10", "to": "2026-03-11"}
    answer = client.post(f"{_PATH}/{project_id}", json=body)
    assert (answer.status_code, answer.json) == (
        202,
        {"job_id": f"rebuild-{project_id}-20260310-20260311"},
    )
    assert client.post(f"{_PATH}/{project_id}", json=body).status_code == 409
    make_worker(jobs_redis, JobQueue.SYSTEM).work(burst=True, logging_level="CRITICAL")
    assert (
        one(
            database,
            "SELECT count(*) FROM sealed_events WHERE project_id = %s AND events = 999",
            project_id,
        )
        == 0
    )
    assert (
        one(database, "SELECT count(*) FROM failed_attempts WHERE project_id = %s", project_id) == 0
    )
    assert list_sealed_days(project_id, DAY, UTC, 3) == [DAY + timedelta(days=n) for n in range(3)]
    assert one(
        database,
        "SELECT details FROM audit_log WHERE project_id = %s AND action = 'days.sealing_requested'",
        project_id,
    ) == {"first_day": "2026-03-10", "last_day": "2026-03-11"}
    assert client.post(f"{_PATH}/{project_id}", json=body).status_code == 202


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-11", "2026-03-10", "to"),
        ("2026-03-09", "2026-03-10", "from"),
        ("2026-03-10", "2027-03-11", "to"),
        ("2026-03-10", "2999-01-01", "to"),
    ],
    ids=["order", "before the first event", "too many", "not over"],
)
def test_days_that_cannot_be_sealed_are_refused_at_their_field(
    database: Connection, project_id: int, jobs_redis: Redis, first: str, last: str, field: str
) -> None:
    store(database, project_id, some_days())
    client = operator_client(database)
    answer = client.post(f"{_PATH}/{project_id}", json={"from": first, "to": last})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert job_queue(jobs_redis, JobQueue.SYSTEM).job_ids == []


def test_only_owners_of_the_installation_see_sealed_days(
    database: Connection, project_id: int
) -> None:
    member, owner = operator_client(database, is_superuser=False), operator_client(database)
    body = {"from": "2026-03-10", "to": "2026-03-10"}
    assert member.get(f"{_PATH}/").status_code == 403
    assert member.get(f"{_PATH}/{project_id}").status_code == 403
    assert member.post(f"{_PATH}/{project_id}", json=body).status_code == 403
    for missing in (2_000_000_000, 2**40):
        assert owner.get(f"{_PATH}/{missing}").status_code == 404
        assert owner.post(f"{_PATH}/{missing}", json=body).status_code == 404
    assert owner.post(f"{_PATH}/{project_id}", json=body).json["errors"].keys() == {"from"}
