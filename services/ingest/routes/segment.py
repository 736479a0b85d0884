"""The paths that Segment's libraries call. An app moves here by changing its host and its key."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from flask import Response

from services.ingest.protocols import segment
from services.ingest.protocols.message import Message, Protocol
from services.ingest.request import Delivery
from services.ingest.routes.ingestion import BODY_DOC, answer, delivery, pipeline, take
from services.ingest.schemas import SegmentAnswer, SegmentSettings
from shared.errors import BadRequest, NotFound
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint

blueprint = Blueprint("segment", __name__, description="Taking events from Segment's libraries")


@blueprint.post("/v1/batch")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SegmentAnswer)
def batch() -> Response:
    """Take a batch of calls."""
    return _taken(segment.PROTOCOL)


@blueprint.post("/v1/b")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SegmentAnswer)
def browser_batch() -> Response:
    """Take a batch of calls from a browser."""
    return _taken(segment.PROTOCOL)


@blueprint.post("/v1/<string:call>")
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=SegmentAnswer)
def single(call: str) -> Response:
    """Take one call: track, identify, page, screen, group or alias; browsers send its initial."""
    kind = segment.call_named(call)
    if kind is None:
        raise NotFound("There is no such call. Segment's are: " + ", ".join(segment.CALLS) + ".")

    def read(body: bytes, sent: Delivery) -> Message:
        return segment.read(body, replace(sent, query={**sent.query, "type": kind}))

    return _taken(Protocol("segment", read, segment.canonical))


@blueprint.get("/v1/projects/<string:write_key>/settings")
@blueprint.alt_response(200, schema=SegmentSettings)
def settings(write_key: str) -> Response:
    """What analytics.js asks for when it starts."""
    pipeline().policy(write_key, delivery().clock())
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
        # Else the library reports on itself to Segment.
        "metrics": {"sampleRate": 0},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
    }
    return Response(msgspec.json.encode(content), content_type="application/json")


def _taken(protocol: Protocol) -> Response:
    taken = take(protocol)
    refusal = taken.intake.refusal()
    if refusal is not None:
        raise BadRequest(refusal)
    dropped = taken.intake.dropped()
    return answer(
        {"success": True, **({"dropped": dropped} if dropped else {})}, 200, taken.standing
    )
