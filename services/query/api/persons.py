"""Persons of a project: search, one person, events, deletion, export; identified users."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.responses import file_response, json_response, persons_file, start_file
from services.query.api.schemas import persons as schemas
from services.query.records import (
    person_exports,
    person_jobs,
    person_merges,
    person_properties,
    persons,
)
from services.query.records.events import EventListResponse
from services.query.records.figure_persons import CSV
from services.query.records.person_jobs import PersonJobResponse
from services.query.records.person_merges import PersonMergeListResponse
from services.query.records.person_properties import PersonPropertyListResponse
from services.query.records.persons import (
    PersonActivityResponse,
    PersonListResponse,
    PersonResponse,
)
from services.query.visitors.users import USER_LIST
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "persons", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Persons"
)


@blueprint.get("/users")
@blueprint.arguments(schemas.UserListRequest, location="query")
@blueprint.response(200, response_schema(USER_LIST.response))
def get_users(query: dict[str, Any], project_id: int) -> Response:
    """List identified persons who were active in the range."""
    return jsonify(USER_LIST.answer(query_request(project_id, query)))


@blueprint.get("/persons/")
@blueprint.arguments(schemas.PersonListRequest, location="query")
@blueprint.response(200, response_schema(PersonListResponse))
def list_persons(query: dict[str, Any], project_id: int) -> Response:
    """List persons: all, or those with a text in an id or a property, or who pass filters."""
    plan = persons.parse_person_list(query_request(project_id, query))
    return json_response(persons.list_persons(plan))


@blueprint.get("/persons/export")
@blueprint.arguments(schemas.PersonSelection, location="query")
@blueprint.doc(responses=file_response("The file.", CSV))
def export_persons(query: dict[str, Any], project_id: int) -> Response:
    """Download persons as a CSV file."""
    selection = persons.parse_person_selection(query_request(project_id, query))
    ids, expired = persons.find_person_ids(selection)
    return persons_file(selection.project_id, ids, expired)


@blueprint.get("/persons/properties")
@blueprint.response(200, response_schema(PersonPropertyListResponse))
def list_person_properties(project_id: int) -> Response:
    """List the names of the properties that persons have, most frequent first."""
    project_for(project_id)
    return json_response(person_properties.list_person_properties(project_id))


@blueprint.get("/persons/<int:person_id>")
@blueprint.response(200, response_schema(PersonResponse))
def get_person(project_id: int, person_id: int) -> Response:
    """Get a person."""
    project_for(project_id)
    return json_response(persons.get_person(project_id, person_id))


@blueprint.get("/persons/<int:person_id>/events")
@blueprint.arguments(schemas.PersonEventsRequest, location="query")
@blueprint.response(200, response_schema(EventListResponse))
def list_person_events(query: dict[str, Any], project_id: int, person_id: int) -> Response:
    """List a person's events, newest first."""
    project_for(project_id)
    return json_response(
        persons.list_person_events(project_id, person_id, query["limit"], query["cursor"])
    )


@blueprint.get("/persons/<int:person_id>/activity")
@blueprint.arguments(schemas.PersonActivityRequest, location="query")
@blueprint.response(200, response_schema(PersonActivityResponse))
def get_person_activity(query: dict[str, Any], project_id: int, person_id: int) -> Response:
    """Count a person's events by day, of the days that have any."""
    request = query_request(project_id, {**query, "period": None, "start": None, "end": None})
    return json_response(persons.get_activity(project_id, person_id, request.time_range()))


@blueprint.get("/persons/<int:person_id>/merges")
@blueprint.arguments(schemas.PersonMergesRequest, location="query")
@blueprint.response(200, response_schema(PersonMergeListResponse))
def list_person_merges(query: dict[str, Any], project_id: int, person_id: int) -> Response:
    """List the merges by which ids joined a person, the latest first."""
    project_for(project_id, "admin")
    return json_response(
        person_merges.list_merges(project_id, person_id, query["limit"], query["cursor"])
    )


@blueprint.post("/persons/merges/<int:merge_id>/undo")
@blueprint.response(202, response_schema(PersonJobResponse))
def undo_person_merge(project_id: int, merge_id: int) -> Response:
    """Start a job that undoes a merge: it moves its ids and their events to a new person."""
    project_for(project_id, "admin")
    return json_response(person_jobs.start_undo(project_id, merge_id), 202)


@blueprint.delete("/persons/<int:person_id>")
@blueprint.response(202, response_schema(PersonJobResponse))
def delete_person(project_id: int, person_id: int) -> Response:
    """Start a job that deletes everything stored about a person, for good."""
    project_for(project_id, "admin")
    return json_response(person_jobs.start(project_id, person_id, "delete"), 202)


@blueprint.post("/persons/<int:person_id>/export")
@blueprint.response(202, response_schema(PersonJobResponse))
def export_person(project_id: int, person_id: int) -> Response:
    """Start a job that writes everything stored about a person into a file."""
    project_for(project_id, "admin")
    return json_response(person_jobs.start(project_id, person_id, "export"), 202)


@blueprint.get("/persons/jobs/<string:job_id>")
@blueprint.response(200, response_schema(PersonJobResponse))
def get_person_job(project_id: int, job_id: str) -> Response:
    """Get the state of a deletion or export job."""
    project_for(project_id, "admin")
    return json_response(person_jobs.get_state(project_id, job_id))


@blueprint.get("/persons/jobs/<string:job_id>/file")
@blueprint.doc(responses=file_response("JSON lines, gzipped.", "application/gzip"))
def get_person_export(project_id: int, job_id: str) -> Response:
    """Download the file of a finished export: the person, its sessions, its events."""
    project_for(project_id, "admin")
    person_jobs.get_state(project_id, job_id)
    export = person_exports.get_export(project_id, job_id)
    return Response(
        start_file(project_id, export.chunks),
        mimetype="application/gzip",
        headers={
            "Content-Disposition": f'attachment; filename="person-{job_id}.jsonl.gz"',
            "Content-Length": str(export.size),
        },
    )
