"""Internal routes of the processor, for other services and operators; the gateway has none."""

from __future__ import annotations

from services.processor.jobs.states import QueueState, queue_state
from services.processor.monitoring.lag import Lag, measure_lag
from services.processor.schemas import JobsResponse, LagResponse
from shared.runtime.redis_clients import get_state_redis, get_stream
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
    return queue_state(get_state_redis())
