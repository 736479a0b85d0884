"""The inbox of alerts, over all projects of the caller."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.responses import json_response
from services.query.api.schemas.alerts import AlertEventsQuery
from services.query.saved.alert_events import AlertEventPage, list_events, projects_of
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "alert_inbox", __name__, url_prefix="/api/v1/alert-events", description="Alerts"
)


@blueprint.get("/")
@blueprint.arguments(AlertEventsQuery, location="query")
@blueprint.response(200, response_schema(AlertEventPage))
def list_alert_events(query: dict[str, Any]) -> Response:
    """List what alerts found, latest first, in every project of the caller or in one."""
    caller = current_caller()
    if query["project_id"] is not None:
        projects = [project_for(query["project_id"]).project_id]
    else:
        projects = projects_of(caller.user_id, caller.key_project_id)
    state = query["state"]
    states = {None: (), "open": ("firing", "acknowledged")}.get(state, (state,))
    return json_response(
        list_events(projects, states, query["alert_id"], query["limit"], query["cursor"])
    )
