"""Jobs of all queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.processor.api.operator import current_operator
from services.processor.api.schemas import JobListRequest, JobSelection
from services.processor.jobs.availability import queue_must_answer
from services.processor.jobs.listing import JobPage, ScheduleResponse, list_jobs, list_schedule
from services.processor.jobs.operations import record_done, remove, retry_failed
from services.processor.monitoring.project_names import project_names
from shared.runtime.database import job_connection
from shared.runtime.job_queue import JobQueue
from shared.runtime.redis_clients import get_jobs_redis
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id
from shared.web.response_schemas import response_schema

blueprint = Blueprint("jobs", __name__, url_prefix="/api/v1/system/jobs", description="Jobs")


@dataclass(frozen=True, slots=True)
class JobsDone:
    """How many jobs it was done to; those that have gone on meanwhile are not among them."""

    jobs: int


@blueprint.get("/")
@blueprint.arguments(JobListRequest, location="query")
@blueprint.response(200, response_schema(JobPage))
def get_jobs(query: dict[str, Any]) -> JobPage:
    """List jobs that run, wait or have failed."""
    label = query["queue"]
    queue = None if label is None else JobQueue[label.upper()]
    with job_connection("admin") as connection:
        names = project_names(connection)
    with queue_must_answer():
        return list_jobs(
            get_jobs_redis(),
            names,
            query["status"],
            queue=queue,
            offset=max(0, decode_id(query["cursor"]) or 0),
            limit=query["limit"],
        )


@blueprint.get("/schedule")
@blueprint.response(200, response_schema(ScheduleResponse))
def get_schedule() -> ScheduleResponse:
    """List the jobs that the schedule queues, when it does so next, and how they ended last."""
    with queue_must_answer():
        return list_schedule(get_jobs_redis())


@blueprint.post("/retry")
@blueprint.arguments(JobSelection)
@blueprint.response(200, response_schema(JobsDone))
def retry_jobs(selection: dict[str, Any]) -> JobsDone:
    """Queue failed jobs again."""
    with job_connection("admin") as connection:
        with queue_must_answer():
            done = retry_failed(get_jobs_redis(), selection["ids"])
        record_done(connection, current_operator(), "jobs.retried", done)
    return JobsDone(len(done))


@blueprint.post("/remove")
@blueprint.arguments(JobSelection)
@blueprint.response(200, response_schema(JobsDone))
def remove_jobs(selection: dict[str, Any]) -> JobsDone:
    """Delete jobs that have failed or wait; what they should have done is not done."""
    with job_connection("admin") as connection:
        with queue_must_answer():
            done = remove(get_jobs_redis(), selection["ids"])
        record_done(connection, current_operator(), "jobs.removed", done)
    return JobsDone(len(done))
