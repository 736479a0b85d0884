"""For the other services only: the gateway does not route ``/internal``."""

from __future__ import annotations

import msgspec
from flask import Response, request

from services.auth.publication import publish_policy
from shared.auth.internal_token import HEADER, is_internal
from shared.errors import NotFound
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings

blueprint = Blueprint("internal", __name__, url_prefix="/internal")


def require_service() -> None:
    """Guard: only our own services. Strangers are told that there is nothing here."""
    if not is_internal(request.headers.get(HEADER), service_settings().secret_key):
        raise NotFound("There is nothing here.")


@blueprint.get("/policies/<string:key_hash>")
@blueprint.doc(hidden=True)
def policy(key_hash: str) -> Response:
    """The policy of the key with this SHA-256; publishes it as well."""
    with session_scope() as session:
        found = publish_policy(session, get_cache(), key_hash)
    return Response(msgspec.json.encode(found), content_type="application/json")
