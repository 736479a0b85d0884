"""Routes for the other services only: the gateway does not route ``/internal``."""

from __future__ import annotations

import msgspec
from flask import Response, request

from services.auth.publication import get_policy
from shared.auth.internal_token import HEADER, is_internal
from shared.errors import NotFound
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings

blueprint = Blueprint("internal", __name__, url_prefix="/internal")


def require_service() -> None:
    """Guard a blueprint: require Tidemark's own services. Others get 404.

    Raises:
        NotFound: the internal token is missing or wrong.
    """
    if not is_internal(request.headers.get(HEADER), service_settings().secret_key):
        raise NotFound("There is nothing under this path.")


@blueprint.get("/policies/<string:key_hash>")
@blueprint.doc(hidden=True)
def get_key_policy(key_hash: str) -> Response:
    """Get the policy of the key with this SHA-256, and publish it."""
    policy = get_policy(get_cache(), key_hash)
    return Response(msgspec.json.encode(policy), content_type="application/json")
