"""The paths that PostHog's SDKs call. An app moves here by changing its host and its key."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import msgspec
from flask import Response, request

from services.ingest.protocols.posthog import PROTOCOL
from services.ingest.routes.ingestion import BODY_DOC, answer, delivery, pipeline, take
from services.ingest.schemas import PostHogAnswer, PostHogConfig
from shared.errors import BadRequest
from shared.web.blueprint import Blueprint
from shared.web.posthog_config import browser_config
from shared.web.posthog_errors import name_the_detail

blueprint = Blueprint("posthog", __name__, description="Taking events from PostHog's SDKs")

blueprint.after_request(name_the_detail)

_METHODS = ["GET", "POST"]


@blueprint.route("/e/", methods=_METHODS)
@blueprint.route("/i/v0/e/", methods=_METHODS)
@blueprint.route("/capture/", methods=_METHODS)
@blueprint.route("/track/", methods=_METHODS)
@blueprint.route("/engage/", methods=_METHODS)
@blueprint.route("/batch/", methods=_METHODS)
@blueprint.route("/i/v0/ai/batch/", methods=_METHODS)
@blueprint.doc(**BODY_DOC)
@blueprint.alt_response(200, schema=PostHogAnswer)
def capture() -> Response:
    """Take one event or many. SDKs send again after anything but 200 and 4xx."""
    taken = take(PROTOCOL, body=_body_in_url())
    refusal = taken.intake.refusal()
    if refusal is not None:
        raise BadRequest(refusal)
    content: dict[str, Any] = {"status": "Ok"}
    dropped = taken.intake.dropped()
    if dropped:
        content["dropped"] = dropped
    return answer(content, 200, taken.standing)


@blueprint.get("/array/<string:token>/config")
@blueprint.alt_response(200, schema=PostHogConfig)
def config(token: str) -> Response:
    """What posthog-js asks for when it starts."""
    return Response(msgspec.json.encode(_config(token)), content_type="application/json")


@blueprint.get("/array/<string:token>/config.js")
@blueprint.alt_response(200, content_type="application/javascript", schema={"type": "string"})
def config_script(token: str) -> Response:
    """The same as a script."""
    content = _config(token)
    name = msgspec.json.encode(content["token"]).decode()
    settings = msgspec.json.encode(content).decode()
    script = (
        "(function (w) { var all = w._POSTHOG_REMOTE_CONFIG = w._POSTHOG_REMOTE_CONFIG || {};\n"
        f"all[{name}] = {{ config: {settings}, siteApps: [] }}; }})(window);\n"
    )
    return Response(script, content_type="application/javascript; charset=utf-8")


def _body_in_url() -> bytes | None:
    """The oldest SDKs send events by GET; None when the body is where it should be."""
    data = request.args.get("data") if request.method == "GET" else None
    return None if data is None else b"data=" + quote_plus(data).encode()


def _config(token: str) -> dict[str, Any]:
    """Only real keys get here: what is written into the script consists of a key's characters."""
    pipeline().policy(token, delivery().clock())
    return browser_config(token)
