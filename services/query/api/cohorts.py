"""Cohorts: groups of persons, by what they did, by uploaded distinct ids or from a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from services.query.api.figures import find_persons
from services.query.api.query_request import query_request, utc_now
from services.query.api.responses import json_response
from services.query.api.schemas import cohorts as schemas
from services.query.parsing.errors import invalid_field
from services.query.records import persons
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
    figure, selection = data.pop("figure"), data.pop("persons")
    if figure is None and selection is None:
        return json_response(cohorts.create(project_id, access.timezone, data, utc_now()), 201)
    others = [data.pop("query"), data.pop("distinct_ids"), figure, selection]
    if sum(one is not None for one in others) > 1:
        raise invalid_field("figure", "Use one of query, distinct_ids, figure and persons.")
    if figure is not None:
        found = find_persons(project_id, figure["kind"], figure["query"])
        members: Sequence[int] = found.persons.to_array()
    else:
        request = query_request(project_id, selection)
        members, _ = persons.find_person_ids(persons.parse_person_selection(request))
    return json_response(cohorts.create_from_persons(project_id, data, members, utc_now()), 201)


@blueprint.get("/<int:cohort_id>")
@blueprint.response(200, response_schema(CohortResponse))
def get_cohort(project_id: int, cohort_id: int) -> Response:
    """Get a cohort."""
    project_for(project_id)
    return json_response(get_object(COHORTS, project_id, str(cohort_id)))


@blueprint.patch("/<int:cohort_id>")
@blueprint.arguments(schemas.CohortChangeRequest)
@blueprint.response(200, response_schema(CohortResponse))
def update_cohort(data: dict[str, Any], project_id: int, cohort_id: int) -> Response:
    """Change the given fields of a cohort."""
    access = project_for(project_id, "member")
    return json_response(cohorts.update(project_id, access.timezone, cohort_id, data, utc_now()))


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
