"""Persons, cohorts, exports, and what was seen of a project's events."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from datetime import datetime, timezone
from typing import Any

from flask import Response, jsonify

from services.query.api.schemas import saved_objects as schemas
from services.query.api.schemas.common import RangeQuery
from services.query.parsing.filters import invalid_field
from services.query.records import event_catalog, export, person_jobs, persons
from services.query.reports.registry import QueryRequest
from services.query.saved import cohorts, objects
from services.query.sources.event_query import EventSelector
from shared.auth.access import project_for
from shared.runtime.person_exports import kept_export
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "people", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Persons"
)


@blueprint.get("/persons/")
@blueprint.arguments(schemas.PersonsQuery, location="query")
@blueprint.response(200)
def list_persons(query: dict[str, Any], project_id: int) -> Response:
    """Persons, perhaps those with an id that contains a text."""
    project_for(project_id)
    return jsonify(
        persons.search(project_id, query["search"], query["limit"], query["cursor"] or 0)
    )


@blueprint.get("/persons/<int:person_id>")
@blueprint.response(200)
def get_person(project_id: int, person_id: int) -> Response:
    """One person."""
    project_for(project_id)
    return jsonify(persons.profile(project_id, person_id))


@blueprint.get("/persons/<int:person_id>/events")
@blueprint.arguments(schemas.TimelineQuery, location="query")
@blueprint.response(200)
def get_person_events(query: dict[str, Any], project_id: int, person_id: int) -> Response:
    """What a person did, newest first."""
    project_for(project_id)
    return jsonify(persons.timeline(project_id, person_id, query["limit"], query["cursor"]))


@blueprint.delete("/persons/<int:person_id>")
@blueprint.response(202)
def delete_person(project_id: int, person_id: int) -> tuple[Response, int]:
    """Delete all that is stored of a person, for good; a job does it."""
    project_for(project_id, "admin")
    return jsonify(person_jobs.ask(project_id, person_id, "delete")), 202


@blueprint.post("/persons/<int:person_id>/export")
@blueprint.response(202)
def export_person(project_id: int, person_id: int) -> tuple[Response, int]:
    """Write all that is stored of a person into a file; a job does it."""
    project_for(project_id, "admin")
    return jsonify(person_jobs.ask(project_id, person_id, "export")), 202


@blueprint.get("/persons/jobs/<string:job_id>")
@blueprint.response(200)
def get_person_job(project_id: int, job_id: str) -> Response:
    """How far such a job is."""
    project_for(project_id, "admin")
    return jsonify(person_jobs.state(project_id, job_id))


@blueprint.get("/persons/jobs/<string:job_id>/file")
@blueprint.alt_response(200, description="JSON lines, gzipped")
def get_person_export(project_id: int, job_id: str) -> Response:
    """What an export wrote: the person, its sessions, its events."""
    project_for(project_id, "admin")
    person_jobs.state(project_id, job_id)
    return Response(
        kept_export(get_cache(), job_id),
        mimetype="application/gzip",
        headers={"Content-Disposition": f'attachment; filename="person-{job_id}.jsonl.gz"'},
    )


@blueprint.get("/cohorts/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200)
def list_cohorts(query: dict[str, Any], project_id: int) -> Response:
    """Cohorts."""
    project_for(project_id)
    return jsonify(objects.listed(cohorts.COHORTS, project_id, query["limit"], query["cursor"]))


@blueprint.post("/cohorts/")
@blueprint.arguments(schemas.CohortIn)
@blueprint.response(201)
def make_cohort(data: dict[str, Any], project_id: int) -> tuple[Response, int]:
    """A new cohort with its members."""
    access = project_for(project_id, "member")
    return jsonify(cohorts.make(project_id, access.timezone, data, _now())), 201


@blueprint.get("/cohorts/<int:cohort_id>")
@blueprint.response(200)
def get_cohort(project_id: int, cohort_id: int) -> Response:
    """One cohort."""
    project_for(project_id)
    return jsonify(objects.found(cohorts.COHORTS, project_id, str(cohort_id)))


@blueprint.post("/cohorts/<int:cohort_id>/refresh")
@blueprint.response(200)
def refresh_cohort(project_id: int, cohort_id: int) -> Response:
    """Find its members again."""
    access = project_for(project_id, "member")
    return jsonify(cohorts.refresh(project_id, access.timezone, cohort_id, _now()))


@blueprint.delete("/cohorts/<int:cohort_id>")
@blueprint.response(204)
def remove_cohort(project_id: int, cohort_id: int) -> tuple[str, int]:
    """Remove it."""
    project_for(project_id, "member")
    cohorts.remove(project_id, cohort_id)
    return "", 204


@blueprint.get("/exports/events")
@blueprint.arguments(schemas.ExportQuery, location="query")
@blueprint.alt_response(200, description="The file")
def export_events(query: dict[str, Any], project_id: int) -> Response:
    """Every event of a range as a file, streamed; X-Export-Events tells how many there are."""
    access = project_for(project_id)
    try:
        query["filters"] = json.loads(query["filters"]) if query["filters"] else None
    except (ValueError, RecursionError) as error:
        raise invalid_field("filters", "Not JSON.") from error
    events = QueryRequest(access.project_id, access.timezone, _now(), query).event_query()
    kind = query["format"]
    file = export.Export(events, EventSelector(query["event_name"]), kind)
    pieces = _begun(file.pieces())
    name = f"events-{events.time_range.start:%Y%m%d}-{events.time_range.end:%Y%m%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if file.total is not None:
        headers["X-Export-Events"] = str(file.total)
    return Response(pieces, mimetype=export.FORMATS[kind], headers=headers)


def _begun(pieces: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """The same pieces with the first one made already: what fails at once is still an error."""
    first = next(pieces, b"")

    def both() -> Generator[bytes, None, None]:
        with closing(pieces):
            yield first
            yield from pieces

    return both()


@blueprint.get("/definitions/events")
@blueprint.response(200)
def get_event_names(project_id: int) -> Response:
    """Event names seen."""
    project_for(project_id)
    return jsonify(event_catalog.event_names(project_id))


@blueprint.get("/definitions/properties")
@blueprint.arguments(schemas.PropertiesQuery, location="query")
@blueprint.response(200)
def get_property_names(query: dict[str, Any], project_id: int) -> Response:
    """Properties seen in the latest events."""
    project_for(project_id)
    return jsonify(event_catalog.property_names(project_id, query["event_name"]))


@blueprint.get("/intake")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200)
def get_intake(query: dict[str, Any], project_id: int) -> Response:
    """What became of received events."""
    access = project_for(project_id)
    data = {**query, "filters": None}
    events = QueryRequest(access.project_id, access.timezone, _now(), data).event_query()
    return jsonify(event_catalog.intake(project_id, events.time_range))


@blueprint.get("/dead-letters/")
@blueprint.arguments(schemas.DeadLettersQuery, location="query")
@blueprint.response(200)
def list_dead_letters(query: dict[str, Any], project_id: int) -> Response:
    """Events that could not be stored."""
    project_for(project_id)
    return jsonify(event_catalog.dead_letters(project_id, query["limit"], query["cursor"]))


def _now() -> datetime:
    return datetime.now(timezone.utc)
