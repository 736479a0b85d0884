"""Dashboards with a public link. The link itself is the credential."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import ValidationError

from services.query.api.query_request import utc_now
from services.query.api.responses import any_response, json_response
from services.query.api.schemas.common import RangeRequest
from services.query.api.schemas.insights import load_request
from services.query.parsing.request import QueryRequest
from services.query.reports.registry import INSIGHTS
from services.query.saved import shared_dashboards
from shared.errors import ErrorCode, Unprocessable
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema
from shared.web.schemas import flatten_errors

blueprint = Blueprint(
    "shared_dashboards",
    __name__,
    url_prefix="/api/v1/analytics/shared/dashboards",
    description="Dashboards behind public links",
)

_RANGE = RangeRequest(only=("period", "start", "end"))


@blueprint.get("/<string:token>")
@blueprint.response(200, response_schema(shared_dashboards.SharedDashboardResponse))
def get_shared_dashboard(token: str) -> Response:
    """Get the tiles of a shared dashboard."""
    return _unindexed(json_response(shared_dashboards.get_shared_dashboard(token)))


@blueprint.get("/<string:token>/insights/<int:insight_id>")
@blueprint.arguments(_RANGE, location="query")
@blueprint.doc(responses=any_response(*(insight.response for insight in INSIGHTS.values())))
def get_shared_insight(given: dict[str, Any], token: str, insight_id: int) -> Response:
    """Answer the query of an insight on a shared dashboard, of its own time range or another."""
    shared = shared_dashboards.get_shared_query(token, insight_id)
    insight = INSIGHTS[shared.kind]
    try:
        data = {**load_request(insight, shared.query), **_given_range(given)}
    except ValidationError as error:
        raise Unprocessable(
            "The saved query is no longer valid. A member of the project has to save it again.",
            code=ErrorCode.INVALID_FIELDS,
            errors=flatten_errors(error.messages, root="query"),
        ) from error
    request = QueryRequest(shared.project_id, shared.timezone, utc_now(), data)
    return _unindexed(jsonify(insight.answer(request)))


def _given_range(given: dict[str, Any]) -> dict[str, Any]:
    """Return the range of the address, in the place of all of the saved one; else nothing.

    The interval of the saved range may be too short for another one, so it is chosen anew.
    """
    return {**given, "interval": None} if any(value is not None for value in given.values()) else {}


def _unindexed(response: Response) -> Response:
    # Whoever has the link may read, but a link that was posted somewhere is not for search engines.
    response.headers["X-Robots-Tag"] = "noindex"
    return response
