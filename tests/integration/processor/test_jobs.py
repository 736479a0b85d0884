"""Scheduled jobs: triggered, carried as JSON, run by a worker, and safe to run again."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from deploy.local.backends import Backends
from services.ingest.visitors import DailySalt
from services.processor import jobs
from services.processor.jobs import tasks
from services.processor.jobs.schedule import SCHEDULE, make_scheduler
from services.processor.jobs.tasks import prune_ledger, remove_expired_exports
from services.processor.jobs.workers import make_worker
from services.processor.maintenance import audit_log
from services.processor.maintenance.redis_cleanup import remove_dead_consumers, rotate_salts
from services.processor.persons import export
from services.processor.persons.deletion import delete_person
from services.processor.storing.partitions import DAYS_AHEAD
from services.query.records import person_jobs
from shared.events.stream import CONSUMER_GROUP, STREAM
from shared.events.visitor_salts import salt_key, utc_day
from shared.runtime.job_queue import JobQueue, enqueue, job_queue, queue_of
from tests.support.downloads import as_many_downloads_as_may_run
from tests.support.factories import NOON, an_event
from tests.support.reader import client_of, make_user
from tests.support.sealing import store
from tests.support.waiting import wait_for


@pytest.fixture
def jobs_redis(backends: Backends) -> Iterator[Redis]:
    client = Redis.from_url(backends.redis_url)
    for name in JobQueue:
        job_queue(client, name).empty()  # type: ignore[no-untyped-call]
    yield client
    client.close()


def run_jobs(redis: Redis, queue: JobQueue) -> None:
    """Run what waits in a queue, here."""
    worker = SimpleWorker([job_queue(redis, queue)], connection=redis, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="WARNING")


def person_of(database: Connection, project_id: int, distinct_id: str) -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT person_id FROM person_distinct_ids WHERE (project_id, distinct_id) = (%s, %s)",
            (project_id, distinct_id),
        )
        (found,) = cursor.fetchone() or (0,)
    database.commit()
    return int(found)


def test_a_due_job_is_queued_as_json_and_done_by_a_worker(
    jobs_redis: Redis, database: Connection
) -> None:
    # What other tests left undone: a job goes on with it for as long as it may.
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM pending_merges")
    database.commit()
    scheduler = make_scheduler(jobs_redis)
    assert {job.func_name for job in scheduler.get_jobs()} == {entry.job for entry in SCHEDULE}
    for job in scheduler.get_jobs():
        job.next_enqueue_time = datetime.now(timezone.utc) - timedelta(seconds=1)
    scheduler.enqueue_jobs()
    assert scheduler.enqueue_jobs() == []
    names = {queue_of(entry.job) for entry in SCHEDULE}
    queues = [job_queue(jobs_redis, name) for name in sorted(names)]
    queued_jobs = [job for queue in queues for job in queue.jobs]
    assert len(queued_jobs) == len(SCHEDULE)
    for queued in queued_jobs:
        raw = jobs_redis.hget(queued.key, "data")
        assert isinstance(raw, bytes)
        assert json.loads(zlib.decompress(raw))[0].startswith("services.processor.jobs.tasks.")
    for name in names:
        run_jobs(jobs_redis, name)
    assert {queue.name: queue.failed_job_registry.count for queue in queues} == dict.fromkeys(
        names, 0
    )
    with database.cursor() as cursor:
        for offset in range(DAYS_AHEAD + 1):
            day = datetime.now(timezone.utc).date() + timedelta(days=offset)
            cursor.execute("SELECT to_regclass(%s)", (f"events_{day:%Y%m%d}",))
            assert cursor.fetchone() != (None,), day


def test_a_clock_that_was_set_back_stops_no_scheduled_job(jobs_redis: Redis) -> None:
    scheduler = make_scheduler(jobs_redis)
    for job in scheduler.get_jobs():
        job.set_enqueue_time(datetime.now(timezone.utc) + timedelta(days=2))
    scheduler.enqueue_jobs()
    in_a_day = datetime.now(timezone.utc) + timedelta(days=1)
    for job in scheduler.get_jobs():
        assert job.next_enqueue_time is not None
        assert job.next_enqueue_time <= in_a_day, job.func_name


@pytest.mark.parametrize(("days", "left"), [(100, 2), (0, 3)])
def test_the_audit_log_is_kept_for_as_long_as_is_set(
    database: Connection, project_id: int, days: int, left: int
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_log (project_id, at, actor_email, address, action) "
            "SELECT %s, now() - make_interval(days => d), '', '', 'flag.changed' "
            "FROM unnest(ARRAY[101, 99, 0]) d",
            (project_id,),
        )
    database.commit()
    audit_log.prune(database, days)
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_log WHERE project_id = %s", (project_id,))
        assert cursor.fetchone() == (left,)
    database.commit()


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


def test_a_person_is_exported_by_a_job_and_kept_for_a_day(
    jobs_redis: Redis, database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(f"e{n}", person="ann") for n in range(3)])
    job = enqueue(jobs_redis, "services.processor.jobs.tasks.export_person", project_id, "ann")
    run_jobs(jobs_redis, JobQueue.EXPORTS)
    address = f"/api/v1/analytics/{project_id}/persons/jobs/{job.id}/file"
    client = client_of(make_user(database, project_id))
    with as_many_downloads_as_may_run():
        assert client.get(address).status_code == 503
    answer = client.get(address)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    lines = [json.loads(line) for line in gzip.decompress(answer.data).splitlines()]
    assert [line["kind"] for line in lines] == ["person", "session", "event", "event", "event"]
    assert remove_expired_exports() == 0
    with database.cursor() as cursor:
        cursor.execute("UPDATE person_export_parts SET created_at = now() - interval '25 hours'")
    database.commit()
    assert client.get(address).status_code == 404
    assert remove_expired_exports() == 1


def test_an_export_is_deleted_with_its_person_and_replaced_by_the_next(
    jobs_redis: Redis, database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PART_BYTES", 100)
    store(database, project_id, [an_event(f"e{n}", person=who) for n in range(9) for who in "ab"])
    jobs = {}
    for who in "ab":
        for _ in range(2):
            person_id = person_of(database, project_id, who)
            jobs[who] = person_jobs.start(project_id, person_id, "export").job_id
            run_jobs(jobs_redis, JobQueue.EXPORTS)
    client = client_of(make_user(database, project_id))
    for job_id in jobs.values():
        answer = client.get(f"/api/v1/analytics/{project_id}/persons/jobs/{job_id}/file")
        assert len(gzip.decompress(answer.data).splitlines()) == 1 + 1 + 9
    delete_person(database, project_id, "a")
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT job_id::text FROM person_export_parts WHERE project_id = %s",
            (project_id,),
        )
        assert cursor.fetchall() == [(jobs["b"],)]
    database.commit()


@pytest.mark.parametrize(
    ("maximum", "who", "attempts"),
    [(1, "ann", 1), (1 << 20, "nobody", 1), (None, "ann", 4)],
    ids=["too_large", "unknown", "broken"],
)
def test_an_export_that_must_fail_again_is_not_repeated(
    jobs_redis: Redis,
    database: Connection,
    project_id: int,
    monkeypatch: pytest.MonkeyPatch,
    maximum: int | None,
    who: str,
    attempts: int,
) -> None:
    store(database, project_id, [an_event("e1", person="ann")])
    store_export, counter = export.store_export, f"attempts:{project_id}"

    def counted(*arguments: Any) -> int:
        jobs_redis.incr(counter)
        return store_export(*arguments)

    monkeypatch.setattr(export, "store_export", counted)
    monkeypatch.setattr(export, "_MAX_BYTES", maximum)
    job = enqueue(jobs_redis, "services.processor.jobs.tasks.export_person", project_id, who)
    make_worker(jobs_redis, JobQueue.EXPORTS).work(burst=True, logging_level="CRITICAL")
    assert job.get_status() == "failed"
    assert int(jobs_redis.getdel(counter) or 0) == attempts


def test_jobs_queued_before_the_tasks_moved_are_done_and_shown(
    jobs_redis: Redis, database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(person="ann"), an_event(person="bob")])
    deletion, export = (
        enqueue(jobs_redis, f"services.processor.jobs.{task}", project_id, person)
        for task, person in (("delete_person", "ann"), ("export_person", "bob"))
    )
    run_jobs(jobs_redis, JobQueue.SYSTEM)
    assert job_queue(jobs_redis, JobQueue.SYSTEM).failed_job_registry.count == 0
    deleted = person_jobs.get_state(project_id, deletion.id)
    assert (deleted.kind, deleted.status) == ("delete", "finished")
    assert isinstance(deleted.deleted, person_jobs.DeletedRows)
    assert deleted.deleted.events == 1
    exported = person_jobs.get_state(project_id, export.id)
    assert (exported.kind, exported.status) == ("export", "finished")
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events WHERE project_id = %s", (project_id,))
        assert cursor.fetchone() == (1,)
    database.commit()


def test_every_task_is_found_under_its_earlier_name() -> None:
    for name in jobs._EARLIER_TASKS:
        assert getattr(jobs, name) is getattr(tasks, name)


def test_a_running_job_tells_how_far_it_is(
    jobs_redis: Redis, database: Connection, project_id: int
) -> None:
    store(database, project_id, [an_event(at=NOON + timedelta(days=n)) for n in range(3)])
    job = enqueue(
        jobs_redis, "services.processor.jobs.tasks.rebuild", project_id, "2026-03-10", "2026-03-12"
    )
    run_jobs(jobs_redis, JobQueue.SYSTEM)
    assert job.get_meta()["progress"] == {"done": 3, "total": 3, "what": "2026-03-12"}
    assert job.return_value() == {"days": 3, "counts_corrected": 0, "sessions_corrected": 0}


def test_a_visitor_is_the_same_all_day_however_often_salts_are_rotated(jobs_redis: Redis) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    salt = DailySalt(jobs_redis).of(noon.timestamp())
    assert rotate_salts(jobs_redis, noon) == 0
    assert DailySalt(jobs_redis).of(noon.timestamp()) == salt


def test_a_salt_made_while_redis_was_away_gives_way_to_the_shared_one(jobs_redis: Redis) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=timezone.utc).timestamp()
    with Redis(port=1) as away:
        here = DailySalt(away)
        own = here.of(noon)
        assert here.of(noon + 1) == own
        here._redis = jobs_redis  # Redis is back
    shared = DailySalt(jobs_redis).of(noon)
    assert here.of(noon + 60) == shared != own


def test_old_salts_and_salts_without_an_expiry_are_removed(jobs_redis: Redis) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    salts = DailySalt(jobs_redis)
    for age in (0, 1, 2, 3):
        salts.of((noon - timedelta(days=age)).timestamp())
    yesterday = salt_key(utc_day(noon.timestamp()) - 1)
    jobs_redis.persist(yesterday)
    assert rotate_salts(jobs_redis, noon) == 3
    assert jobs_redis.keys("visitor-salt:*") == [salt_key(utc_day(noon.timestamp())).encode()]


def test_a_removed_salt_is_gone_from_the_append_only_file(
    backends: Backends, jobs_redis: Redis
) -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    salt = DailySalt(jobs_redis).of((noon - timedelta(days=9)).timestamp())
    folder = Path(str(jobs_redis.config_get("dir")["dir"])) / "appendonlydir"
    wait_for(lambda: not jobs_redis.info("persistence")["aof_rewrite_in_progress"], 20)

    def is_on_disk() -> bool:
        return any(salt in file.read_bytes() for file in folder.iterdir())

    wait_for(is_on_disk, 10)
    assert rotate_salts(jobs_redis, noon) == 1
    wait_for(lambda: not is_on_disk(), 20)


def test_dead_consumers_go_and_those_that_owe_something_stay(stream: Redis) -> None:
    stream.xgroup_create(STREAM, CONSUMER_GROUP, mkstream=True)
    stream.xadd(STREAM, {"batch": b"x"})
    stream.xreadgroup(CONSUMER_GROUP, "owes", {STREAM: ">"})
    for name in ("dead", "alive"):
        stream.xgroup_createconsumer(STREAM, CONSUMER_GROUP, name)
    assert remove_dead_consumers(stream) == []
    time.sleep(0.05)
    stream.xreadgroup(CONSUMER_GROUP, "alive", {STREAM: ">"})
    assert remove_dead_consumers(stream, idle=timedelta(milliseconds=40)) == ["dead"]
    left = {consumer["name"] for consumer in stream.xinfo_consumers(STREAM, CONSUMER_GROUP)}
    assert left == {b"owes", b"alive"}
