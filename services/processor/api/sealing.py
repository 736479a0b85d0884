"""Sealed days of all projects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

from services.processor.api.operator import current_operator
from services.processor.api.schemas import (
    MAX_ID,
    ClosedDayListRequest,
    SealingListRequest,
    SealingRequest,
)
from services.processor.maintenance.sealing_requests import request_sealing
from services.processor.monitoring.sealed_days import ClosedDayPage, list_closed_days
from services.processor.monitoring.sealing import SealingPage, read_sealing
from shared.errors import NotFound
from shared.responses import Doc
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_jobs_redis
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "sealing", __name__, url_prefix="/api/v1/system/sealing", description="Sealed days"
)


@dataclass(frozen=True, slots=True)
class SealingRequested:
    """The job that seals days again."""

    job_id: Annotated[str, Doc("Its id in the list of jobs.")]


@blueprint.get("/")
@blueprint.arguments(SealingListRequest, location="query")
@blueprint.response(200, response_schema(SealingPage))
def get_sealing(query: dict[str, Any]) -> SealingPage:
    """List projects with how far sealing is: failing ones first, then those that wait longest."""
    offset = decode_id(query.pop("cursor")) or 0
    with job_connection("admin") as connection:
        return read_sealing(connection, _now(), offset=max(0, offset), **query)


@blueprint.get("/<int:project_id>")
@blueprint.arguments(ClosedDayListRequest, location="query")
@blueprint.response(200, response_schema(ClosedDayPage))
def get_closed_days(query: dict[str, Any], project_id: int) -> ClosedDayPage:
    """List the closed days of a project: sealed, waiting or failing, and why."""
    offset = decode_id(query.pop("cursor")) or 0
    with job_connection("admin") as connection:
        return list_closed_days(
            connection, _possible(project_id), _now(), offset=max(0, offset), **query
        )


@blueprint.post("/<int:project_id>")
@blueprint.arguments(SealingRequest)
@blueprint.response(202, response_schema(SealingRequested))
def seal_again(data: dict[str, Any], project_id: int) -> SealingRequested:
    """Have days sealed again from their raw events, by a job."""
    with job_connection("admin") as connection:
        job_id = request_sealing(
            connection,
            get_jobs_redis(),
            _possible(project_id),
            **data,
            operator=current_operator(),
            now=_now(),
        )
    return SealingRequested(job_id)


def _possible(project_id: int) -> int:
    if project_id > MAX_ID:
        raise NotFound("There is no such project. Use an id of the list.")
    return project_id


def _now() -> datetime:
    return datetime.now(timezone.utc)
