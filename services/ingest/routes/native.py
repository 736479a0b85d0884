"""Tidemark's own ingest paths, and the capture paths of the systems it unites."""

from __future__ import annotations

import msgspec
from flask import Response, request

from services.ingest import client_sessions
from services.ingest.outcomes import POLICY_REASONS
from services.ingest.pipeline import Taken
from services.ingest.pixel import GIF, event_of
from services.ingest.protocols import identify as identify_protocol
from services.ingest.protocols import native
from services.ingest.routes.ingestion import BODY_DOC, answer, delivery, pipeline, take
from services.ingest.schemas import (
    BatchAnswer,
    CaptureAnswer,
    IngestAnswer,
    SessionEndAnswer,
    SessionStartAnswer,
)
from shared.errors import BadRequest, Unprocessable
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint

blueprint = Blueprint("events", __name__, description="Taking events, by project key")


@blueprint.post("/api/v1/events/ingest")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestAnswer)
def ingest() -> Response:
    """Take one event, a list, or a batch; the answer names the outcome of each."""
    return _each_outcome(take(native.PROTOCOL), 202)


@blueprint.post("/api/events/ingest")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestAnswer)
def ingest_short() -> Response:
    """The same under a shorter path."""
    return _each_outcome(take(native.PROTOCOL), 202)


@blueprint.post("/api/capture_event/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=CaptureAnswer)
def capture_event() -> Response:
    """Take one event."""
    return _only_outcome(take(native.PROTOCOL))


@blueprint.post("/api/v1/analytics/capture/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=CaptureAnswer)
def analytics_capture() -> Response:
    """Take one event."""
    return _only_outcome(take(native.PROTOCOL))


@blueprint.post("/api/v1/analytics/batch/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=BatchAnswer)
def analytics_batch() -> Response:
    """Take several events; the answer names the outcome of each."""
    return _each_outcome(take(native.PROTOCOL), 201)


@blueprint.post("/api/v1/identify")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestAnswer)
def identify() -> Response:
    """Say who an anonymous visitor is, and what is known of them."""
    return _each_outcome(take(identify_protocol.IDENTIFY), 202)


@blueprint.post("/api/v1/alias")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestAnswer)
def alias() -> Response:
    """Say that two ids are one person's."""
    return _each_outcome(take(identify_protocol.ALIAS), 202)


@blueprint.post("/api/v1/group")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(202, schema=IngestAnswer)
def group() -> Response:
    """Describe a group (a company, a guild) that persons act for."""
    return _each_outcome(take(identify_protocol.GROUP), 202)


@blueprint.post("/api/v1/analytics/session/start/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(201, schema=SessionStartAnswer)
def start_session() -> Response:
    """Start a session; the answer names its id."""
    sent = delivery()
    call = client_sessions.start(sent)
    taken = _refuse_dropped(take(call.protocol, body=b"{}"))
    policy, result = taken.policy, taken.intake.results[0]
    client_sessions.remember(get_cache(), policy.project_id, call.session_id, taken.intake)
    content = {
        "status": "success",
        "session_id": call.session_id,
        "event_id": result["event_id"],
        "started_at": client_sessions.happened_at(taken.intake),
    }
    return answer(content, 201, taken.standing)


@blueprint.put("/api/v1/analytics/session/<string:session_id>/end/")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SessionEndAnswer)
def end_session(session_id: str) -> Response:
    """End a session that was started here."""
    sent = delivery()
    policy = pipeline().policy(sent.key or client_sessions.key_in(sent), sent.clock())
    call = client_sessions.end(sent, session_id, get_cache(), policy.project_id)
    taken = _refuse_dropped(take(call.protocol, body=b"{}"))
    content = {
        "status": "success",
        "session_id": session_id,
        "event_id": taken.intake.results[0]["event_id"],
        "ended_at": client_sessions.happened_at(taken.intake),
    }
    return answer(content, 200, taken.standing)


@blueprint.get("/api/v1/pixel.gif")
@blueprint.doc(security=[{"ProjectKey": []}])
@blueprint.alt_response(200, content_type="image/gif", schema={"type": "string"})
def pixel() -> Response:
    """Take one event from a mail or a page without scripts; the answer is an invisible image."""
    event = event_of(request.args)
    _refuse_dropped(take(native.PROTOCOL, body=msgspec.json.encode(event)))
    return Response(GIF, content_type="image/gif")


def _each_outcome(taken: Taken, status: int) -> Response:
    intake = taken.intake
    content = {
        "accepted": len(intake.events),
        "dropped": len(intake.results) - len(intake.events),
        "results": intake.results,
    }
    return answer(content, status, taken.standing)


def _only_outcome(taken: Taken) -> Response:
    """For paths that take one event and know one way to refuse it."""
    if len(taken.intake.results) != 1:
        raise BadRequest("This path takes one event; send lists to /api/v1/events/ingest.")
    _refuse_dropped(taken)
    result = taken.intake.results[0]
    content = {"status": "success", "event_id": result["event_id"]}
    return answer(content, 201, taken.standing)


def _refuse_dropped(taken: Taken) -> Taken:
    """Answer 422 for an event the client has to mend; what the project filters is a success."""
    result = taken.intake.results[0]
    if result["status"] == "dropped" and result["reason"] not in POLICY_REASONS:
        raise Unprocessable(result["message"], errors={"event": [result["reason"]]})
    return taken
