"""Tidemark's own ingest paths, and the capture paths of the systems it replaces."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from flask import Response, request

from services.ingest import client_sessions
from services.ingest.pipeline import IngestResult
from services.ingest.pixel import GIF, event_of
from services.ingest.protocols import identify as identify_protocol
from services.ingest.protocols import native
from services.ingest.protocols.message import text_or_none
from services.ingest.request import IngestRequest
from services.ingest.routes.ingestion import (
    BODY_DOC,
    all_outcomes,
    ingest,
    is_invalid,
    json_response,
    pipeline,
    request_from_flask,
)
from services.ingest.schemas import (
    CaptureResponse,
    IngestResponse,
    RefusedEventResponse,
    SessionEndResponse,
    SessionStartResponse,
)
from services.ingest.visitors import DailySalt
from shared.errors import BadRequest, ErrorCode, PayloadTooLarge, Unprocessable
from shared.runtime.redis_clients import get_answer_cache, get_state_redis
from shared.web.blueprint import Blueprint
from shared.web.factory import error_response

blueprint = Blueprint("events", __name__, description="Ingesting events, by project key")


@blueprint.post("/api/v1/events/ingest")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestResponse)
@blueprint.alt_response(422, schema=RefusedEventResponse)
def ingest_events() -> Response:
    """Ingest one event, a list, or a batch. The response has the outcome of each event."""
    return _all_outcomes(ingest(native.PROTOCOL), 202)


@blueprint.post("/api/events/ingest")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestResponse)
@blueprint.alt_response(422, schema=RefusedEventResponse)
def ingest_events_unversioned() -> Response:
    """Ingest events, like `/api/v1/events/ingest`."""
    return _all_outcomes(ingest(native.PROTOCOL), 202)


@blueprint.post("/api/capture_event/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=CaptureResponse)
def capture_event() -> Response:
    """Ingest a single event."""
    return _only_outcome(ingest(native.PROTOCOL))


@blueprint.post("/api/v1/analytics/capture/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=CaptureResponse)
def analytics_capture() -> Response:
    """Ingest a single event."""
    return _only_outcome(ingest(native.PROTOCOL))


@blueprint.post("/api/v1/analytics/batch/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=IngestResponse)
@blueprint.alt_response(422, schema=RefusedEventResponse)
def analytics_batch() -> Response:
    """Ingest several events. The response has the outcome of each event."""
    return _all_outcomes(ingest(native.PROTOCOL), 201)


@blueprint.post("/api/v1/identify")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestResponse)
@blueprint.alt_response(422, schema=RefusedEventResponse)
def identify() -> Response:
    """Identify an anonymous visitor, and set properties of the person."""
    return _all_outcomes(ingest(identify_protocol.IDENTIFY), 202)


@blueprint.post("/api/v1/alias")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestResponse)
@blueprint.alt_response(422, schema=RefusedEventResponse)
def alias() -> Response:
    """Link two ids of one person."""
    return _all_outcomes(ingest(identify_protocol.ALIAS), 202)


@blueprint.post("/api/v1/group")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestResponse)
@blueprint.alt_response(422, schema=RefusedEventResponse)
def group() -> Response:
    """Set properties of a group (a company, a guild) that persons belong to."""
    return _all_outcomes(ingest(identify_protocol.GROUP), 202)


@blueprint.post("/api/v1/analytics/session/start/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=SessionStartResponse)
def start_session() -> Response:
    """Start a session. The response has its id."""
    sent, content = _call_about_a_session()
    call = client_sessions.start(content)
    result = _refuse_dropped(ingest(call.protocol, body=b"{}"))
    policy, outcomes = result.policy, result.outcomes
    client = client_sessions.counted_client(policy, sent.visitor, _salt().of(sent.clock()))
    client_sessions.store_owner(get_answer_cache(), policy, client, call.session_id, outcomes)
    answer = {
        "status": "success",
        "session_id": call.session_id,
        "event_id": outcomes.results[0]["event_id"],
        "started_at": client_sessions.event_time(outcomes),
    }
    return json_response(answer, 201, result.rate_limit)


@blueprint.put("/api/v1/analytics/session/<string:session_id>/end/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SessionEndResponse)
def end_session(session_id: str) -> Response:
    """End a session that was started with `/session/start/`."""
    sent, content = _call_about_a_session()
    key = sent.key or text_or_none(content.get("api_key"))
    policy = pipeline().policy(key, sent.clock(), sent.visitor.address)
    call = client_sessions.end(content, session_id, get_answer_cache(), policy)
    result = _refuse_dropped(ingest(call.protocol, body=b"{}"))
    answer = {
        "status": "success",
        "session_id": session_id,
        "event_id": result.outcomes.results[0]["event_id"],
        "ended_at": client_sessions.event_time(result.outcomes),
    }
    return json_response(answer, 200, result.rate_limit)


@blueprint.get("/api/v1/pixel.gif")
@blueprint.doc(security=[{"ProjectKey": []}])
@blueprint.alt_response(200, content_type="image/gif", schema={"type": "string"})
def pixel() -> Response:
    """Ingest one event from an e-mail or a page without scripts. The response is a 1 x 1 image."""
    event = event_of(request.args)
    _refuse_dropped(ingest(native.PROTOCOL, body=msgspec.json.encode(event)))
    return Response(GIF, content_type="image/gif")


def _call_about_a_session() -> tuple[IngestRequest, dict[str, Any]]:
    """Return the request, and the object in its body, which is decoded once its key is known."""
    if (request.content_length or 0) > client_sessions.MAX_BYTES:
        raise PayloadTooLarge(
            f"The body is larger than {client_sessions.MAX_BYTES} bytes. Send one session."
        )
    sent = request_from_flask()
    text = pipeline().small_text(sent, client_sessions.MAX_BYTES)
    return sent, client_sessions.content_of(text)


def _all_outcomes(result: IngestResult, status: int) -> Response:
    outcomes = result.outcomes
    content = all_outcomes(outcomes)
    outcome = outcomes.results[0]
    if result.is_single and is_invalid(outcome):
        # A client that looks at the status alone must not believe that its event was taken.
        status, errors = 422, {"event": [outcome["reason"]]}
        error = error_response(status, ErrorCode.UNPROCESSABLE, outcome["message"], errors)
        content |= error.get_json()
    return json_response(content, status, result.rate_limit)


def _only_outcome(result: IngestResult) -> Response:
    """Respond for paths that accept a single event."""
    if len(result.outcomes.results) != 1:
        raise BadRequest("This path accepts one event. Send lists to /api/v1/events/ingest.")
    _refuse_dropped(result)
    content = {"status": "success", "event_id": result.outcomes.results[0]["event_id"]}
    return json_response(content, 201, result.rate_limit)


def _refuse_dropped(result: IngestResult) -> IngestResult:
    """Raise 422 for an invalid event; an event that the project filters is a success."""
    outcome = result.outcomes.results[0]
    if is_invalid(outcome):
        raise Unprocessable(outcome["message"], errors={"event": [outcome["reason"]]})
    return result


@cache
def _salt() -> DailySalt:
    return DailySalt(get_state_redis())
