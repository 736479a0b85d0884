"""The paths that Segment's and RudderStack's libraries call. An app changes its host and key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from flask import Response, request

from services.ingest.protocols import segment
from services.ingest.protocols.message import Message, Protocol
from services.ingest.request import IngestRequest
from services.ingest.routes.ingestion import (
    BODY_DOC,
    ingest,
    json_response,
    pipeline,
    request_from_flask,
)
from services.ingest.schemas import (
    RudderStackSourceResponse,
    SegmentResponse,
    SegmentSettingsResponse,
)
from shared.errors import BadRequest, NotFound
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint

blueprint = Blueprint("segment", __name__, description="Ingesting events from Segment's libraries")


@blueprint.post("/v1/batch")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SegmentResponse)
def batch() -> Response:
    """Ingest a batch of calls."""
    return _ingest(segment.PROTOCOL)


@blueprint.post("/v1/b")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SegmentResponse)
def browser_batch() -> Response:
    """Ingest a batch of calls from a browser."""
    return _ingest(segment.PROTOCOL)


@blueprint.post("/v1/<string:call>")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SegmentResponse)
def single(call: str) -> Response:
    """Ingest one call: track, identify, page, screen, group or alias, or its initial letter."""
    kind = segment.call_named(call)
    if kind is None:
        raise NotFound("Unknown call. Use one of: " + ", ".join(segment.CALLS) + ".")

    def read(body: bytes, sent: IngestRequest) -> Message:
        return segment.read(body, replace(sent, query={**sent.query, "type": kind}))

    return _ingest(Protocol("segment", read, segment.canonical))


@blueprint.get("/v1/projects/<string:write_key>/settings")
@blueprint.alt_response(200, schema=SegmentSettingsResponse)
def settings(write_key: str) -> Response:
    """Get the settings that analytics.js loads when it starts."""
    sent = request_from_flask()
    pipeline().policy(write_key, sent.clock(), sent.visitor.address)
    host = get_settings().public_url.partition("://")[2].rstrip("/")
    content = {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": f"{host}/v1",
                "protocol": get_settings().public_url.partition("://")[0],
                "versionSettings": {"componentTypes": []},
            }
        },
        # Otherwise the library sends metrics about itself to Segment.
        "metrics": {"sampleRate": 0},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
    }
    return Response(msgspec.json.encode(content), content_type="application/json")


@blueprint.get("/sourceConfig/")
@blueprint.doc(security=[{"ProjectKey": []}])
@blueprint.alt_response(200, schema=RudderStackSourceResponse)
def source_config() -> Response:
    """Get the source that RudderStack's browser SDK loads when it starts."""
    sent = request_from_flask()
    write_key = request.args.get("writeKey") or sent.key
    policy = pipeline().policy(write_key, sent.clock(), sent.visitor.address)
    off = {"enabled": False}
    content: dict[str, Any] = {
        "source": {
            "id": str(policy.project_id),
            "name": "Tidemark",
            "writeKey": write_key,
            "enabled": True,
            "workspaceId": str(policy.project_id),
            # Otherwise the SDK sends errors and metrics about itself to RudderStack.
            "config": {"statsCollection": {"errors": off, "metrics": off}},
            "connections": [],
            "destinations": [],
            "dataplanes": {},
        }
    }
    return Response(msgspec.json.encode(content), content_type="application/json")


def _ingest(protocol: Protocol) -> Response:
    result = ingest(protocol)
    refusal = result.outcomes.refusal()
    if refusal is not None:
        raise BadRequest(refusal)
    dropped = result.outcomes.dropped()
    return json_response(
        {"success": True, **({"dropped": dropped} if dropped else {})}, 200, result.rate_limit
    )
