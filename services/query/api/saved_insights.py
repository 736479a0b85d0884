"""Saved insights: queries with a name, for everybody in the project."""

from __future__ import annotations

from typing import Any

from services.query.api.saved_objects import add_object_routes
from services.query.api.saved_queries import check_saved_query
from services.query.api.schemas import saved_insights as schemas
from services.query.saved.objects import get_object
from services.query.saved.saved_insights import SAVED_INSIGHTS, SavedInsightResponse
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "saved_insights",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/saved-insights",
    description="Saved insights",
)


def _check(project_id: int, data: dict[str, Any], key: str | None) -> None:
    """Refuse a query that could not be answered, alone or with what is saved of it."""
    if not data.keys() & {"kind", "query"}:
        return
    sent = dict(data)
    if key is not None:
        saved = get_object(SAVED_INSIGHTS, project_id, key)
        sent = {"kind": saved.kind, "query": saved.query, **data}
    check_saved_query(project_id, sent["kind"], sent["query"])


add_object_routes(
    blueprint,
    SAVED_INSIGHTS,
    SavedInsightResponse,
    schemas.SavedInsightRequest,
    schemas.SAVED_INSIGHT_UPDATE,
    check=_check,
)
