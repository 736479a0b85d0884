"""Insights: each kind as POST with a JSON body, and as GET with the same question in the URL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, ValidationError

from services.query.api.schemas import insights as schemas
from services.query.reports.registry import QueryRequest, run_funnel_persons, run_insight
from shared.auth.access import project_for
from shared.errors import Unprocessable
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "insights",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/insights",
    description="Insights",
)

_KINDS: dict[str, tuple[type[Schema], str]] = {
    "trends": (schemas.TrendsQuery, "Series over time."),
    "funnel": (schemas.FunnelQuery, "How many go from step to step."),
    "retention": (schemas.RetentionQuery, "How many come back."),
    "paths": (schemas.PathsQuery, "What comes after what."),
    "lifecycle": (schemas.LifecycleQuery, "New, returning, resurrecting and dormant persons."),
    "stickiness": (schemas.StickinessQuery, "On how many days persons are active."),
    "breakdown": (schemas.BreakdownQuery, "Events and persons by value of a property."),
    "sessions": (schemas.SessionsQuery, "Sessions: number, length, bounces, pages."),
    "revenue": (schemas.RevenueQuery, "Revenue, by active and by paying person; lifetime value."),
    "game": (schemas.GameQuery, "A game's figures."),
}


def schema_of(kind: str) -> Schema:
    """What a question of a kind is read with."""
    return _KINDS[kind][0]()


def _query_request(project_id: int, data: dict[str, Any]) -> QueryRequest:
    access = project_for(project_id)
    return QueryRequest(access.project_id, access.timezone, datetime.now(timezone.utc), data)


def _posted(kind: str, schema: type[Schema], text: str) -> None:
    def view(data: dict[str, Any], project_id: int) -> Response:
        return jsonify(run_insight(kind, _query_request(project_id, data)))

    _describe(view, f"post_{kind}", text)
    wrapped = blueprint.arguments(schema)(blueprint.response(200, schemas.InsightAnswer)(view))
    blueprint.post(f"/{kind}")(wrapped)


def _in_url(kind: str, schema: type[Schema], text: str) -> None:
    def view(url: dict[str, Any], project_id: int) -> Response:
        try:
            data = schemas.from_url(schema(), url["query"])
        except ValidationError as error:
            raise Unprocessable(
                "The question in the URL is not usable; see errors.",
                errors=flat("", error.messages),
            ) from error
        return jsonify(run_insight(kind, _query_request(project_id, data)))

    _describe(view, f"get_{kind}", text)
    wrapped = blueprint.arguments(schemas.InUrl, location="query")(
        blueprint.response(200, schemas.InsightAnswer)(view)
    )
    blueprint.get(f"/{kind}")(wrapped)


def flat(field: str, messages: Any) -> dict[str, list[str]]:
    """Nested messages under dotted names."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            found |= flat(f"{field}.{key}" if field else str(key), inner)
        return found
    return {field or "query": [str(one) for one in messages]}


def _describe(view: Callable[..., Response], name: str, text: str) -> None:
    view.__name__ = name
    view.__doc__ = text


for _kind, (_schema, _text) in _KINDS.items():
    _posted(_kind, _schema, _text)
    _in_url(_kind, _schema, _text)


@blueprint.post("/funnel/persons")
@blueprint.arguments(schemas.FunnelPersonsQuery)
@blueprint.response(200)
def post_funnel_persons(data: dict[str, Any], project_id: int) -> Response:
    """The persons behind a bar of a funnel."""
    return jsonify(run_funnel_persons(_query_request(project_id, data)))
