"""The paths that PostHog's SDKs call. An app migrates by changing its host and its key."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import msgspec
from flask import Response, request

from services.ingest.protocols.posthog import PROTOCOL
from services.ingest.routes.ingestion import (
    BODY_DOC,
    ingest,
    json_response,
    pipeline,
    request_from_flask,
)
from services.ingest.schemas import PostHogCaptureResponse
from shared.errors import BadRequest
from shared.web.blueprint import Blueprint
from shared.web.posthog_config import PostHogConfigResponse, browser_config
from shared.web.posthog_errors import add_posthog_detail

blueprint = Blueprint("posthog", __name__, description="Ingesting events from PostHog's SDKs")

blueprint.after_request(add_posthog_detail)

_METHODS = ["GET", "POST"]


@blueprint.route("/e/", methods=_METHODS)
@blueprint.route("/i/v0/e/", methods=_METHODS)
@blueprint.route("/capture/", methods=_METHODS)
@blueprint.route("/track/", methods=_METHODS)
@blueprint.route("/engage/", methods=_METHODS)
@blueprint.route("/batch/", methods=_METHODS)
@blueprint.route("/i/v0/ai/batch/", methods=_METHODS)
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=PostHogCaptureResponse)
def capture() -> Response:
    """Ingest one or more events. SDKs retry after any status other than 200 and 4xx."""
    result = ingest(PROTOCOL, body=_body_in_url())
    refusal = result.outcomes.refusal()
    if refusal is not None:
        raise BadRequest(refusal)
    content: dict[str, Any] = {"status": "Ok"}
    dropped = result.outcomes.dropped()
    if dropped:
        content["dropped"] = dropped
    return json_response(content, 200, result.rate_limit)


@blueprint.get("/array/<string:token>/config")
@blueprint.alt_response(200, schema=PostHogConfigResponse)
def config(token: str) -> Response:
    """Get the configuration that posthog-js loads when it starts."""
    return Response(msgspec.json.encode(_config(token)), content_type="application/json")


@blueprint.get("/array/<string:token>/config.js")
@blueprint.alt_response(200, content_type="application/javascript", schema={"type": "string"})
def config_script(token: str) -> Response:
    """Get the configuration as a script."""
    content = _config(token)
    name = msgspec.json.encode(content["token"]).decode()
    settings = msgspec.json.encode(content).decode()
    script = (
        "(function (w) { var all = w._POSTHOG_REMOTE_CONFIG = w._POSTHOG_REMOTE_CONFIG || {};\n"
        f"all[{name}] = {{ config: {settings}, siteApps: [] }}; }})(window);\n"
    )
    return Response(script, content_type="application/javascript; charset=utf-8")


def _body_in_url() -> bytes | None:
    """Return the body that the oldest SDKs send in the URL of a GET; None for other requests."""
    data = request.args.get("data") if request.method == "GET" else None
    return None if data is None else b"data=" + quote_plus(data).encode()


def _config(token: str) -> dict[str, Any]:
    """Return the configuration for a valid key, whose characters are safe inside a script."""
    sent = request_from_flask()
    pipeline().policy(token, sent.clock(), sent.visitor.address)
    return browser_config(token)
