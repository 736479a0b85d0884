"""Tidemark's own ingest paths."""

from __future__ import annotations

from functools import cache

import msgspec
from flask import Response, request

from services.ingest.intake import Delivery, Pipeline
from services.ingest.outcomes import Intake
from services.ingest.policies import Policies
from services.ingest.schemas import CaptureAnswer, IngestAnswer
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt
from shared.blueprint import Blueprint
from shared.errors import BadRequest, Unprocessable
from shared.redis_clients import get_cache, get_stream
from shared.settings import get_settings
from shared.web import client_address

blueprint = Blueprint("events", __name__, description="Taking events, by project key")

_BODY_DOC = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
        "description": 'An event, a list of events, or `{"events": […], "sent_at"}`.',
    },
    "security": [{"ProjectKey": []}],
}


@cache
def _pipeline() -> Pipeline:
    settings = get_settings()
    return Pipeline(
        Policies(get_cache(), settings),
        Submitter(get_stream(), settings.stream_max_entries),
        DailySalt(get_cache()),
        settings,
    )


@blueprint.post("/api/v1/events/ingest")
@blueprint.doc(**_BODY_DOC)
@blueprint.alt_response(202, schema=IngestAnswer)
def ingest() -> Response:
    """Take one event, a list, or a batch; the answer names the outcome of each."""
    intake = _pipeline().take(_delivery())
    answer = {
        "accepted": len(intake.events),
        "dropped": len(intake.results) - len(intake.events),
        "results": intake.results,
    }
    return Response(msgspec.json.encode(answer), status=202, content_type="application/json")


@blueprint.post("/api/capture_event/")
@blueprint.doc(**_BODY_DOC)
@blueprint.alt_response(201, schema=CaptureAnswer)
def capture_event() -> Response:
    """Take one event."""
    intake = _pipeline().take(_delivery())
    result = _only_result(intake)
    if result["status"] == "dropped":
        raise Unprocessable(result["message"], errors={"event": [result["reason"]]})
    answer = {"status": "success", "event_id": result["event_id"]}
    return Response(msgspec.json.encode(answer), status=201, content_type="application/json")


def _only_result(intake: Intake) -> dict[str, str]:
    if len(intake.results) != 1:
        raise BadRequest("This path takes one event; send lists to /api/v1/events/ingest.")
    return intake.results[0]


def _delivery() -> Delivery:
    return Delivery(
        body=request.get_data(cache=False),
        content_encoding=request.headers.get("Content-Encoding", ""),
        key=_key(),
        address=client_address(),
        user_agent=request.headers.get("User-Agent", ""),
    )


def _key() -> str | None:
    """The key outside the body: header, Bearer token, Basic user or query parameter."""
    given = request.headers.get("X-API-Key")
    if given:
        return given
    try:
        authorization = request.authorization
    except ValueError:  # bytes that are no text
        return None
    if authorization is not None:
        if authorization.type == "bearer" and authorization.token:
            return authorization.token
        if authorization.type == "basic" and authorization.username:
            return authorization.username
    return request.args.get("api_key") or None
