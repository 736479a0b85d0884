"""Have the processor render a report: to look at, or to send it to oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from redis.exceptions import RedisError

from services.query.saved.objects import find
from services.query.saved.reports import REPORTS
from shared.errors import Unavailable
from shared.reports.preview import preview_key
from shared.responses import Doc
from shared.runtime.database import session_scope
from shared.runtime.job_queue import enqueue_once
from shared.runtime.redis_clients import get_answer_cache, get_state_redis

_TASKS = "services.processor.jobs.tasks."


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
        Unavailable: the queue is away.
    """
    report_id = _report_id(project_id, key)
    try:
        key_of_page = preview_key(project_id, report_id)
        made: bytes | None = get_answer_cache().get(key_of_page)  # type: ignore[assignment]
        if made is None:
            enqueue_once(
                get_state_redis(),
                f"{_TASKS}preview_report",
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
        Unavailable: the queue is away.
    """
    report_id = _report_id(project_id, key)
    try:
        enqueue_once(
            get_state_redis(),
            f"{_TASKS}send_report_now",
            project_id,
            report_id,
            user_id,
            job_id=f"send-report-{project_id}-{report_id}-{user_id}",
        )
    except RedisError as error:
        raise _queue_away() from error
    return ReportSendingResponse(email)


def _report_id(project_id: int, key: str) -> int:
    with session_scope() as session:
        return find(session, REPORTS, project_id, key).id


def _queue_away() -> Unavailable:
    return Unavailable("The job queue is unavailable. Try again in a few seconds.")
