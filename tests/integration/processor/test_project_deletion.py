"""The end of a deleted project: everything of it goes, and nothing of its neighbours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import JSON, Column, Table

from deploy.local.backends import Backends
from services.auth.audit import Actor
from services.auth.projects import deletion
from services.ingest import client_sessions
from services.ingest.limits import Cost, LimitDefaults, limits_for
from services.ingest.outcomes import EventOutcomes
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from services.processor.jobs.schedule import SCHEDULE
from services.processor.maintenance.project_deletion import purge_due
from services.processor.storing.partitions import make_partition
from services.processor.storing.stream_reader import StreamReader
from shared.auth.api_keys import key_hash
from shared.errors import Conflict
from shared.events.stream import STREAM
from shared.models import Base
from shared.policies.policy import policy_key
from shared.runtime.data_version import data_version_key
from shared.runtime.job_queue import JobQueue, enqueue, job_queue
from shared.runtime.redis_clients import get_answer_cache
from tests.conftest import make_project
from tests.support.factories import NOON, a_batch, a_policy, an_event

NOBODY = Actor(None, "", "")
WEEK = timedelta(days=7)
KEPT = {"project_deletions"}
TENANT_TABLES = [
    table
    for table in Base.metadata.sorted_tables
    if "project_id" in table.columns and table.name not in KEPT
]


@pytest.fixture
def cache(backends: Backends) -> Iterator[Redis]:
    client = Redis.from_url(backends.redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def projects(database: Connection) -> tuple[int, int]:
    """Two projects that have a row in every table there is."""
    make_partition(database, NOON.date())
    made = make_project(database, "UTC"), make_project(database, "UTC")
    for project_id in made:
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO users (email, name) VALUES (%s, 'x') RETURNING id",
                (f"{uuid.uuid4()}@example.org",),
            )
            (user_id,) = cursor.fetchone() or (0,)
        database.commit()
        for table in TENANT_TABLES:
            add_row(database, table, project_id, user_id)
    return made


def add_row(database: Connection, table: Table, project_id: int, user_id: int) -> None:
    """A row with something in every column that needs it."""
    known: dict[str, Any] = {
        "project_id": project_id, "user_id": user_id, "role": "owner", "timestamp": NOON,
        "sample_rate": 1, "invited_by": None,
    }  # fmt: skip
    if table.name == "api_keys":
        known |= {"kind": "public", "public_key": f"pk_{project_id}"}
        known["key_hash"] = key_hash(known["public_key"])
    elif "kind" in table.columns:
        known["kind"] = {"cohorts": "upload", "definitions": "event"}.get(table.name, "x")
    if table.name == "imports":
        known["file_format"] = "csv"
    if table.name == "goals":
        known["event"] = "x"  # a goal has an event or a page
    if table.name == "reports":
        known |= {"frequency": "daily", "insight_id": 1}  # of a dashboard or an insight
    row = {
        column.name: known[column.name] if column.name in known else some(column)
        for column in table.columns
        if column.name in known
        or not (column.nullable or column.server_default is not None or column.identity)
    }
    with database.cursor() as cursor:
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table.name),
                sql.SQL(",").join(map(sql.Identifier, row)),
                sql.SQL(",").join(sql.Placeholder() * len(row)),
            ),
            list(row.values()),
        )
    database.commit()


def some(column: Column[Any]) -> Any:
    """A value that a column takes."""
    values: dict[type, Any] = {
        int: 1, float: 1.0, bool: True, bytes: b"x", datetime: NOON, date: NOON.date(),
        uuid.UUID: str(uuid.uuid4()), str: uuid.uuid4().hex,
    }  # fmt: skip
    return Json({}) if isinstance(column.type, JSON) else values[column.type.python_type]


def rows(database: Connection, project_id: int) -> dict[str, list[str]]:
    """Everything that is stored of a project."""
    found = {}
    with database.cursor() as cursor:
        for table in Base.metadata.sorted_tables:
            column = "id" if table.name == "projects" else "project_id"
            if column in table.columns and table.name not in KEPT:
                cursor.execute(
                    f"SELECT t::text FROM {table.name} t WHERE {column} = %s", (project_id,)
                )
                found[table.name] = sorted(text for (text,) in cursor)
    database.rollback()
    return found


def delete(project_id: int) -> None:
    """As over the API."""
    deletion.delete_project(NOBODY, project_id)


def restore(project_id: int) -> None:
    """As over the API."""
    deletion.restore_project(NOBODY, project_id, "owner")


def now() -> datetime:
    return datetime.now(timezone.utc)


def cached_of(project_id: int) -> dict[str, str]:
    """Keys that the services keep in Redis for a project."""
    return {
        policy_key(key_hash(f"pk_{project_id}")): "policy",
        data_version_key(project_id): "7",
        f"answer:{project_id}:7:abc": "an answer",
    }


def send(stream: Redis, cache: Redis, project_id: int) -> None:
    """Start a session, as ingest does; it writes its own keys."""
    policy = a_policy(project_id=project_id)
    limits = limits_for(policy, "198.51.100.7", 1, LimitDefaults())
    batch = a_batch(project_id, [an_event()])
    Submitter(stream, Spool(1), 10_000_000).submit(batch, limits, Cost(1, 1))
    outcomes = EventOutcomes(events=batch.events)
    client_sessions.store_owner(cache, policy, "client", "s1", outcomes)


def keys_of(redis: Redis, project_id: int) -> list[bytes]:
    """Every key whose name holds the number of a project."""
    return [key for key in redis.scan_iter() if f"{project_id}".encode() in key.split(b":")]


def test_after_seven_days_nothing_is_left_of_a_project_and_its_neighbour_is_untouched(
    database: Connection, stream: Redis, cache: Redis, projects: tuple[int, int]
) -> None:
    gone, neighbour = projects
    for project_id in projects:
        for redis in (stream, cache, get_answer_cache()):
            redis.mset(cached_of(project_id))
        send(stream, cache, project_id)
        assert len(keys_of(stream, project_id)) >= 4
        assert len(keys_of(cache, project_id)) >= 4
    reader = StreamReader(stream, batch_events=1, wait_ms=10, reclaim_ms=10_000)
    reader.ensure_group()
    assert len(reader.read()) == 1  # is in a processor's hand
    full, before = rows(database, gone), rows(database, neighbour)
    assert [name for name, found in full.items() if not found] == []
    delete(gone)
    told: list[tuple[int, int, str]] = []
    done = purge_due(
        database,
        stream,
        cache,
        now() + WEEK + timedelta(minutes=1),
        progress=lambda *step: told.append(step),
    )
    assert {name: found for name, found in rows(database, gone).items() if found} == {}
    assert done[gone] >= len(TENANT_TABLES)
    assert rows(database, neighbour) == before
    for redis in (stream, cache, get_answer_cache()):
        assert redis.exists(*cached_of(gone)) == 0
        assert not keys_of(redis, gone)
        assert redis.exists(*cached_of(neighbour)) == len(cached_of(neighbour))
    assert stream.xlen(STREAM) == 1
    assert [step for step, _, _ in told] == sorted(step for step, _, _ in told)
    assert told[-1][0] == told[-1][1]
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT done = total, finished_at IS NOT NULL, rows = %s FROM project_deletions "
            "WHERE project_id = %s",
            (done[gone] - 1, gone),  # the project itself is not a part of what it holds
        )
        assert cursor.fetchone() == (True, True, True)
        cursor.execute(
            "SELECT details FROM audit_log WHERE project_id = 0 AND action = 'project.purged' "
            "ORDER BY id DESC LIMIT 1"
        )
        assert (cursor.fetchone() or ({},))[0]["project"]["id"] == gone


def test_within_seven_days_nothing_goes_and_it_can_be_taken_back(
    database: Connection, stream: Redis, cache: Redis, projects: tuple[int, int]
) -> None:
    project_id, _ = projects
    before = rows(database, project_id)
    delete(project_id)
    assert project_id not in purge_due(database, stream, cache, now() + WEEK - timedelta(minutes=1))
    restore(project_id)
    # Taken back: no later run of the job finds it.
    assert project_id not in purge_due(database, stream, cache, now() + 3 * WEEK)
    after = rows(database, project_id)
    for named in ("audit_log", "projects"):  # what was done is in the log; the project tells when
        before.pop(named), after.pop(named)
    assert after == before


def test_a_deletion_that_has_begun_cannot_be_taken_back(
    database: Connection, projects: tuple[int, int]
) -> None:
    delete(projects[0])
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE project_deletions SET started_at = now() WHERE project_id = %s", (projects[0],)
        )
    database.commit()
    with pytest.raises(Conflict, match="already being removed"):
        restore(projects[0])


def test_rows_stored_during_a_purge_are_removed_by_the_next_one(
    database: Connection, stream: Redis, cache: Redis, projects: tuple[int, int]
) -> None:
    project_id, _ = projects
    delete(project_id)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE project_deletions SET purge_after = now() WHERE project_id = %s", (project_id,)
        )
    database.commit()
    purge_due(database, stream, cache, now())
    events = Base.metadata.tables["events"]
    add_row(database, events, project_id, 0)
    assert purge_due(database, stream, cache, now() + timedelta(hours=1))[project_id] == 1
    assert rows(database, project_id)["events"] == []
    assert project_id not in purge_due(database, stream, cache, now() + timedelta(days=2))


def test_the_scheduled_job_merges_and_reports_its_progress(
    database: Connection, stream: Redis, cache: Redis, projects: tuple[int, int]
) -> None:
    delete(projects[0])
    with database.cursor() as cursor:
        cursor.execute("UPDATE project_deletions SET purge_after = now()")
    database.commit()
    name = "services.processor.jobs.tasks.delete_projects"
    assert name in {entry.job for entry in SCHEDULE}
    job = enqueue(cache, name)
    SimpleWorker(
        [job_queue(cache, JobQueue.SYSTEM)], connection=cache, serializer=JSONSerializer
    ).work(burst=True, logging_level="WARNING")
    deleted: Any = job.return_value()
    assert deleted[str(projects[0])] >= len(TENANT_TABLES)
    progress = job.get_meta()["progress"]
    assert progress["done"] == progress["total"] > len(TENANT_TABLES)
    assert rows(database, projects[0])["events"] == []
