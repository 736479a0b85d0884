"""Visitors, identified and anonymous: totals, trends, origins, conversions, growth."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, jsonify

from services.query.api.query_request import query_request
from services.query.api.responses import expired_header, file_response
from services.query.api.schemas import visitors as schemas
from services.query.execution.responses import ExpiredPart
from services.query.visitors.conversions import CONVERSIONS
from services.query.visitors.demographics import DEMOGRAPHICS, DIVISION_BREAKDOWN, DivisionVisitors
from services.query.visitors.growth import GROWTH
from services.query.visitors.peaks import VISITOR_PEAKS
from services.query.visitors.realtime import REALTIME
from services.query.visitors.totals import VISITOR_TOTALS
from services.query.visitors.trends import VISITOR_TABLE, VISITOR_TRENDS
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint("visitors", __name__, url_prefix="/api/analytics", description="Visitors")


@blueprint.get("/visitors/")
@blueprint.arguments(schemas.VisitorsRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_TOTALS.response))
def get_visitors(query: dict[str, Any]) -> Response:
    """Count the visitors of a range."""
    return jsonify(VISITOR_TOTALS.answer(query_request(query["project_id"], query)))


@blueprint.get("/visitors/today/")
@blueprint.arguments(schemas.AudienceRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_TOTALS.response))
def get_visitors_today(query: dict[str, Any]) -> Response:
    """Count the visitors of today."""
    return jsonify(VISITOR_TOTALS.answer(query_request(query["project_id"], {**query, "days": 1})))


@blueprint.get("/visitors/weekly/")
@blueprint.arguments(schemas.AudienceRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_TOTALS.response))
def get_visitors_weekly(query: dict[str, Any]) -> Response:
    """Count the visitors of the last 7 days, including today."""
    return jsonify(VISITOR_TOTALS.answer(query_request(query["project_id"], {**query, "days": 7})))


@blueprint.get("/visitors/monthly/")
@blueprint.arguments(schemas.AudienceRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_TOTALS.response))
def get_visitors_monthly(query: dict[str, Any]) -> Response:
    """Count the visitors of the last 30 days, including today."""
    return jsonify(VISITOR_TOTALS.answer(query_request(query["project_id"], {**query, "days": 30})))


@blueprint.get("/division-breakdown/")
@blueprint.arguments(schemas.DivisionBreakdownRequest, location="query")
@blueprint.response(200, response_schema(DivisionVisitors)(many=True))
def get_division_breakdown(query: dict[str, Any]) -> Response:
    """Count visitors by administrative division, largest first. Headers state range and source."""
    found = DIVISION_BREAKDOWN.answer(query_request(query["project_id"], query))
    return _with_meta(jsonify(found["items"]), found)


@blueprint.get("/trends/")
@blueprint.arguments(schemas.VisitorTrendsRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_TRENDS.response))
def get_visitor_trends(query: dict[str, Any]) -> Response:
    """Count visitors by hour, day, week or month."""
    return jsonify(VISITOR_TRENDS.answer(query_request(query["project_id"], query)))


@blueprint.get("/conversions/")
@blueprint.arguments(schemas.CommunityDaysRequest, location="query")
@blueprint.response(200, response_schema(CONVERSIONS.response))
def get_conversions(query: dict[str, Any]) -> Response:
    """Count the anonymous visitors who were identified, and the time until then."""
    return jsonify(CONVERSIONS.answer(query_request(query["project_id"], query)))


@blueprint.get("/demographics/")
@blueprint.arguments(schemas.CommunityDaysRequest, location="query")
@blueprint.response(200, response_schema(DEMOGRAPHICS.response))
def get_demographics(query: dict[str, Any]) -> Response:
    """Count visitors by type of division and by country."""
    return jsonify(DEMOGRAPHICS.answer(query_request(query["project_id"], query)))


@blueprint.get("/realtime/")
@blueprint.arguments(schemas.CommunityVisitorsRequest, location="query")
@blueprint.response(200, response_schema(REALTIME.response))
def get_realtime(query: dict[str, Any]) -> Response:
    """Count the visitors who are online, and those of the last 30 minutes by minute."""
    return jsonify(REALTIME.answer(query_request(query["project_id"], query)))


@blueprint.get("/realtime/peaks/")
@blueprint.arguments(schemas.CommunityDaysRequest, location="query")
@blueprint.response(200, response_schema(VISITOR_PEAKS.response))
def get_peaks(query: dict[str, Any]) -> Response:
    """Get the hour of each day with the most visitors."""
    return jsonify(VISITOR_PEAKS.answer(query_request(query["project_id"], query)))


@blueprint.get("/growth/")
@blueprint.arguments(schemas.GrowthRequest, location="query")
@blueprint.response(200, response_schema(GROWTH.response))
def get_growth(query: dict[str, Any]) -> Response:
    """Compare the visitors of a period with the previous period."""
    return jsonify(GROWTH.answer(query_request(query["project_id"], query)))


@blueprint.get("/export/")
@blueprint.arguments(schemas.VisitorsRequest, location="query")
@blueprint.doc(responses=file_response("A CSV file with a line for each day.", "text/csv"))
def export_visitors(query: dict[str, Any]) -> Response:
    """Download visitors by day as CSV."""
    found = VISITOR_TABLE.answer(query_request(query["project_id"], query))
    name = f"visitors-{found['from'][:10]}-{found['last_day']}.csv"
    response = Response(found["csv"], mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _with_meta(response, found)


def _with_meta(response: Response, found: dict[str, Any]) -> Response:
    """Add range, time zone and source as headers, for bodies without fields for them."""
    for field in ("from", "to", "timezone", "source"):
        response.headers[f"X-Answer-{field.title()}"] = found[field]
    parts = [ExpiredPart(part["from"], part["to"]) for part in found.get("expired", [])]
    response.headers.update(expired_header(parts or msgspec.UNSET))
    return response
