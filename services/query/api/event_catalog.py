"""The event catalog: known event names and properties, with their definitions."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.query.api.query_request import query_request
from services.query.api.responses import json_response
from services.query.api.schemas import event_catalog as schemas
from services.query.records import catalog_entries, event_catalog
from services.query.saved.definitions import DefinitionKind, DefinitionResponse, describe
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "event_catalog",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/definitions",
    description="Event names and properties",
)


@blueprint.get("/events")
@blueprint.response(200, response_schema(event_catalog.EventNameListResponse))
def list_event_names(project_id: int) -> Response:
    """List the event names seen, most frequent first, with their definitions."""
    project_for(project_id)
    return json_response(event_catalog.list_event_names(project_id))


@blueprint.get("/properties")
@blueprint.arguments(schemas.PropertyListRequest, location="query")
@blueprint.response(200, response_schema(event_catalog.PropertyNameListResponse))
def list_property_names(query: dict[str, Any], project_id: int) -> Response:
    """List the properties of the latest events, with their definitions."""
    project_for(project_id)
    return json_response(event_catalog.list_property_names(project_id, query["event_name"]))


@blueprint.get("/catalog")
@blueprint.arguments(schemas.CatalogRequest, location="query")
@blueprint.response(200, response_schema(catalog_entries.CatalogPage))
def list_catalog(query: dict[str, Any], project_id: int) -> Response:
    """List event names with volume, status and documentation, page by page."""
    return json_response(catalog_entries.list_catalog(query_request(project_id, query)))


@blueprint.get("/catalog-entry")
@blueprint.arguments(schemas.CatalogEntryRequest, location="query")
@blueprint.response(200, response_schema(catalog_entries.CatalogEntryResponse))
def get_catalog_entry(query: dict[str, Any], project_id: int) -> Response:
    """Get an event name with its volume, its documentation, and where it is used."""
    request = query_request(project_id, query)
    return json_response(catalog_entries.get_catalog_entry(request))


@blueprint.put("/<any(event, property):kind>/<path:name>")
@blueprint.arguments(schemas.DefinitionRequest)
@blueprint.response(200, response_schema(DefinitionResponse))
def put_definition(
    data: dict[str, Any], project_id: int, kind: DefinitionKind, name: str
) -> Response:
    """Describe an event name or a property."""
    project_for(project_id, "member")
    return json_response(describe(project_id, kind, name, data))
