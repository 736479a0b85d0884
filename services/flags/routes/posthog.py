"""The paths on which PostHog's SDKs ask for flags.

No flag can be defined yet, so the answers are empty, in the shape that each SDK reads. An app that
asks falls back to its defaults, at once and without errors in its log.
"""

from __future__ import annotations

import time
import uuid
from functools import cache
from typing import Any

from flask import Response, jsonify, request

from services.flags.request import read_question
from services.flags.schemas import DecideAnswer, FlagDefinitions, FlagsAnswer
from shared.errors import Unauthorized
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.redis_clients import get_cache
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint
from shared.web.posthog_config import browser_config
from shared.web.posthog_errors import name_the_detail

blueprint = Blueprint("posthog_flags", __name__, description="Flags for PostHog's SDKs")
blueprint.after_request(name_the_detail)

_QUESTION: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    "security": [{"ProjectKey": []}],
}


@blueprint.post("/flags/")
@blueprint.doc(**_QUESTION)
@blueprint.alt_response(200, schema=FlagsAnswer)
def flags() -> Response:
    """Which flags are on for a person."""
    token = _authenticated()
    content: dict[str, Any] = {
        "flags": {},
        "errorsWhileComputingFlags": False,
        "requestId": str(uuid.uuid4()),
        "evaluatedAt": int(time.time() * 1000),
    }
    return _answer(content, token)


@blueprint.post("/decide/")
@blueprint.doc(**_QUESTION)
@blueprint.alt_response(200, schema=DecideAnswer)
def decide() -> Response:
    """The same, as older SDKs ask for it."""
    token = _authenticated()
    if request.args.get("v") == "4":
        content: dict[str, Any] = {"flags": {}, "errorsWhileComputingFlags": False}
    else:
        content = {
            "featureFlags": {},
            "featureFlagPayloads": {},
            "errorsWhileComputingFlags": False,
        }
    return _answer({**browser_config(token), **content}, token)


@blueprint.get("/flags/definitions")
@blueprint.get("/api/feature_flag/local_evaluation/")
@blueprint.doc(security=[{"ProjectKey": []}])
@blueprint.alt_response(200, schema=FlagDefinitions)
def definitions() -> Response:
    """All flags, for servers that evaluate them on their own; takes the secret key."""
    authorization = request.authorization
    key = authorization.token if authorization and authorization.type == "bearer" else None
    if _policy(key).kind != "secret":
        raise Unauthorized("Definitions are read with the project's secret key, as Bearer.")
    return jsonify(flags=[], group_type_mapping={}, cohorts={})


def _authenticated() -> str:
    """The key of the question, once it is known to be one."""
    question = read_question(request.get_data(cache=False))
    token = question.get("token") or question.get("api_key") or request.args.get("token")
    token = token if isinstance(token, str) else ""
    _policy(token)
    return token


def _answer(content: dict[str, Any], token: str) -> Response:
    if request.args.get("config") == "true":
        content = {**browser_config(token), **content}
    return jsonify(content)


@cache
def _policies() -> Policies:
    return Policies(get_cache(), get_settings())


def _policy(key: str | None) -> Policy:
    return _policies().for_key(key, time.time())
