"""What owners of the installation see of it: lag, workers, failures, disks, memory, refusals."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from rq import cron_scheduler_registry
from rq.cron import CronScheduler

from deploy.local.backends import Backends
from services.processor.monitoring import system
from shared.events.stream import CONSUMER_GROUP, STREAM
from shared.runtime.disk_space import Disk, DiskSpace, publish
from shared.runtime.job_queue import JobQueue, enqueue, job_queue, last_schedule_heartbeat
from tests.support.operator import operator_client


def read(database: Connection) -> dict[str, Any]:
    answer = operator_client(database).get("/api/v1/system/")
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_only_owners_of_the_installation_see_the_system(database: Connection) -> None:
    answer = operator_client(database, is_superuser=False).get("/api/v1/system/")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_what_waits_in_the_stream_is_told_with_who_stores_it(
    database: Connection, stream: Redis
) -> None:
    stream.xgroup_create(STREAM, CONSUMER_GROUP, id="0", mkstream=True)
    for _ in range(3):
        stream.xadd(STREAM, {"batch": b"x"})
    stream.xreadgroup(CONSUMER_GROUP, "storing", {STREAM: ">"}, count=1)
    # One that ended with nothing left to store is no matter of anybody's.
    stream.xgroup_createconsumer(STREAM, CONSUMER_GROUP, "idle")
    found = read(database)["stream"]
    assert (found["waiting_entries"], found["pending_entries"]) == (2, 1)
    by_name = {one["name"]: one for one in found["consumers"]}
    assert by_name["storing"]["pending_entries"] == 1
    assert by_name["storing"]["is_working"]


def test_failures_refusals_and_jobs_are_counted_by_their_project(
    database: Connection, project_id: int, backends: Backends
) -> None:
    now = datetime.now(timezone.utc)
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO failed_attempts (project_id, work, day, attempts, started_at, failed_at,"
            " error) VALUES (%s, 'seal', '2026-03-10', 4, %s, %s, 'IndexSize: too long')",
            (project_id, now, now),
        )
        cursor.execute(
            "INSERT INTO intake_counts (project_id, bucket, outcome, events) VALUES"
            " (%(p)s, %(at)s, 'stored', 900), (%(p)s, %(at)s, 'invalid_name', 700),"
            " (%(p)s, %(at)s, 'bot', 800), (%(p)s, %(at)s - interval '2 days', 'too_old', 500)",
            {"p": project_id, "at": now},
        )
    database.commit()
    with Redis.from_url(backends.redis_url) as redis:
        queue = job_queue(redis, JobQueue.DELETIONS)
        queue.empty()  # type: ignore[no-untyped-call]
        enqueue(redis, "services.processor.jobs.tasks.delete_person", project_id, "ada")
        found = read(database)
        queue.empty()  # type: ignore[no-untyped-call]
    own = {
        name: [
            {field: one[field] for field in fields}
            for one in found[name]
            if one["project_id"] == project_id
        ]
        for name, fields in {
            "failed_attempts": ("project", "work", "day", "attempts", "error"),
            "refusals": ("project", "outcome", "events"),
        }.items()
    }
    failed = {"work": "seal", "day": "2026-03-10", "attempts": 4, "error": "IndexSize: too long"}
    assert own["failed_attempts"] == [{"project": "Test", **failed}]
    assert own["refusals"] == [{"project": "Test", "outcome": "invalid_name", "events": 700}]
    by_queue = {one["queue"]: one for one in found["queues"]}
    assert by_queue["deletions"]["queued"] == 1
    assert set(by_queue) == {queue.label for queue in JobQueue}


def test_disks_and_memory_are_told(database: Connection, stream: Redis) -> None:
    assert read(database)["disks"] is None
    publish(stream, DiskSpace([Disk("/data", 300)], 512, is_low=True))
    found = read(database)
    assert found["disks"] == {
        "disks": [{"folder": "/data", "free_mb": 300}],
        "min_free_mb": 512,
        "is_low": True,
    }
    assert {one["server"]: one["used_bytes"] > 0 for one in found["memory"]} == {
        "state": True,
        "stream": True,
        "cache": True,
    }


@pytest.mark.parametrize("server", ["state", "stream", "cache"])
def test_a_server_that_does_not_answer_leaves_the_rest(
    database: Connection, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0")
    getters = {"state": "get_jobs_redis", "stream": "get_stream", "cache": "get_answer_cache"}
    monkeypatch.setattr(system, getters[server], lambda: away)
    found = read(database)
    assert found["unreachable"] == [server]
    assert found["problems"][0] == {"code": "server_unreachable", "name": server, "value": None}
    read_from = {"state": ("queues",), "stream": ("stream",), "cache": ()}
    assert {name for name in ("queues", "stream") if found[name] is None} == set(read_from[server])
    memory = {one["server"]: one["used_bytes"] is None for one in found["memory"]}
    assert [name for name, is_unknown in memory.items() if is_unknown] == [server]


def problems(database: Connection) -> dict[tuple[str, str | None], float | None]:
    return {(one["code"], one["name"]): one["value"] for one in read(database)["problems"]}


def test_what_needs_attention_is_judged(
    database: Connection, stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.xgroup_create(STREAM, CONSUMER_GROUP, id="0", mkstream=True)
    stream.xadd(STREAM, {"batch": b"x"}, id="1-1")
    publish(stream, DiskSpace([Disk("/data", 300)], 512, is_low=True))
    found = problems(database)
    assert found["no_processor", None] is None
    assert (found["storing_behind", None] or 0) > 60
    assert {("disk_low", None), ("no_worker", "exports"), ("schedule_silent", None)} <= set(found)
    # What is read and young is no problem.
    stream.delete(STREAM)
    stream.xgroup_create(STREAM, CONSUMER_GROUP, id="0", mkstream=True)
    stream.xadd(STREAM, {"batch": b"x"})
    stream.xreadgroup(CONSUMER_GROUP, "storing", {STREAM: ">"}, count=1)
    publish(stream, DiskSpace([Disk("/data", 3_000)], 512, is_low=False))
    beat = datetime.now(timezone.utc) - timedelta(minutes=2)
    monkeypatch.setattr(system, "last_schedule_heartbeat", lambda _redis: beat)
    solved = {"no_processor", "storing_behind", "disk_low", "schedule_silent"}
    assert not solved & {code for code, _ in problems(database)}
    beat -= timedelta(minutes=2)
    assert ("schedule_silent", None) in problems(database)


def test_a_heartbeat_of_a_clock_that_was_ahead_hides_no_schedule_that_ended(stream: Redis) -> None:
    now = datetime.now(timezone.utc)
    ended = CronScheduler(stream, name="ended")
    ended.register_birth()
    times = cron_scheduler_registry.get_registry_key()
    stream.zadd(times, {ended.name: (now + timedelta(days=30)).timestamp()})
    assert last_schedule_heartbeat(stream) is None
    running = CronScheduler(stream, name="running")
    running.register_birth()
    beat = last_schedule_heartbeat(stream)
    assert beat is not None
    assert abs(beat - now) < timedelta(minutes=1)
