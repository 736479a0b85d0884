"""Outcomes of received events: counts, warnings, dead letters."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.query_request import query_request
from services.query.api.responses import json_response
from services.query.api.schemas import ingestion as schemas
from services.query.api.schemas.common import RangeRequest
from services.query.records import crawlers, ingestion
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema

blueprint = Blueprint(
    "ingestion",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>",
    description="Received events",
)


@blueprint.get("/intake")
@blueprint.arguments(RangeRequest, location="query")
@blueprint.response(200, response_schema(ingestion.IngestionResponse))
def get_ingestion(query: dict[str, Any], project_id: int) -> Response:
    """Count the received events by outcome, with the warnings about them."""
    events = query_request(project_id, {**query, "filters": None}).event_query()
    return json_response(ingestion.count_received(project_id, events.time_range))


@blueprint.get("/crawlers")
@blueprint.arguments(RangeRequest, location="query")
@blueprint.response(200, response_schema(crawlers.CrawlersResponse))
def get_crawlers(query: dict[str, Any], project_id: int) -> Response:
    """Count the events of crawlers by class and operator, and those that are kept by page."""
    events = query_request(project_id, {**query, "filters": None}).event_query()
    return json_response(crawlers.count_crawlers(project_id, events.time_range))


@blueprint.get("/dead-letters/")
@blueprint.arguments(schemas.DeadLetterListRequest, location="query")
@blueprint.response(200, list_schema(ingestion.DeadLetterResponse))
def list_dead_letters(query: dict[str, Any], project_id: int) -> Response:
    """List events that could not be stored, newest first."""
    project_for(project_id)
    return json_response(ingestion.list_dead_letters(project_id, query["limit"], query["cursor"]))
