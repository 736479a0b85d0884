"""Retry and remove jobs, for owners of the installation and for the command line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from psycopg2.extensions import connection as Connection
from redis import Redis
from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from services.processor.jobs.listing import project_of, task_of
from services.processor.maintenance.operators import Operator, record
from shared.runtime.job_queue import JobQueue, job_queue

_INSTALLATION = 0


def retry_failed(redis: Redis, ids: Sequence[str] | None = None) -> list[Job]:
    """Queue failed jobs again, these or (None) all of them; return them."""
    return _each(redis, ids, _retry)


def remove(redis: Redis, ids: Sequence[str] | None = None) -> list[Job]:
    """Delete jobs that have failed or wait, these or (None) all failed ones; return them.

    A job that runs is left alone: it would go on without anybody who knows of it.
    """
    return _each(redis, ids, _remove)


def record_done(
    connection: Connection, operator: Operator, action: str, jobs: Sequence[Job]
) -> None:
    """Record in the audit logs of their projects what was done to jobs. Commits."""
    names: dict[int, list[str]] = defaultdict(list)
    for job in jobs:
        names[project_of(job) or _INSTALLATION].append(task_of(job)[0])
    with connection.cursor() as cursor:
        for project_id, of_project in sorted(names.items()):
            tasks = ", ".join(sorted(set(of_project)))
            record(cursor, operator, action, project_id, jobs=len(of_project), tasks=tasks)
    connection.commit()


def _each(redis: Redis, ids: Sequence[str] | None, do: Callable[[Queue, str], bool]) -> list[Job]:
    done = []
    for name in JobQueue:
        queue = job_queue(redis, name)
        failed = FailedJobRegistry(queue=queue).get_job_ids(cleanup=False) if ids is None else ids
        jobs = Job.fetch_many(failed, connection=redis, serializer=JSONSerializer)
        for job in jobs:
            if job is None or job.origin != name:
                continue
            task_of(job)  # read while it is there
            if do(queue, job.id):
                done.append(job)
    return done


def _retry(queue: Queue, job_id: str) -> bool:
    try:
        FailedJobRegistry(queue=queue).requeue(job_id)
    except (InvalidJobOperation, NoSuchJobError):
        return False  # it has not failed, or somebody else was faster
    return True


def _remove(queue: Queue, job_id: str) -> bool:
    # Whoever takes it off its list may delete it: a worker takes jobs off the queue, too.
    registry = FailedJobRegistry(queue=queue)
    if not queue.remove(job_id) and not registry.remove(job_id):
        return False
    try:
        job = Job.fetch(job_id, connection=queue.connection, serializer=JSONSerializer)
        job.delete(remove_from_queue=False)
    except NoSuchJobError:
        pass
    return True
