"""Visitors, identified and anonymous: totals, trends, origins, conversions, growth."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_context import utc_now
from services.query.api.schemas import visitors as schemas
from services.query.visitors import requests as visitor_requests
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint("visitors", __name__, url_prefix="/api/analytics", description="Visitors")


@blueprint.get("/visitors/")
@blueprint.arguments(schemas.VisitorsQuery, location="query")
@blueprint.response(200, schemas.VisitorsAnswer)
def get_visitors(query: dict[str, Any]) -> dict[str, Any]:
    """Count the visitors of a range."""
    return visitor_requests.ask_visitors(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/visitors/today/")
@blueprint.arguments(schemas.AudienceQuery, location="query")
@blueprint.response(200, schemas.VisitorsAnswer)
def get_visitors_today(query: dict[str, Any]) -> dict[str, Any]:
    """Count the visitors of today."""
    return visitor_requests.ask_recent_visitors(
        project_for(query["project_id"]), query, utc_now(), 1
    )


@blueprint.get("/visitors/weekly/")
@blueprint.arguments(schemas.AudienceQuery, location="query")
@blueprint.response(200, schemas.VisitorsAnswer)
def get_visitors_weekly(query: dict[str, Any]) -> dict[str, Any]:
    """Count the visitors of the last 7 days, including today."""
    return visitor_requests.ask_recent_visitors(
        project_for(query["project_id"]), query, utc_now(), 7
    )


@blueprint.get("/visitors/monthly/")
@blueprint.arguments(schemas.AudienceQuery, location="query")
@blueprint.response(200, schemas.VisitorsAnswer)
def get_visitors_monthly(query: dict[str, Any]) -> dict[str, Any]:
    """Count the visitors of the last 30 days, including today."""
    return visitor_requests.ask_recent_visitors(
        project_for(query["project_id"]), query, utc_now(), 30
    )


@blueprint.get("/division-breakdown/")
@blueprint.arguments(schemas.BreakdownQuery, location="query")
@blueprint.response(200, schemas.DivisionCount(many=True))
def get_division_breakdown(query: dict[str, Any]) -> Response:
    """Count visitors by administrative division, most first. Headers state range and source."""
    found = visitor_requests.ask_division_breakdown(
        project_for(query["project_id"]), query, utc_now()
    )
    return _framed(jsonify(found["items"]), found)


@blueprint.get("/trends/")
@blueprint.arguments(schemas.TrendsQuery, location="query")
@blueprint.response(200, schemas.TrendsAnswer)
def get_visitor_trends(query: dict[str, Any]) -> dict[str, Any]:
    """Count visitors by hour, day, week or month."""
    return visitor_requests.ask_trends(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/conversions/")
@blueprint.arguments(schemas.PlaceQuery, location="query")
@blueprint.response(200, schemas.ConversionsAnswer)
def get_conversions(query: dict[str, Any]) -> dict[str, Any]:
    """Count the anonymous visitors who were identified, and the time until then."""
    return visitor_requests.ask_conversions(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/demographics/")
@blueprint.arguments(schemas.PlaceQuery, location="query")
@blueprint.response(200, schemas.DemographicsAnswer)
def get_demographics(query: dict[str, Any]) -> dict[str, Any]:
    """Count visitors by type of division and by country."""
    return visitor_requests.ask_demographics(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/realtime/")
@blueprint.arguments(schemas.CommunityQuery, location="query")
@blueprint.response(200, schemas.OnlineAnswer)
def get_realtime(query: dict[str, Any]) -> dict[str, Any]:
    """Count the visitors who are online now."""
    return visitor_requests.ask_online(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/growth/")
@blueprint.arguments(schemas.GrowthQuery, location="query")
@blueprint.response(200, schemas.GrowthAnswer)
def get_growth(query: dict[str, Any]) -> dict[str, Any]:
    """Compare the visitors of a period with the previous period."""
    return visitor_requests.ask_growth(project_for(query["project_id"]), query, utc_now())


@blueprint.get("/export/")
@blueprint.arguments(schemas.VisitorsQuery, location="query")
@blueprint.alt_response(200, description="A CSV file: a day a line.")
def export_visitors(query: dict[str, Any]) -> Response:
    """Download visitors by day as CSV."""
    found = visitor_requests.ask_table(project_for(query["project_id"]), query, utc_now())
    name = f"visitors-{found['from'][:10]}-{found['last_day']}.csv"
    response = Response(found["csv"], mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _framed(response, found)


def _framed(response: Response, found: dict[str, Any]) -> Response:
    """Add range, time zone and source as headers, where the body has no room for them."""
    for field in ("from", "to", "timezone", "source"):
        response.headers[f"X-Answer-{field.title()}"] = found[field]
    return response
