"""What became of received events: counts by outcome, warnings, dead letters."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_context import query_context
from services.query.api.schemas import ingestion as schemas
from services.query.api.schemas.common import RangeQuery
from services.query.records import event_catalog
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "ingestion",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>",
    description="Received events",
)


@blueprint.get("/intake")
@blueprint.arguments(RangeQuery, location="query")
@blueprint.response(200)
def get_ingestion(query: dict[str, Any], project_id: int) -> Response:
    """Count the received events by outcome, with the warnings about them."""
    events = query_context(project_id, {**query, "filters": None}).event_query()
    return jsonify(event_catalog.intake(project_id, events.time_range))


@blueprint.get("/dead-letters/")
@blueprint.arguments(schemas.DeadLettersQuery, location="query")
@blueprint.response(200)
def list_dead_letters(query: dict[str, Any], project_id: int) -> Response:
    """List events that could not be stored, newest first."""
    project_for(project_id)
    return jsonify(event_catalog.dead_letters(project_id, query["limit"], query["cursor"]))
