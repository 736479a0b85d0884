"""Routes for the other services only: the gateway does not route ``/internal``."""

from __future__ import annotations

import msgspec
from flask import Response

from services.auth.publication import get_policy
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint

blueprint = Blueprint("internal", __name__, url_prefix="/internal")


@blueprint.get("/policies/<string:key_hash>")
@blueprint.doc(hidden=True)
def get_key_policy(key_hash: str) -> Response:
    """Get the policy of the key with this SHA-256, and publish it."""
    policy = get_policy(get_cache(), key_hash)
    return Response(msgspec.json.encode(policy), content_type="application/json")
