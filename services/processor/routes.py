"""The processor's routes, for the other services and for operators; the gateway has none."""

from __future__ import annotations

from flask import Response

from services.processor.jobs.states import Queued, queued
from services.processor.monitoring.lag import Lag, measure
from services.processor.schemas import JobsAnswer, LagAnswer
from shared.runtime.person_exports import kept_export
from shared.runtime.redis_clients import get_cache, get_stream
from shared.web.blueprint import Blueprint

blueprint = Blueprint("processor", __name__, url_prefix="/internal")


@blueprint.get("/lag")
@blueprint.response(200, LagAnswer)
def lag() -> Lag:
    """What waits in the stream."""
    return measure(get_stream())


@blueprint.get("/jobs")
@blueprint.response(200, JobsAnswer)
def jobs() -> Queued:
    """Jobs that run, with their progress; that wait; that have failed."""
    return queued(get_cache())


@blueprint.get("/exports/<job_id>")
@blueprint.response(200, content_type="application/gzip")
def export(job_id: str) -> Response:
    """What an ``export_person`` job has kept: gzipped JSON lines."""
    return Response(kept_export(get_cache(), job_id), content_type="application/gzip")
