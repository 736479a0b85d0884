"""Jobs as owners of the installation list, retry and remove them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from rq.registry import FailedJobRegistry

from deploy.local.backends import Backends
from services.processor.commands import jobs as command
from services.processor.jobs import tasks
from services.processor.jobs.schedule import SCHEDULE, enqueue_scheduled
from services.processor.jobs.workers import make_worker
from shared.runtime.job_queue import JobQueue, enqueue, job_queue
from tests.support.operator import operator_client

_PATH = "/api/v1/system/jobs"
_TASKS = "services.processor.jobs.tasks"


@pytest.fixture
def jobs_redis(backends: Backends) -> Iterator[Redis]:
    """Redis without any job, before and after."""
    with Redis.from_url(backends.redis_url) as client:
        forget_jobs(client)
        yield client
        forget_jobs(client)


def forget_jobs(redis: Redis) -> None:
    for key in redis.scan_iter("rq:*"):
        redis.delete(key)


def listed(client: Any, **query: object) -> dict[str, Any]:
    answer = client.get(f"{_PATH}/", query_string=query)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def run_jobs(redis: Redis, queue: JobQueue = JobQueue.SYSTEM) -> None:
    """Run what waits, each in a process of its own, as the worker does."""
    make_worker(redis, queue).work(burst=True, logging_level="CRITICAL")


def failed(redis: Redis, count: int) -> list[str]:
    """Jobs that failed for projects that do not exist; their ids, newest first."""
    made = []
    for number in range(count):
        made.append(enqueue(redis, f"{_TASKS}.rebuild", 2_000_000_000 + number).id)
        run_jobs(redis)
    return made[::-1]


def logged(database: Connection, project_id: int) -> list[tuple[str, dict[str, Any]]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT action, details FROM audit_log WHERE project_id = %s AND action LIKE 'jobs.%%' "
            "ORDER BY id",
            (project_id,),
        )
        found = cursor.fetchall()
    database.commit()
    return found


def test_waiting_jobs_are_listed_with_their_project_and_no_persons(
    database: Connection, project_id: int, jobs_redis: Redis
) -> None:
    enqueue(jobs_redis, f"{_TASKS}.delete_person", project_id, "ada@example.org")
    enqueue(jobs_redis, f"{_TASKS}.rebuild", project_id, "2026-03-10", "2026-03-12")
    enqueue_scheduled(jobs_redis, f"{_TASKS}.seal_days")
    client = operator_client(database)
    found = listed(client, status="queued")
    assert [(one["job"], one["queue"], one["project"], one["days"]) for one in found["items"]] == [
        ("rebuild", "system", "Test", "2026-03-10 2026-03-12"),
        ("seal_days", "system", None, None),
        ("delete_person", "deletions", "Test", None),
    ]
    assert all(one["since"] and one["error"] is None for one in found["items"])
    assert "ada@example.org" not in str(found)
    assert listed(client, status="queued", queue="deletions")["total"] == 1
    first = listed(client, status="queued", limit=2)
    rest = listed(client, status="queued", limit=2, cursor=first["next_cursor"])
    assert (first["total"], rest["next_cursor"]) == (3, None)
    assert [one["job"] for one in rest["items"]] == ["delete_person"]
    assert listed(client, status="running")["items"] == []


def test_failed_jobs_are_retried_one_by_one_and_all_together(
    database: Connection, jobs_redis: Redis
) -> None:
    ids = failed(jobs_redis, 3)
    client = operator_client(database)
    found = listed(client)
    by_id = {one["id"]: one for one in found["items"]}
    assert by_id.keys() == set(ids)
    assert by_id[ids[0]]["error"].startswith("NotFound: There is no project 2000000002.")
    body = {"ids": [ids[1], "unknown"]}
    assert client.post(f"{_PATH}/retry", json=body).json == {"jobs": 1}
    assert [one["id"] for one in listed(client, status="queued")["items"]] == [ids[1]]
    assert client.post(f"{_PATH}/retry", json=body).json == {"jobs": 0}
    assert client.post(f"{_PATH}/retry", json={"ids": None}).json == {"jobs": 2}
    assert listed(client)["total"] == 0
    assert logged(database, 2_000_000_001) == [("jobs.retried", {"jobs": 1, "tasks": "rebuild"})]
    run_jobs(jobs_redis)
    assert {one["id"] for one in listed(client)["items"]} == set(ids)


def test_jobs_are_removed_unless_they_run(
    database: Connection, project_id: int, jobs_redis: Redis
) -> None:
    [broken] = failed(jobs_redis, 1)
    waiting = enqueue(jobs_redis, f"{_TASKS}.export_person", project_id, "ada")
    running = enqueue(jobs_redis, f"{_TASKS}.delete_person", project_id, "ada")
    worker = make_worker(jobs_redis, JobQueue.DELETIONS)
    worker.prepare_execution(running)
    job_queue(jobs_redis, JobQueue.DELETIONS).remove(running.id)
    client = operator_client(database)
    body = {"ids": [broken, waiting.id, running.id]}
    assert client.post(f"{_PATH}/remove", json=body).json == {"jobs": 2}
    assert [listed(client, status=one)["total"] for one in ("failed", "queued", "running")] == [
        0,
        0,
        1,
    ]
    assert not jobs_redis.exists(waiting.key)
    assert jobs_redis.exists(running.key)
    assert logged(database, project_id) == [("jobs.removed", {"jobs": 1, "tasks": "export_person"})]


def test_a_scheduled_job_that_is_queued_again_is_no_longer_listed_as_failed(
    database: Connection, jobs_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(tasks, "prune", lambda *_: 1 / 0)
        enqueue_scheduled(jobs_redis, f"{_TASKS}.prune_ledger")
        run_jobs(jobs_redis)
    client = operator_client(database)
    [item] = listed(client)["items"]
    assert (item["job"], item["error"]) == ("prune_ledger", "ZeroDivisionError: division by zero")
    by_name = {one["job"]: one for one in client.get(f"{_PATH}/schedule").json["items"]}
    assert set(by_name) == {entry.job.rpartition(".")[2] for entry in SCHEDULE}
    assert by_name["prune_ledger"]["status"] == "failed"
    assert by_name["seal_days"]["status"] is None
    enqueue_scheduled(jobs_redis, f"{_TASKS}.prune_ledger")
    assert listed(client)["total"] == 0
    run_jobs(jobs_redis)
    registry = FailedJobRegistry(queue=job_queue(jobs_redis, JobQueue.SYSTEM))
    assert registry.get_job_ids(cleanup=False) == []
    [ended] = [
        one for one in client.get(f"{_PATH}/schedule").json["items"] if one["job"] == "prune_ledger"
    ]
    assert (ended["status"], ended["cron"]) == ("finished", "20 3 * * *")


def test_the_command_line_retries_the_same_jobs(
    jobs_redis: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    failed(jobs_redis, 2)
    command.run(argparse.Namespace(job=None, retry=True))
    assert "Queued 2 failed jobs again." in capsys.readouterr().out


def test_without_a_queue_the_pages_say_so(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = operator_client(database)
    away = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr("services.processor.api.jobs.get_jobs_redis", lambda: away)
    for answer in (
        client.get(f"{_PATH}/"),
        client.get(f"{_PATH}/schedule"),
        client.post(f"{_PATH}/retry", json={"ids": None}),
        client.post(f"{_PATH}/remove", json={"ids": ["seal_days"]}),
    ):
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")


def test_only_owners_of_the_installation_see_and_change_jobs(
    database: Connection, jobs_redis: Redis
) -> None:
    ids = failed(jobs_redis, 1)
    member = operator_client(database, is_superuser=False)
    for path in ("/", "/schedule"):
        assert member.get(f"{_PATH}{path}").status_code == 403
    for act in ("retry", "remove"):
        assert member.post(f"{_PATH}/{act}", json={"ids": ids}).status_code == 403
        bodies: tuple[dict[str, object], ...] = ({}, {"ids": []}, {"ids": [1]}, {"ids": "all"})
        for wrong in bodies:
            assert operator_client(database).post(f"{_PATH}/{act}", json=wrong).status_code == 422
    assert listed(operator_client(database))["total"] == 1
