"""Real workers: one for each queue, so that no kind of job waits for another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import OutOfMemoryError
from rq import Callback

from deploy.local.backends import Backends
from services.processor.persons import pending_merges
from shared.runtime.job_queue import (
    JobQueue,
    count_workers,
    enqueue,
    job_queue,
    queues_without_worker,
)
from shared.runtime.redis_memory import read_memory
from tests.conftest import ROOT, SECRET_KEY, plain_url
from tests.support.factories import an_event
from tests.support.sealing import store
from tests.support.waiting import wait_for

_EXPORTS = 300
_TASKS = "services.processor.jobs.tasks."


@contextmanager
def workers(backends: Backends) -> Iterator[subprocess.Popen[bytes]]:
    """The process that `make run` calls worker; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "services.processor", "work"],
        cwd=ROOT,
        env={**os.environ, **backends.environment, "SECRET_KEY": SECRET_KEY},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        with Redis.from_url(backends.redis_url) as client:
            # A job of the next test would be given to a worker that is not quite dead, and wait a
            # minute for another one.
            wait_for(lambda: not client.info("clients")["blocked_clients"])


@pytest.fixture
def jobs_redis(backends: Backends) -> Iterator[Redis]:
    client = Redis.from_url(backends.redis_url)
    client.flushall()
    yield client
    client.flushall()  # what still waits is nobody else's matter
    client.close()


def test_a_system_job_and_a_deletion_do_not_wait_for_hundreds_of_exports(
    backends: Backends, database: Connection, jobs_redis: Redis, project_id: int
) -> None:
    store(database, project_id, [an_event(person="ann"), an_event(person="bob")])
    for _ in range(_EXPORTS):
        enqueue(jobs_redis, f"{_TASKS}export_person", project_id, "ann")
    with workers(backends):
        exports = job_queue(jobs_redis, JobQueue.EXPORTS)
        wait_for(lambda: exports.count < _EXPORTS - 3)
        asked = [
            # Sealing would go through the projects of all other tests.
            enqueue(jobs_redis, f"{_TASKS}make_partitions_ahead"),
            enqueue(jobs_redis, f"{_TASKS}delete_person", project_id, "bob"),
        ]
        wait_for(lambda: all(job.get_status() == "finished" for job in asked))
        assert exports.count > _EXPORTS / 2, "the exports were done first"


def test_large_merges_do_not_wait_for_a_system_job_that_takes_long(
    backends: Backends, database: Connection, jobs_redis: Redis, project_id: int
) -> None:
    store(database, project_id, [an_event(person="ann"), an_event(person="bob")])
    with database.cursor() as cursor:
        pending_merges.add(cursor, project_id, "ann", "bob")
    database.commit()
    with closing(psycopg2.connect(plain_url(backends.database_url))) as other:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE event_ledger")  # the job takes as long as this is held
        long_one = enqueue(jobs_redis, f"{_TASKS}prune_ledger")
        with workers(backends):
            wait_for(lambda: long_one.get_status() == "started")
            enqueue(jobs_redis, f"{_TASKS}merge_persons")
            wait_for(lambda: not pending_merges.is_pending(database, project_id, "ann"))
            assert long_one.get_status() == "started"
            other.rollback()


def test_a_killed_worker_is_restarted_and_all_stop_on_sigterm(
    backends: Backends, jobs_redis: Redis
) -> None:
    with workers(backends) as parent:
        wait_for(lambda: not queues_without_worker(jobs_redis))
        killed = psutil.Process(parent.pid).children()
        assert len(killed) == len(JobQueue)
        for process in killed:
            process.kill()
        # The killed ones stay registered until their keys expire.
        wait_for(lambda: all(count_workers(jobs_redis, queue) == 2 for queue in JobQueue))
        job = enqueue(jobs_redis, f"{_TASKS}rotate_salts")
        wait_for(lambda: job.get_status() == "finished")
        running = psutil.Process(parent.pid).children(recursive=True)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(20) == 0
        assert not [process for process in running if process.is_running()]
    assert queues_without_worker(jobs_redis) == []  # as long as the killed ones are believed
    for key in jobs_redis.scan_iter("rq:worker:*"):
        jobs_redis.delete(key)
    assert queues_without_worker(jobs_redis) == [queue.label for queue in JobQueue]


@pytest.mark.timeout(360)
@pytest.mark.parametrize(
    "function",
    [
        "os.mkdir",
        "pathlib.os.mkdir",
        "services.processor.jobs.tasks.uuid.os.mkdir",
        "services.processor.jobs.tasks.get_engine",
        "services.processor.jobs.importlib.import_module",
    ],
)
def test_whoever_writes_to_redis_runs_no_code(
    backends: Backends, jobs_redis: Redis, tmp_path: Path, function: str
) -> None:
    made = tmp_path / "made"
    arguments = (str(made),) if "mkdir" in function else ()
    job = enqueue(jobs_redis, function, *arguments)
    queue = job_queue(jobs_redis, JobQueue.SYSTEM)
    # os.mkdir() with a job as its path fails, and so would this job.
    good = queue.enqueue(f"{_TASKS}remove_expired_exports", on_success=Callback("os.mkdir"))
    earlier = enqueue(jobs_redis, "services.processor.jobs.remove_dead_consumers")
    with workers(backends):
        wait_for(lambda: job.get_status() == "failed", 150)
        wait_for(lambda: good.get_status() == earlier.get_status() == "finished", 150)
    assert not made.exists()
    result = job.latest_result()
    assert result is not None
    assert "is no task" in str(result.exc_string)


def fill(redis: Redis) -> None:
    """Store answers and exports as an earlier version did."""
    for number in range(1000):
        name = f"answer:1:2:{number}" if number % 2 else f"person-export:{number}"
        redis.set(name, "x" * 100_000, ex=600)


def test_answers_and_exports_of_an_earlier_version_leave_room_for_logins_and_jobs(
    backends: Backends, jobs_redis: Redis
) -> None:
    jobs_redis.set("login-session:kept", "1")
    job = enqueue(jobs_redis, f"{_TASKS}rotate_salts")
    maximum = read_memory(jobs_redis).maximum
    jobs_redis.config_set("maxmemory", read_memory(jobs_redis).used + 20_000_000)
    try:
        with pytest.raises(OutOfMemoryError):
            fill(jobs_redis)
        with workers(backends):
            # A job whose first try fell into a pause of the server waits for its next one.
            wait_for(lambda: job.get_status() == "finished", 150)
            wait_for(lambda: not queues_without_worker(jobs_redis))
        assert jobs_redis.get("login-session:kept") == b"1"
        assert not [*jobs_redis.scan_iter("answer:*"), *jobs_redis.scan_iter("person-export:*")]
    finally:
        jobs_redis.config_set("maxmemory", maximum)
