"""The paths on which PostHog's SDKs request flags.

No flag can be defined yet, so the responses are empty, in the shape that each SDK reads. An app
then uses its defaults at once, without errors in its log.
"""

from __future__ import annotations

import time
import uuid
from functools import cache
from typing import Any

from flask import Response, jsonify, request

from services.flags.request import read_flags_request
from services.flags.schemas import DecideResponse, FlagDefinitionsResponse, FlagsResponse
from shared.errors import Unauthorized
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint
from shared.web.posthog_config import browser_config
from shared.web.posthog_errors import add_posthog_detail
from shared.web.request_scope import client_address

blueprint = Blueprint("posthog_flags", __name__, description="Flags for PostHog's SDKs")
blueprint.after_request(add_posthog_detail)

_REQUEST_DOC: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    "security": [{"ProjectKey": []}],
}


@blueprint.post("/flags/")
@blueprint.doc(**_REQUEST_DOC)
@blueprint.alt_response(200, schema=FlagsResponse)
def flags() -> Response:
    """Evaluate the flags of a person."""
    token = _authenticated()
    content: dict[str, Any] = {
        "flags": {},
        "errorsWhileComputingFlags": False,
        "requestId": str(uuid.uuid4()),
        "evaluatedAt": int(time.time() * 1000),
    }
    return _response(content, token)


@blueprint.post("/decide/")
@blueprint.doc(**_REQUEST_DOC)
@blueprint.alt_response(200, schema=DecideResponse)
def decide() -> Response:
    """Evaluate the flags of a person, for older SDKs."""
    token = _authenticated()
    if request.args.get("v") == "4":
        content: dict[str, Any] = {"flags": {}, "errorsWhileComputingFlags": False}
    else:
        content = {
            "featureFlags": {},
            "featureFlagPayloads": {},
            "errorsWhileComputingFlags": False,
        }
    return _response({**browser_config(token), **content}, token)


@blueprint.get("/flags/definitions")
@blueprint.get("/api/feature_flag/local_evaluation/")
@blueprint.doc(security=[{"ProjectKey": []}])
@blueprint.alt_response(200, schema=FlagDefinitionsResponse)
def definitions() -> Response:
    """List all flags, for servers that evaluate them locally. Needs the secret key."""
    authorization = request.authorization
    key = authorization.token if authorization and authorization.type == "bearer" else None
    if _policy(key).kind != "secret":
        raise Unauthorized(
            "Flag definitions need the project's secret key. Send it as Authorization: Bearer."
        )
    return jsonify(flags=[], group_type_mapping={}, cohorts={})


def _authenticated() -> str:
    """Return the request's key after checking it."""
    sent = read_flags_request(
        request.get_data(cache=False),
        request.headers.get("Content-Encoding", ""),
        request.args.get("compression", ""),
    )
    token = sent.get("token") or sent.get("api_key") or request.args.get("token")
    token = token if isinstance(token, str) else ""
    _policy(token)
    return token


def _response(content: dict[str, Any], token: str) -> Response:
    if request.args.get("config") == "true":
        content = {**browser_config(token), **content}
    return jsonify(content)


@cache
def _policies() -> Policies:
    return Policies(get_state_redis(), get_settings())


def _policy(key: str | None) -> Policy:
    return _policies().for_key(key, time.time(), client_address())
