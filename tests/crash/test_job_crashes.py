"""Workers that are killed in the middle of a job: it is done again, and nothing is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from rq.job import JobStatus
from rq.registry import StartedJobRegistry

from deploy.local.backends import Backends
from services.processor.jobs.schedule import enqueue_scheduled
from services.processor.maintenance.rebuild import rebuild
from services.processor.storing import crash_points
from shared.runtime.job_queue import JobQueue, enqueue, job_queue
from tests.conftest import ROOT, SECRET_KEY
from tests.support.factories import NOON, an_event
from tests.support.sealing import contents, list_sealed_days, one, store
from tests.support.waiting import wait_for

DAY = NOON.date()


@contextmanager
def worker(backends: Backends, crash_at: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A real worker; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.processor", "work"],
        cwd=ROOT,
        env={
            **os.environ,
            **backends.environment,
            "SECRET_KEY": SECRET_KEY,
            "TIDEMARK_CRASH_AT": crash_at,
            "LOG_LEVEL": "ERROR",
        },
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        # Else Redis could give the next job to the dead worker, and others would find it after a
        # minute.
        with Redis.from_url(backends.redis_url) as client:
            wait_for(lambda: not any("b" in one["flags"] for one in client.client_list()))


@pytest.fixture
def jobs_redis(backends: Backends) -> Iterator[Redis]:
    client = Redis.from_url(backends.redis_url)
    client.flushall()
    yield client
    client.flushall()  # failed jobs are nobody else's matter
    client.close()


@pytest.fixture
def filled(database: Connection, project_id: int) -> int:
    """A project with two days of events, none of them sealed."""
    events = [
        an_event(f"e{n % 3}", at=NOON + timedelta(minutes=7 * n), person=f"p{n % 11}")
        for n in range(250)
    ]
    store(database, project_id, events)
    return project_id


@pytest.mark.parametrize("point", [crash_points.SEAL_AFTER_READ, crash_points.SEAL_BEFORE_CLOSE])
def test_a_killed_seal_is_repeated_and_leaves_no_partial_day(
    backends: Backends, database: Connection, jobs_redis: Redis, filled: int, point: str
) -> None:
    job = enqueue(jobs_redis, "services.processor.jobs.tasks.rebuild", filled, str(DAY), str(DAY))
    with worker(backends, crash_at=point):
        # The process that does the job dies; the worker notices, and does it anew, to the same end.
        wait_for(lambda: job.get_status() == JobStatus.FAILED, 60)
    assert list_sealed_days(filled, DAY) == []
    assert contents(database, filled)["sealed_events"] == []
    again = enqueue(jobs_redis, "services.processor.jobs.tasks.rebuild", filled, str(DAY), str(DAY))
    with worker(backends):
        wait_for(lambda: again.get_status() == JobStatus.FINISHED, 150)
    assert list_sealed_days(filled, DAY) == [DAY]
    sealed = contents(database, filled)
    rebuild(database, filled, DAY, DAY, NOON + timedelta(days=9))
    assert contents(database, filled) == sealed


def test_the_job_of_a_killed_worker_is_done_by_another_worker(
    backends: Backends, jobs_redis: Redis, database: Connection, filled: int
) -> None:
    # A job that waits for a lock of ours: the worker is killed while it holds the job.
    with database.cursor() as cursor:
        cursor.execute("LOCK TABLE sealed_days IN ACCESS EXCLUSIVE MODE")
    job = enqueue(jobs_redis, "services.processor.jobs.tasks.rebuild", filled, str(DAY), str(DAY))
    with worker(backends):
        wait_for(lambda: job.get_status() == JobStatus.STARTED)
        time.sleep(0.5)
    database.rollback()
    assert job.get_status() == JobStatus.STARTED  # nobody could say otherwise
    # As a later look finds it, when the dead worker's heartbeat has run out.
    registry = StartedJobRegistry(queue=job_queue(jobs_redis, JobQueue.SYSTEM))
    registry.cleanup(timestamp=time.time() + 200)
    with worker(backends):
        wait_for(lambda: job.get_status() == JobStatus.FINISHED, 150)
    assert list_sealed_days(filled, DAY) == [DAY]


def test_a_schedule_without_workers_does_not_pile_up_jobs(jobs_redis: Redis) -> None:
    name = "services.processor.jobs.tasks.seal_days"
    made = [enqueue_scheduled(jobs_redis, name) for _ in range(5)]
    assert [job is not None for job in made] == [True, False, False, False, False]
    assert len(job_queue(jobs_redis, JobQueue.SYSTEM).jobs) == 1


def test_a_deletion_of_a_project_that_dies_goes_on_where_it_was(
    backends: Backends, database: Connection, stream: Redis, jobs_redis: Redis, filled: int
) -> None:
    with database.cursor() as cursor:
        # Those of other tests would be looked at first, and reach the crash point.
        cursor.execute("DELETE FROM project_deletions")
        cursor.execute("UPDATE projects SET deleted_at = now() WHERE id = %s", (filled,))
        cursor.execute(
            "INSERT INTO project_deletions (project_id, name, purge_after) VALUES (%s, 'x', now())",
            (filled,),
        )
    database.commit()
    job = enqueue(jobs_redis, "services.processor.jobs.tasks.delete_projects")
    with worker(backends, crash_at=f"{crash_points.DELETION_AFTER_TABLE}:9"):
        wait_for(lambda: job.get_status() == JobStatus.FAILED, 150)
    began = "SELECT started_at IS NOT NULL AND finished_at IS NULL AND done = 10"
    assert one(database, f"{began} FROM project_deletions WHERE project_id = %s", filled)
    assert one(database, "SELECT count(*) FROM projects WHERE id = %s", filled) == 1
    again = enqueue(jobs_redis, "services.processor.jobs.tasks.delete_projects")
    with worker(backends):
        wait_for(lambda: again.get_status() == JobStatus.FINISHED, 150)
    for table in ("events", "event_ledger", "event_counts", "persons", "sessions"):
        assert one(database, f"SELECT count(*) FROM {table} WHERE project_id = %s", filled) == 0
    assert one(database, "SELECT count(*) FROM projects WHERE id = %s", filled) == 0
    ended = "SELECT finished_at IS NOT NULL AND done = total AND rows >= 250"
    assert one(database, f"{ended} FROM project_deletions WHERE project_id = %s", filled)
