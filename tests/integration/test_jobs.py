"""Scheduled jobs: triggered, carried as JSON, run by a worker, and safe to run again."""

from __future__ import annotations

import json
import zlib
from datetime import datetime, timedelta, timezone

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from deploy.local.backends import Backends
from services.processor.jobs import prune_ledger
from services.processor.partitions import DAYS_AHEAD
from services.processor.schedule import SCHEDULE, job_queue, make_scheduler


@pytest.fixture
def jobs_redis(backends: Backends) -> Redis:
    client = Redis.from_url(backends.redis_url)
    job_queue(client).empty()  # type: ignore[no-untyped-call]
    return client


def test_a_due_job_is_queued_as_json_and_done_by_a_worker(
    jobs_redis: Redis, database: Connection
) -> None:
    scheduler = make_scheduler(jobs_redis)
    assert {job.func_name for job in scheduler.get_jobs()} == {entry.job for entry in SCHEDULE}
    for job in scheduler.get_jobs():
        job.next_enqueue_time = datetime.now(timezone.utc) - timedelta(seconds=1)
    scheduler.enqueue_jobs()
    assert scheduler.enqueue_jobs() == []
    queue = job_queue(jobs_redis)
    assert len(queue.jobs) == len(SCHEDULE)
    for queued in queue.jobs:
        raw = jobs_redis.hget(queued.key, "data")
        assert isinstance(raw, bytes)
        assert json.loads(zlib.decompress(raw))[0].startswith("services.processor.jobs.")
    worker = SimpleWorker([queue], connection=jobs_redis, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="WARNING")
    assert queue.failed_job_registry.count == 0
    with database.cursor() as cursor:
        for offset in range(DAYS_AHEAD + 1):
            day = datetime.now(timezone.utc).date() + timedelta(days=offset)
            cursor.execute("SELECT to_regclass(%s)", (f"events_{day:%Y%m%d}",))
            assert cursor.fetchone() != (None,), day


def test_the_ledger_forgets_only_what_is_beyond_its_window(database: Connection) -> None:
    with database.cursor() as cursor:
        cursor.execute("TRUNCATE event_ledger")
        cursor.execute(
            "INSERT INTO event_ledger SELECT 1, gen_random_uuid(), "
            "now() - make_interval(days => d) + interval '1 hour' FROM generate_series(0, 40) d"
        )
    database.commit()
    assert prune_ledger() == 40 - 32
    assert prune_ledger() == 0
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event_ledger")
        assert cursor.fetchone() == (33,)
    database.commit()
