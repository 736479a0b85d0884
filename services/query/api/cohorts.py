"""Cohorts: groups of persons, by what they did or by uploaded distinct ids."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.query_request import utc_now
from services.query.api.responses import json_response
from services.query.api.schemas import cohorts as schemas
from services.query.saved import cohorts
from services.query.saved.cohorts import COHORTS, CohortResponse
from services.query.saved.objects import get_object, list_objects
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "cohorts",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/cohorts",
    description="Cohorts",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(CohortResponse))
def list_cohorts(query: dict[str, Any], project_id: int) -> Response:
    """List cohorts."""
    project_for(project_id)
    return json_response(list_objects(COHORTS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.CohortRequest)
@blueprint.response(201, response_schema(CohortResponse))
def create_cohort(data: dict[str, Any], project_id: int) -> Response:
    """Create a cohort and find its members."""
    access = project_for(project_id, "member")
    return json_response(cohorts.create(project_id, access.timezone, data, utc_now()), 201)


@blueprint.get("/<int:cohort_id>")
@blueprint.response(200, response_schema(CohortResponse))
def get_cohort(project_id: int, cohort_id: int) -> Response:
    """Get a cohort."""
    project_for(project_id)
    return json_response(get_object(COHORTS, project_id, str(cohort_id)))


@blueprint.post("/<int:cohort_id>/refresh")
@blueprint.response(200, response_schema(CohortResponse))
def refresh_cohort(project_id: int, cohort_id: int) -> Response:
    """Find the members of a cohort again."""
    access = project_for(project_id, "member")
    return json_response(cohorts.refresh(project_id, access.timezone, cohort_id, utc_now()))


@blueprint.delete("/<int:cohort_id>")
@blueprint.response(204)
def delete_cohort(project_id: int, cohort_id: int) -> tuple[str, int]:
    """Delete a cohort. Queries whose filters name it are refused from then on."""
    project_for(project_id, "member")
    cohorts.delete(project_id, cohort_id)
    return "", 204
