"""Dashboards behind public links. No credentials: the link is what lets somebody in."""

from __future__ import annotations

from datetime import datetime, timezone

from flask import Response, jsonify
from marshmallow import ValidationError

from services.query.api.insights import flat, schema_of
from services.query.api.schemas import insights as schemas
from services.query.reports.registry import QueryRequest, run_insight
from services.query.saved.shared_dashboards import shared_board, shared_insight
from shared.errors import Unprocessable
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "shared_boards",
    __name__,
    url_prefix="/api/v1/analytics/shared/dashboards",
    description="Dashboards behind public links",
)


@blueprint.get("/<string:token>")
@blueprint.response(200)
def get_shared_dashboard(token: str) -> Response:
    """What is on the dashboard."""
    return _unindexed(jsonify(shared_board(token)))


@blueprint.get("/<string:token>/insights/<int:insight_id>")
@blueprint.response(200, schemas.InsightAnswer)
def get_shared_insight(token: str, insight_id: int) -> Response:
    """The answer to one of its questions, as it is saved."""
    found = shared_insight(token, insight_id)
    try:
        data = schema_of(found.kind).load(found.query)
    except ValidationError as error:
        raise Unprocessable(
            "The saved question is not usable (any more); see errors.",
            errors=flat("", error.messages),
        ) from error
    now = datetime.now(timezone.utc)
    return _unindexed(
        jsonify(run_insight(found.kind, QueryRequest(found.project_id, found.timezone, now, data)))
    )


def _unindexed(answer: Response) -> Response:
    # Who has the link may read; that it was posted somewhere makes it nothing for search engines.
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
