"""Internal routes of the processor, for other services; the gateway does not route to them."""

from __future__ import annotations

import msgspec
from flask import Response

from services.processor.jobs.states import queue_state
from services.processor.monitoring.lag import measure_lag
from shared.runtime.redis_clients import get_state_redis, get_stream
from shared.web.blueprint import Blueprint

blueprint = Blueprint("processor", __name__, url_prefix="/internal")


@blueprint.get("/lag")
@blueprint.doc(hidden=True)
def get_lag() -> Response:
    """Return how many requests wait in the stream, and for how long."""
    return _json(measure_lag(get_stream()))


@blueprint.get("/jobs")
@blueprint.doc(hidden=True)
def list_jobs() -> Response:
    """List running jobs with their progress, queued jobs and failed jobs."""
    return _json(queue_state(get_state_redis()))


def _json(answer: object) -> Response:
    return Response(msgspec.json.encode(answer), content_type="application/json")
