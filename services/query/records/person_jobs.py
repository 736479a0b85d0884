"""What may be asked for a person (to be deleted, to be exported) and is then done by a job."""

from __future__ import annotations

import re
from typing import Any

from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import select

from services.query.execution.read_session import read_only_session
from shared.errors import NotFound, Unavailable
from shared.models import PersonDistinctId
from shared.runtime.job_queue import enqueue
from shared.runtime.redis_clients import get_cache

_JOB_ID = re.compile(r"[0-9a-f-]{36}")  # RQ gives UUIDs, and refuses what cannot be one
_MODULE = "services.processor.jobs.tasks."
KINDS = {"delete": f"{_MODULE}delete_person", "export": f"{_MODULE}export_person"}
_FINISHED = {JobStatus.FINISHED: "finished", JobStatus.FAILED: "failed"}


def ask(project_id: int, person_id: int, kind: str) -> dict[str, Any]:
    """Queue a job of ``KINDS`` for a person.

    Raises:
        NotFound: the project has no such person.
        Unavailable: the queue is away.
    """
    with read_only_session() as session:
        distinct_id = session.scalar(
            select(PersonDistinctId.distinct_id)
            .where(
                PersonDistinctId.project_id == project_id, PersonDistinctId.person_id == person_id
            )
            .limit(1)
        )
    if distinct_id is None:
        raise NotFound("The project has no such person.")
    try:
        job = enqueue(get_cache(), KINDS[kind], project_id, distinct_id)
    except RedisError as error:
        raise _queue_away() from error
    return {"job_id": job.id, "kind": kind, "status": "queued"}


def state(project_id: int, job_id: str) -> dict[str, Any]:
    """How far a job of this project is: queued, started, finished or failed.

    Raises:
        NotFound: there is none (any more).
        Unavailable: the queue is away.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise _no_job()
    try:
        job = Job.fetch(job_id, connection=get_cache(), serializer=JSONSerializer)
        status, result = job.get_status(), job.latest_result()
    except (NoSuchJobError, ValueError) as error:  # ValueError: no job is ever called so
        raise _no_job() from error
    except RedisError as error:
        raise _queue_away() from error
    kinds = [kind for kind, name in KINDS.items() if name == job.func_name]
    if not kinds or job.args[0] != project_id:
        raise _no_job()
    found: dict[str, Any] = {
        "job_id": job.id,
        "kind": kinds[0],
        "status": _FINISHED.get(status, "started" if status == JobStatus.STARTED else "queued"),
    }
    if status == JobStatus.FINISHED and kinds == ["delete"] and result is not None:
        found["deleted"] = result.return_value
    return found


def _no_job() -> NotFound:
    return NotFound("The project has no such job (any more): they are known for a day.")


def _queue_away() -> Unavailable:
    return Unavailable("The queue of jobs is away. Try again in a few seconds.")
