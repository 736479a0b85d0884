"""Jobs about persons are queued once, and a project may not fill the queue."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.query.records import person_jobs
from shared.auth.charged_account import charged_account
from shared.errors import ErrorCode, PayloadTooLarge, TooManyRequests
from shared.runtime import export_budget
from shared.runtime.job_queue import JobQueue, job_queue, queue_of
from tests.conftest import make_project


@pytest.fixture
def jobs_redis(backends: Backends) -> Iterator[Redis]:
    """The cache with an empty queue that nobody works on."""
    client = Redis.from_url(backends.redis_url)
    client.flushall()
    yield client
    client.close()


def persons(database: Connection, project_id: int, count: int) -> None:
    with database.cursor() as cursor:
        for number in range(1, count + 1):
            cursor.execute(
                "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id)"
                " VALUES (%s, %s, %s)",
                (project_id, f"person {number}", number),
            )
    database.commit()


def test_an_equal_job_is_queued_once(database: Connection, jobs_redis: Redis) -> None:
    project_id = make_project(database, "UTC")
    persons(database, project_id, 2)
    first, again = (person_jobs.start(project_id, 1, "export") for _ in range(2))
    other = person_jobs.start(project_id, 2, "export")
    assert first.job_id == again.job_id != other.job_id
    assert len(job_queue(jobs_redis, JobQueue.EXPORTS)) == 2
    assert person_jobs.get_state(project_id, first.job_id).status == "queued"


def test_a_project_has_a_few_jobs_at_a_time(database: Connection, jobs_redis: Redis) -> None:
    ours, theirs = (make_project(database, "UTC") for _ in range(2))
    for project_id in (ours, theirs):
        persons(database, project_id, 6)
    for person in range(1, 6):
        person_jobs.start(ours, person, "export")
    with pytest.raises(TooManyRequests) as refused:
        person_jobs.start(ours, 6, "export")
    assert refused.value.code == ErrorCode.RATE_LIMITED
    assert person_jobs.start(theirs, 1, "export").status == "queued"
    assert person_jobs.start(ours, 6, "delete").status == "queued", "exports hold it up"
    job_queue(jobs_redis, JobQueue.EXPORTS).empty()  # type: ignore[no-untyped-call]
    assert person_jobs.start(ours, 6, "export").status == "queued"


def test_an_account_has_some_jobs_at_a_time_however_many_projects(
    database: Connection, jobs_redis: Redis
) -> None:
    projects = [make_project(database, "UTC") for _ in range(4)]
    for project_id in projects:
        persons(database, project_id, 5)

    def start(account: int, project_id: int, kind: Any = "export") -> list[str]:
        answers: list[str] = []
        token = charged_account.set(account)
        for person in range(1, 6):
            try:
                answers.append(person_jobs.start(project_id, person, kind).status)
            except TooManyRequests:
                answers.append("refused")
        charged_account.reset(token)
        return answers

    first, second, third, others = projects
    assert [start(7, one) for one in (first, second)] == [["queued"] * 5] * 2
    assert start(7, third) == ["refused"] * 5
    assert start(7, third, "delete") == ["queued"] * 5
    assert start(8, others) == ["queued"] * 5
    job_queue(jobs_redis, JobQueue.EXPORTS).empty()  # type: ignore[no-untyped-call]
    assert start(7, third) == ["queued"] * 5


def test_no_requested_job_holds_up_sealing_and_only_deletions_hold_up_deletions() -> None:
    queues = {kind: queue_of(job) for kind, job in person_jobs._FUNCTIONS.items()}
    assert JobQueue.SYSTEM not in queues.values()
    assert [kind for kind, queue in queues.items() if queue is JobQueue.DELETIONS] == ["delete"]


def test_of_many_requests_at_once_no_more_than_the_limit_pass(
    database: Connection, jobs_redis: Redis
) -> None:
    project_id = make_project(database, "UTC")
    persons(database, project_id, 40)

    def ask(person_id: int) -> str:
        try:
            return person_jobs.start(project_id, person_id, "export").status
        except TooManyRequests:
            return "refused"

    with ThreadPoolExecutor(3) as clients:
        answers = list(clients.map(ask, range(1, 41)))
    assert answers.count("queued") == len(job_queue(jobs_redis, JobQueue.EXPORTS)) == 5


def test_a_project_exports_so_many_persons_and_bytes_a_day_and_deletes_as_many_as_it_wants(
    database: Connection, jobs_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_budget, "MAX_EXPORTS", 2)
    monkeypatch.setattr(export_budget, "MAX_BYTES", 1_000)
    ours, theirs, third = (make_project(database, "UTC") for _ in range(3))
    for project_id in (ours, theirs, third):
        persons(database, project_id, 3)
    for person_id in (1, 1, 2):  # an equal job that waits counts once
        person_jobs.start(ours, person_id, "export")
    export_budget.count_bytes(jobs_redis, theirs, 900)
    with pytest.raises(PayloadTooLarge, match="tidemark export_person"):
        export_budget.count_bytes(jobs_redis, theirs, 200)
    assert person_jobs.start(theirs, 1, "export").status == "queued"
    export_budget.count_bytes(jobs_redis, theirs, 100)
    for project_id in (ours, theirs):
        with pytest.raises(TooManyRequests) as refused:
            person_jobs.start(project_id, 3, "export")
        assert refused.value.code == ErrorCode.QUOTA_EXCEEDED
        assert person_jobs.start(project_id, 3, "delete").status == "queued"
    assert person_jobs.start(third, 3, "export").status == "queued"
