"""For the other services only: the gateway does not route ``/internal``."""

from __future__ import annotations

import msgspec
from flask import Response

from services.auth.publication import publish_policy
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint

blueprint = Blueprint("internal", __name__, url_prefix="/internal")


@blueprint.get("/policies/<string:key_hash>")
@blueprint.doc(hidden=True)
def policy(key_hash: str) -> Response:
    """The policy of the key with this SHA-256; publishes it as well."""
    with session_scope() as session:
        found = publish_policy(session, get_cache(), key_hash)
    return Response(msgspec.json.encode(found), content_type="application/json")
