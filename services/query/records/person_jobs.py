"""Jobs that delete or export everything stored about a person."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import select

from services.query.execution.read_session import limited_session
from shared.auth.charged_account import ANONYMOUS, charged_account
from shared.errors import Conflict, ErrorCode, NotFound, TooManyRequests, Unavailable
from shared.models import PersonDistinctId, PersonMerge
from shared.responses import Doc
from shared.runtime import export_budget
from shared.runtime.job_queue import enqueue
from shared.runtime.redis_clients import get_state_redis

_JOB_ID = re.compile(r"[0-9a-f-]{36}")  # RQ gives UUIDs, and refuses what cannot be one
_MODULE = "services.processor.jobs.tasks."
JobKind = Literal["delete", "export", "undo_merge"]
JobStatusName = Literal["queued", "started", "finished", "failed"]
_FUNCTIONS: dict[JobKind, str] = {
    "delete": f"{_MODULE}delete_person",
    "export": f"{_MODULE}export_person",
    "undo_merge": f"{_MODULE}undo_merge",
}
_KINDS: dict[str, JobKind] = {
    **{function: kind for kind, function in _FUNCTIONS.items()},
    # Jobs queued before the tasks moved; for one release, like the names in the processor's
    # ``jobs`` package.
    "services.processor.jobs.delete_person": "delete",
    "services.processor.jobs.export_person": "export",
}
_NAMESPACE = uuid.UUID("5f0f6d1e-6c0f-5b5a-9d5c-2f7c1b0e4a61")
_MAX_WAITING = 5
_MAX_OF_ACCOUNT = 10
"""Exports and undone merges of one account in all its projects; deletions of persons are a duty."""
_SECONDS_REMEMBERED = 86_400
_WAITING = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}
_STATUS_NAMES: dict[JobStatus, JobStatusName] = {
    JobStatus.FINISHED: "finished",
    JobStatus.FAILED: "failed",
    JobStatus.STARTED: "started",
}


@dataclass(frozen=True, slots=True)
class DeletedRows:
    """What the deletion of a person removed."""

    distinct_ids: int
    events: int
    sessions: int
    dead_letters: int
    stream_is_clear: Annotated[
        bool, Doc("Whether no event of the person remained in stream or spool.")
    ]


@dataclass(frozen=True, slots=True)
class PersonJobResponse:
    """The state of a job."""

    job_id: Annotated[str, Doc(format="uuid")]
    kind: JobKind
    status: JobStatusName
    deleted: Annotated[DeletedRows | msgspec.UnsetType, Doc("Only of a finished deletion.")] = (
        msgspec.UNSET
    )


def start(project_id: int, person_id: int, kind: JobKind) -> PersonJobResponse:
    """Queue a job for a person.

    An equal job that is queued or running is not queued again.

    Raises:
        NotFound: the project has no such person.
        TooManyRequests: as many jobs of this kind wait for the project as may, or its exports of
            the day are used up.
        Unavailable: the queue is away.
    """
    with limited_session(project_id) as session:
        distinct_id = session.scalar(
            select(PersonDistinctId.distinct_id)
            .where(
                PersonDistinctId.project_id == project_id, PersonDistinctId.person_id == person_id
            )
            .limit(1)
        )
    if distinct_id is None:
        raise NotFound(
            "The project has no such person. Search for a distinct id to find the person."
        )
    try:
        job_id = _enqueue_once(get_state_redis(), project_id, person_id, kind, distinct_id)
    except RedisError as error:
        raise _queue_away() from error
    return PersonJobResponse(job_id, kind, "queued")


def start_undo(project_id: int, merge_id: int) -> PersonJobResponse:
    """Queue a job that undoes a merge of persons.

    Raises:
        NotFound: the log of the project has no such merge.
        Conflict: it is undone already.
        TooManyRequests: as many jobs of this kind wait for the project as may.
        Unavailable: the queue is away.
    """
    with limited_session(project_id) as session:
        merge = session.get(PersonMerge, (project_id, merge_id))
    if merge is None:
        raise NotFound("The project has no such merge. List the merges of a person to find it.")
    if merge.undone_at is not None:
        raise Conflict("The merge is undone already. List the merges of the person to see others.")
    try:
        job_id = _enqueue_once(get_state_redis(), project_id, merge_id, "undo_merge", merge_id)
    except RedisError as error:
        raise _queue_away() from error
    return PersonJobResponse(job_id, "undo_merge", "queued")


def _enqueue_once(
    redis: Redis, project_id: int, number: int, kind: JobKind, argument: str | int
) -> str:
    """Queue the job unless it waits already; return its id, the same for equal jobs.

    Looking and queueing are one transaction: of many requests at once no more than the limit pass.
    """
    job_id = str(uuid.uuid5(_NAMESPACE, f"{kind}:{project_id}:{number}"))
    limits = {f"project-jobs:{kind}:{project_id}": _MAX_WAITING}
    account = charged_account.get()
    if kind != "delete" and account != ANONYMOUS:
        limits[f"account-jobs:{kind}:{account}"] = _MAX_OF_ACCOUNT

    def queue_unless_waiting(pipeline: Pipeline) -> None:
        ended: dict[str, set[bytes]] = {}
        for key, most in limits.items():
            members: set[bytes] = pipeline.smembers(key)  # type: ignore[assignment]  # not decoded
            ended[key] = {one for one in members if not _is_waiting(pipeline, one.decode())}
            waiting = members - ended[key]
            if job_id.encode() in waiting:
                return
            if len(waiting) >= most:
                raise TooManyRequests(
                    f"{len(waiting)} jobs of this kind wait for the project, or for your account, "
                    "already. Try again when one is done.",
                    code=ErrorCode.RATE_LIMITED,
                    retry_after_seconds=30,
                )
        if kind == "export":
            export_budget.check(pipeline, project_id)
        pipeline.multi()
        if kind == "export":
            export_budget.count_export(pipeline, project_id)
        for key, gone in ended.items():
            if gone:
                pipeline.srem(key, *gone)
            pipeline.sadd(key, job_id)
            pipeline.expire(key, _SECONDS_REMEMBERED)
        enqueue(redis, _FUNCTIONS[kind], project_id, argument, job_id=job_id, pipeline=pipeline)

    redis.transaction(queue_unless_waiting, *limits)
    return job_id


def _is_waiting(redis: Redis, job_id: str) -> bool:
    status: bytes | None = redis.hget(Job.key_for(job_id), "status")  # type: ignore[assignment]
    return status is not None and status.decode() in _WAITING


def get_state(project_id: int, job_id: str) -> PersonJobResponse:
    """Return the state of a job of the project.

    Raises:
        NotFound: there is none, or it ended more than a day ago.
        Unavailable: the queue is away.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise _no_job()
    try:
        job = Job.fetch(job_id, connection=get_state_redis(), serializer=JSONSerializer)
        status, result = job.get_status(), job.latest_result()
    except (NoSuchJobError, ValueError) as error:  # ValueError: no job is ever called so
        raise _no_job() from error
    except RedisError as error:
        raise _queue_away() from error
    kind = _KINDS.get(job.func_name or "")
    if kind is None or job.args[0] != project_id:
        raise _no_job()
    deleted: DeletedRows | msgspec.UnsetType = msgspec.UNSET
    if status == JobStatus.FINISHED and kind == "delete" and result is not None:
        deleted = msgspec.convert(result.return_value, DeletedRows)
    return PersonJobResponse(job.id, kind, _STATUS_NAMES.get(status, "queued"), deleted)


def _no_job() -> NotFound:
    return NotFound(
        "The project has no such job, or it ended more than a day ago. Start a new one."
    )


def _queue_away() -> Unavailable:
    return Unavailable("The job queue is unavailable. Try again in a few seconds.")
