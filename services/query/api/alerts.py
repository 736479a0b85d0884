"""Alerts of a project, what they would have done, and what they found."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.query_request import utc_now
from services.query.api.responses import json_response
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import alerts as schemas
from services.query.reports.alert_preview import AlertPreviewResponse, Resume, run_alert_preview
from services.query.reports.answers import AskedProject
from services.query.saved import alert_events
from services.query.saved.alert_events import AlertEventResponse
from services.query.saved.alerts import (
    ALERTS,
    AlertEvaluationsResponse,
    AlertResponse,
    definition_of,
    list_evaluations,
)
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "alerts", __name__, url_prefix="/api/v1/analytics/<int:project_id>", description="Alerts"
)
add_object_routes(
    blueprint,
    ALERTS,
    AlertResponse,
    schemas.AlertRequest,
    schemas.ALERT_UPDATE,
    path="/alerts",
    deletion_note="Its events stay in the inbox, as resolved.",
)


@blueprint.post("/alerts/preview")
@blueprint.arguments(schemas.AlertPreviewRequest)
@blueprint.response(200, response_schema(AlertPreviewResponse))
def preview_alert(data: dict[str, Any], project_id: int) -> Response:
    """Evaluate a definition over the last days, and say when it would have fired."""
    access = project_for(project_id)
    definition = definition_of(project_id, data)
    resume = None if data["resume"] is None else Resume(**data["resume"])
    asked = AskedProject(access.project_id, access.timezone, utc_now())
    return json_response(run_alert_preview(asked, definition, data["days"], resume))


@blueprint.get("/alerts/<int:alert_id>/evaluations")
@blueprint.response(200, response_schema(AlertEvaluationsResponse))
def list_alert_evaluations(project_id: int, alert_id: int) -> Response:
    """List the latest evaluations of an alert, oldest first; they stay for 14 days."""
    project_for(project_id)
    return json_response(list_evaluations(project_id, alert_id))


@blueprint.post("/alert-events/<int:event_id>/acknowledge")
@blueprint.arguments(schemas.AlertEventNote)
@blueprint.response(200, response_schema(AlertEventResponse))
def acknowledge_alert_event(data: dict[str, Any], project_id: int, event_id: int) -> Response:
    """Note that the caller takes care of an event."""
    project_for(project_id, "member")
    user_id = current_caller().user_id
    done = alert_events.acknowledge(project_id, event_id, user_id, data["note"], utc_now())
    return json_response(done)


@blueprint.post("/alert-events/<int:event_id>/resolve")
@blueprint.arguments(schemas.AlertEventNote)
@blueprint.response(200, response_schema(AlertEventResponse))
def resolve_alert_event(data: dict[str, Any], project_id: int, event_id: int) -> Response:
    """Resolve an event; the alert says nothing more until its condition is met anew."""
    project_for(project_id, "member")
    return json_response(alert_events.resolve(project_id, event_id, data["note"], utc_now()))
