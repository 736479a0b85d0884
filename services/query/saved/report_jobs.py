"""Have the processor render a report: to look at, or to send it to oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq.job import Job

from services.query.saved.objects import find
from services.query.saved.reports import REPORTS
from shared.auth.charged_account import charged_account
from shared.errors import TooManyRequests, Unavailable
from shared.reports.preview import preview_key
from shared.responses import Doc
from shared.runtime.database import session_scope
from shared.runtime.job_queue import JobQueue, enqueue, is_waiting, job_queue
from shared.runtime.redis_clients import get_answer_cache, get_state_redis

_TASKS = "services.processor.jobs.tasks."
_MAX_WAITING = 3
"""Previews and mails to oneself of one account, in all its projects: all reports have one worker,
and each may take minutes."""
_SECONDS_REMEMBERED = 86_400


@dataclass(frozen=True, slots=True)
class ReportPreviewResponse:
    """A report as its recipients would get it if it were due now."""

    status: Annotated[
        Literal["rendering", "ready", "failed"],
        Doc("rendering: ask again in a second. A finished one is kept for a minute."),
    ]
    subject: Annotated[str | None, Doc("Of the mail; null: not ready.")] = None
    html: Annotated[
        str | None, Doc("The page of the mail, with its pictures; null: not ready.")
    ] = None
    error: Annotated[str | None, Doc("Why there is none; null: it did not fail.")] = None


@dataclass(frozen=True, slots=True)
class ReportSendingResponse:
    """A mail that is being made."""

    email: Annotated[str, Doc("The address of the caller's account, which gets it.")]


def preview(project_id: int, key: str) -> ReportPreviewResponse:
    """Return a report as it would be sent now, or have it rendered.

    Raises:
        NotFound: the project has no such report.
        TooManyRequests: as many reports as may wait for the account already.
        Unavailable: the queue is away.
    """
    report_id = _report_id(project_id, key)
    try:
        key_of_page = preview_key(project_id, report_id)
        made: bytes | None = get_answer_cache().get(key_of_page)  # type: ignore[assignment]
        if made is None:
            _enqueue(
                "preview_report",
                project_id,
                report_id,
                job_id=f"preview-report-{project_id}-{report_id}",
            )
            return ReportPreviewResponse("rendering")
    except RedisError as error:
        raise _queue_away() from error
    return msgspec.json.decode(made, type=ReportPreviewResponse)


def send_to_oneself(project_id: int, key: str, user_id: int, email: str) -> ReportSendingResponse:
    """Have a report sent to the caller, as if it were due now.

    Raises:
        NotFound: the project has no such report.
        TooManyRequests: as many reports as may wait for the account already.
        Unavailable: the queue is away.
    """
    report_id = _report_id(project_id, key)
    try:
        _enqueue(
            "send_report_now",
            project_id,
            report_id,
            user_id,
            job_id=f"send-report-{project_id}-{report_id}-{user_id}",
        )
    except RedisError as error:
        raise _queue_away() from error
    return ReportSendingResponse(email)


def _enqueue(task: str, *arguments: int, job_id: str) -> None:
    """Queue a job of the current account unless it waits already.

    Looking and queueing are one transaction: of many requests at once no more than the limit pass.

    Raises:
        TooManyRequests: as many as may wait for the account already.
        RedisError: the queue is away.
    """
    redis, name = get_state_redis(), f"report-jobs:{charged_account.get()}"
    queue = job_queue(redis, JobQueue.REPORTS)

    def queue_unless_waiting(pipeline: Pipeline) -> None:
        members: set[bytes] = pipeline.smembers(name)  # type: ignore[assignment]  # not decoded
        waiting = {one for one in members if is_waiting(queue, one.decode())}
        if job_id.encode() in waiting:
            return
        if len(waiting) >= _MAX_WAITING:
            raise TooManyRequests(
                f"{len(waiting)} reports that you asked for wait already. "
                "Try again when one is done.",
                retry_after_seconds=10,
            )
        is_queued = is_waiting(queue, job_id)  # for another account
        pipeline.multi()
        if waiting != members:
            pipeline.srem(name, *(members - waiting))
        pipeline.sadd(name, job_id)
        pipeline.expire(name, _SECONDS_REMEMBERED)
        if not is_queued:
            enqueue(redis, f"{_TASKS}{task}", *arguments, job_id=job_id, pipeline=pipeline)

    redis.transaction(queue_unless_waiting, name, Job.key_for(job_id))


def _report_id(project_id: int, key: str) -> int:
    with session_scope() as session:
        return find(session, REPORTS, project_id, key).id


def _queue_away() -> Unavailable:
    return Unavailable("The job queue is unavailable. Try again in a few seconds.")
