"""Feature flags, as far as stored persons and events say something about them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request, utc_now
from services.query.api.responses import json_response
from services.query.api.schemas.feature_flags import FlagPreviewRequest
from services.query.records.flag_preview import FlagPreviewResponse, preview_flag
from services.query.reports.flag_usage import FlagUsageResponse, flag_usage
from services.query.reports.stale_flags import StaleFlagsResponse, run_stale_flags
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "feature_flags",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/feature-flags",
    description="Feature flags",
)


@blueprint.post("/preview")
@blueprint.arguments(FlagPreviewRequest)
@blueprint.response(200, response_schema(FlagPreviewResponse))
def preview_feature_flag(data: dict[str, Any], project_id: int) -> Response:
    """Evaluate a definition for the latest active persons, without storing it."""
    access = project_for(project_id)
    return json_response(
        preview_flag(access.project_id, data["definition"], data["distinct_id"], utc_now())
    )


@blueprint.get("/usage")
@blueprint.response(200, response_schema(FlagUsageResponse))
def get_feature_flag_usage(project_id: int) -> Response:
    """Count how often each flag was asked for in the last 30 days, by events and by evaluations."""
    return jsonify(flag_usage(query_request(project_id, {})))


@blueprint.get("/stale")
@blueprint.response(200, response_schema(StaleFlagsResponse))
def get_stale_feature_flags(project_id: int) -> Response:
    """List flags that nobody asked for in the last 30 days, or that had a single value."""
    return json_response(run_stale_flags(query_request(project_id, {})))
