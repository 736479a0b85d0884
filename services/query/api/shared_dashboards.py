"""Dashboards with a public link. The link itself is the credential."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import utc_now
from services.query.api.responses import any_response, json_response
from services.query.api.schemas.dashboards import (
    ShareAccessHeader,
    ShareAccessRequest,
    SharedInsightRequest,
)
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.reports.answers import load_saved_request
from services.query.reports.registry import INSIGHTS
from services.query.saved import shared_dashboards
from services.query.saved.share_access import ShareAccessResponse
from shared.web.blueprint import Blueprint
from shared.web.request_scope import client_address
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "shared_dashboards",
    __name__,
    url_prefix="/api/v1/analytics/shared/dashboards",
    description="Dashboards behind public links",
)

_KINDS_OF_INTERVALS = frozenset({"retention", "lifecycle", "stickiness"})
"""Of these an interval is what is asked for, of others only how finely a chart is drawn."""
_LONG_INTERVALS = frozenset({"week", "month"})


@blueprint.get("/<string:token>")
@blueprint.arguments(ShareAccessHeader, location="headers")
@blueprint.response(200, response_schema(shared_dashboards.SharedDashboardResponse))
def get_shared_dashboard(headers: dict[str, str], token: str) -> Response:
    """Get the tiles of a shared dashboard."""
    return _unindexed(
        json_response(shared_dashboards.get_shared_dashboard(token, headers["access"]))
    )


@blueprint.post("/<string:token>/access")
@blueprint.arguments(ShareAccessRequest)
@blueprint.response(200, response_schema(ShareAccessResponse))
def open_shared_dashboard(given: dict[str, str], token: str) -> Response:
    """Exchange the password of a public link for an access, which works for four hours."""
    access = shared_dashboards.open_shared_dashboard(token, given["password"], client_address())
    return _unindexed(json_response(access))


@blueprint.get("/<string:token>/embedding")
@blueprint.response(204)
def get_embedding(token: str) -> Response:
    """Get the pages that may embed a link, in the header `X-Frame-Ancestors`. The gateway asks."""
    response = Response(status=204)
    response.headers["X-Frame-Ancestors"] = " ".join(shared_dashboards.embedding_origins(token))
    return _unindexed(response)


@blueprint.get("/<string:token>/insights/<int:insight_id>")
@blueprint.arguments(SharedInsightRequest, location="query")
@blueprint.arguments(ShareAccessHeader, location="headers")
@blueprint.doc(responses=any_response(*(insight.response for insight in INSIGHTS.values())))
def get_shared_insight(
    given: dict[str, Any], headers: dict[str, str], token: str, insight_id: int
) -> Response:
    """Answer the query of an insight on a shared dashboard, of its own dates or others."""
    segment = given.pop("segment")
    shared = shared_dashboards.get_shared_query(token, insight_id, headers["access"])
    insight = INSIGHTS[shared.kind]
    data = {**load_saved_request(insight, shared.query), **_range(shared, given)}
    data["filters"] = _filters(shared, data["filters"], segment)
    request = QueryRequest(shared.project_id, shared.timezone, utc_now(), data)
    return _unindexed(jsonify(insight.answer(request)))


def _range(shared: shared_dashboards.SharedQuery, given: dict[str, Any]) -> dict[str, Any]:
    """Return the range of the address, in the place of all of the saved one; else nothing.

    The interval of the saved range may be too short for another one, so it is chosen anew; unless
    it is what the insight asks for, as in the retention of weeks.

    Raises:
        Unprocessable: the link does not allow the range.
    """
    terms = shared.terms
    saved = shared.query.get("interval")
    is_asked_for = shared.kind in _KINDS_OF_INTERVALS and saved in _LONG_INTERVALS
    interval = saved if is_asked_for else None
    is_given = any(value is not None for value in given.values())
    if terms.period is not None:
        if is_given and given != {"period": terms.period, "start": None, "end": None}:
            raise invalid_field("period", f"This link shows {terms.period} only. Leave out dates.")
        return {"period": terms.period, "start": None, "end": None, "interval": interval}
    if not is_given:
        return {}
    chosen = QueryRequest(shared.project_id, shared.timezone, utc_now(), given).time_range()
    first = chosen.start.astimezone(chosen.zone).date()
    if terms.earliest is not None and first < date.fromisoformat(terms.earliest):
        raise invalid_field("from", f"This link shows no day before {terms.earliest}.")
    return {**given, "interval": interval}


def _filters(shared: shared_dashboards.SharedQuery, saved: Any, segment: int | None) -> Any:
    """Return the saved filter, and the chosen segment beside it.

    Raises:
        Unprocessable: the link does not offer the segment.
    """
    if segment is None:
        return saved
    if segment not in shared.terms.segments:
        raise invalid_field("segment", "This link offers other segments. Load the page again.")
    chosen = {"scope": "segment", "value": [segment]}
    every = saved if isinstance(saved, list) else [saved] if saved else []
    return {"and": [*every, chosen]}


def _unindexed(response: Response) -> Response:
    # Whoever has the link may read, but a link that was posted somewhere is not for search engines.
    response.headers["X-Robots-Tag"] = "noindex"
    return response
