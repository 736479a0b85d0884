"""Internal routes of the processor, for other services and operators; the gateway has none."""

from __future__ import annotations

from flask import Response

from services.processor.jobs.states import QueueState, queue_state
from services.processor.monitoring.lag import Lag, measure_lag
from services.processor.schemas import JobsResponse, LagResponse
from shared.runtime.person_exports import get_export
from shared.runtime.redis_clients import get_cache, get_stream
from shared.web.blueprint import Blueprint

blueprint = Blueprint("processor", __name__, url_prefix="/internal")


@blueprint.get("/lag")
@blueprint.response(200, LagResponse)
def get_lag() -> Lag:
    """Return how many requests wait in the stream, and for how long."""
    return measure_lag(get_stream())


@blueprint.get("/jobs")
@blueprint.response(200, JobsResponse)
def list_jobs() -> QueueState:
    """List running jobs with their progress, queued jobs and failed jobs."""
    return queue_state(get_cache())


@blueprint.get("/exports/<job_id>")
@blueprint.response(200, content_type="application/gzip")
def get_person_export(job_id: str) -> Response:
    """Return the result of an ``export_person`` job: gzipped JSON lines."""
    return Response(get_export(get_cache(), job_id), content_type="application/gzip")
