"""Routes for the other services only: the gateway does not route ``/internal``."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Response, request

from services.auth.flags.decisions import FlagDecision, decide
from services.auth.flags.definitions import publish_flags
from services.auth.projects.publication import get_policies
from services.auth.statements import RunStatement, record_statement
from shared.errors import BadRequest
from shared.flags.publication import encode as encode_flags
from shared.policies.fetch import MAX_AT_ONCE
from shared.runtime.redis_clients import get_state_redis
from shared.web.blueprint import Blueprint

blueprint = Blueprint("internal", __name__, url_prefix="/internal")

_decode_statement = msgspec.json.Decoder(RunStatement).decode
_decode_decision = msgspec.json.Decoder(FlagDecision).decode
_decode = msgspec.json.Decoder(Annotated[list[str], msgspec.Meta(max_length=MAX_AT_ONCE)]).decode


@blueprint.post("/policies")
@blueprint.doc(hidden=True)
def get_key_policies() -> Response:
    """Return the policies of known keys, by SHA-256, and publish them."""
    try:
        key_hashes = _decode(request.get_data(cache=False))
    except msgspec.DecodeError as error:
        raise BadRequest(f"Send a list of up to {MAX_AT_ONCE} hashes of keys: {error}.") from error
    policies = get_policies(get_state_redis(), key_hashes)
    return Response(msgspec.json.encode(policies), content_type="application/json")


@blueprint.get("/flags/<int:project_id>")
@blueprint.doc(hidden=True)
def get_flags(project_id: int) -> Response:
    """Return a project's feature flags, and publish them."""
    return Response(encode_flags(publish_flags(project_id)), content_type="application/json")


@blueprint.post("/flags/<int:project_id>/decisions")
@blueprint.doc(hidden=True)
def decide_flag(project_id: int) -> tuple[str, int]:
    """Give everybody the same value of a flag, by the order of a person."""
    try:
        decision = _decode_decision(request.get_data(cache=False))
    except msgspec.DecodeError as error:
        raise BadRequest(f"Send key, value and user_id: {error}.") from error
    decide(project_id, decision)
    return "", 204


@blueprint.post("/audit-log/<int:project_id>/statements")
@blueprint.doc(hidden=True)
def add_statement(project_id: int) -> tuple[str, int]:
    """Enter a SQL statement that a person runs in the audit log."""
    try:
        run = _decode_statement(request.get_data(cache=False))
    except msgspec.DecodeError as error:
        raise BadRequest(f"Send user_id and statement: {error}.") from error
    record_statement(project_id, run)
    return "", 204
