"""The paths on which PostHog's SDKs request flags."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from typing import Any

from flask import Response, jsonify, request

from services.flags.posthog import legacy_payloads, legacy_values, records
from services.flags.request import FlagsRequest, read_flags_request
from services.flags.routes.callers import (
    bearer_key,
    definitions_of_secret_key,
    evaluate,
    flags_of_key,
)
from services.flags.routes.entity_tags import tagged_response
from services.flags.schemas import DecideResponse, FlagDefinitionsResponse, FlagsResponse
from shared.flags.evaluation import Evaluation, Person
from shared.web.blueprint import Blueprint
from shared.web.posthog_config import browser_config
from shared.web.posthog_errors import add_posthog_detail

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
    sent = _sent()
    content: dict[str, Any] = {
        "flags": records(_evaluations(sent)),
        "errorsWhileComputingFlags": False,
        "requestId": str(uuid.uuid4()),
        "evaluatedAt": int(time.time() * 1000),
    }
    return _response(content, sent.token)


@blueprint.post("/decide/")
@blueprint.doc(**_REQUEST_DOC)
@blueprint.alt_response(200, schema=DecideResponse)
def decide() -> Response:
    """Evaluate the flags of a person, for older SDKs."""
    sent = _sent()
    found = _evaluations(sent)
    if request.args.get("v") == "4":
        content: dict[str, Any] = {"flags": records(found)}
    else:
        content = {
            "featureFlags": legacy_values(found),
            "featureFlagPayloads": legacy_payloads(found),
        }
    content["errorsWhileComputingFlags"] = False
    return _response({**browser_config(sent.token), **content}, sent.token)


@blueprint.get("/flags/definitions")
@blueprint.get("/api/feature_flag/local_evaluation/")
@blueprint.doc(security=[{"ProjectKey": []}])
@blueprint.alt_response(200, schema=FlagDefinitionsResponse)
@blueprint.alt_response(304, description="The flags have not changed.")
def definitions() -> Response:
    """List all flags, for servers that evaluate them locally. Needs the secret key."""
    return tagged_response(definitions_of_secret_key(bearer_key()))


def _sent() -> FlagsRequest:
    return read_flags_request(
        request.get_data(cache=False),
        request.headers.get("Content-Encoding", ""),
        request.args.get("compression", ""),
        request.args.get("token", ""),
    )


def _evaluations(sent: FlagsRequest) -> Collection[Evaluation]:
    """Return the flags of the request's person, after checking its key."""
    flags = flags_of_key(sent.token)
    person = Person(sent.distinct_id, sent.properties)
    return evaluate(flags, person, sent.keys).values()


def _response(content: dict[str, Any], token: str) -> Response:
    if request.args.get("config") == "true":
        content = {**browser_config(token), **content}
    return jsonify(content)
