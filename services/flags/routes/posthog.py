"""The paths on which PostHog's SDKs request flags."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, request

from services.flags.posthog import legacy_payloads, legacy_values
from services.flags.request import FlagsRequest, person_of, read_flags_request
from services.flags.routes.answers import flags_content, raise_refusal, records, request_of
from services.flags.routes.callers import (
    bearer_key,
    charged_for_body,
    definitions_of_secret_key,
    evaluate,
    flags_of_key,
)
from services.flags.routes.entity_tags import tagged_response
from services.flags.schemas import DecideResponse, FlagDefinitionsResponse, FlagsResponse
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
    raise_refusal()
    sent = _sent()
    content = flags_content(sent, flags_of_key(sent.token))
    return _response(content, sent.token)


@blueprint.post("/decide/")
@blueprint.doc(**_REQUEST_DOC)
@blueprint.alt_response(200, schema=DecideResponse)
def decide() -> Response:
    """Evaluate the flags of a person, for older SDKs."""
    sent = _sent()
    flags = flags_of_key(sent.token)
    found = evaluate(flags, person_of(sent), request_of(sent), sent.keys).values()
    if request.args.get("v") == "4":
        content: dict[str, Any] = {"flags": records(flags.served, found)}
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
        charged_for_body,
    )


def _response(content: dict[str, Any], token: str) -> Response:
    if request.args.get("config") == "true":
        content = {**browser_config(token), **content}
    return Response(msgspec.json.encode(content), content_type="application/json")
