"""The paths of the OpenFeature Remote Evaluation Protocol."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, request

from services.flags.ofrep import evaluation_of, failure_of, person_of
from services.flags.request import read_object
from services.flags.routes.answers import ofrep_answer, raise_refusal
from services.flags.routes.callers import charged, evaluate, flags_of_key, sent_key, stream_of_key
from services.flags.routes.entity_tags import tagged_response
from services.flags.schemas import (
    OfrepBulkResponse,
    OfrepEvaluation,
    OfrepFailure,
)
from shared.errors import NotFound
from shared.flags.evaluation import Person
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "ofrep",
    __name__,
    url_prefix="/ofrep/v1/evaluate/flags",
    description="Flags for OpenFeature's SDKs (OFREP)",
)

_CONTEXT = {
    "type": "object",
    "required": ["targetingKey"],
    "properties": {"targetingKey": {"type": "string", "minLength": 1}},
    "example": {"targetingKey": "user-1", "plan": "pro"},
}
_DOC: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["context"],
                    "properties": {"context": _CONTEXT},
                }
            }
        },
    },
    "security": [{"ProjectKey": []}],
}


@blueprint.after_request
def add_failure(response: Response) -> Response:
    """Add the error code and details that OpenFeature's providers read."""
    if response.status_code >= 400:
        content = response.get_json(silent=True)
        if isinstance(content, dict) and "message" in content:
            failure = {
                **content,
                "errorCode": failure_of(response.status_code, content.get("errors") or {}),
                "errorDetails": content["message"],
            }
            key = (request.view_args or {}).get("key")
            # Only for whoever showed a valid key: 400 and 404 come after it was checked.
            if key is not None and response.status_code in {400, 404}:
                failure["key"] = key
            response.set_data(msgspec.json.encode(failure))
    return response


@blueprint.post("")
@blueprint.doc(**_DOC)
@blueprint.alt_response(200, schema=OfrepBulkResponse)
@blueprint.alt_response(304, description="The values have not changed.")
@blueprint.alt_response(400, schema=OfrepFailure)
def evaluate_all() -> Response:
    """Evaluate all flags for a person."""
    raise_refusal()
    key = sent_key()
    flags = flags_of_key(key)
    return tagged_response(ofrep_answer(flags, _person(), stream_of_key(key)))


@blueprint.post("/<path:key>")
@blueprint.doc(**_DOC)
@blueprint.alt_response(200, schema=OfrepEvaluation)
@blueprint.alt_response(400, schema=OfrepFailure)
@blueprint.alt_response(404, schema=OfrepFailure)
def evaluate_one(key: str) -> Response:
    """Evaluate one flag for a person."""
    found = evaluate(flags_of_key(sent_key()), _person(), "used", [key])
    if key not in found:
        raise NotFound("The project has no such flag. Check the key, or create the flag.")
    return Response(msgspec.json.encode(evaluation_of(found[key])), content_type="application/json")


def _person() -> Person:
    body, encoding = request.get_data(cache=False), request.headers.get("Content-Encoding", "")
    with charged(sent_key()):
        return person_of(read_object(body, encoding))
