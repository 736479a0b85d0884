"""Keys of a project."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.auth.projects import keys
from services.auth.projects.schemas import (
    KeyListResponse,
    KeyRequest,
    NewKeyResponse,
    RotateKeyRequest,
    RotateKeysRequest,
    RotateKeysResponse,
)
from services.auth.routes.current_actor import current_actor
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "keys", __name__, url_prefix="/api/v1/projects/<int:project_id>", description="Keys"
)


@blueprint.get("/keys")
@blueprint.response(200, KeyListResponse)
def list_keys(project_id: int) -> dict[str, Any]:
    """List the valid keys of a project."""
    access = project_for(project_id, "member")
    return {"items": keys.list_keys(access.project_id)}


@blueprint.post("/keys")
@blueprint.arguments(KeyRequest)
@blueprint.response(201, NewKeyResponse)
def create_key(request: dict[str, str], project_id: int) -> dict[str, Any]:
    """Create a key. A secret key is shown in this response only."""
    access = project_for(project_id, "admin")
    created = keys.create_key(current_actor(), access.project_id, request["kind"], request["name"])
    return _with_text(created)


@blueprint.post("/keys/<int:key_id>/rotate")
@blueprint.arguments(RotateKeyRequest)
@blueprint.response(201, NewKeyResponse)
def rotate_key(request: dict[str, int], project_id: int, key_id: int) -> dict[str, Any]:
    """Replace a key. The old one stays valid for the grace period."""
    access = project_for(project_id, "admin")
    grace = timedelta(hours=request["grace_hours"])
    return _with_text(keys.rotate_key(current_actor(), access.project_id, key_id, grace))


@blueprint.delete("/keys/<int:key_id>")
@blueprint.response(204)
def revoke_key(project_id: int, key_id: int) -> None:
    """Revoke a key. Usually it stops working within 1 second, at most within 5."""
    access = project_for(project_id, "admin")
    keys.revoke_key(current_actor(), access.project_id, key_id)


@blueprint.post("/rotate-key")
@blueprint.arguments(RotateKeysRequest, required=False)
@blueprint.response(200, RotateKeysResponse)
def rotate_keys(request: dict[str, Any], project_id: int) -> dict[str, str]:
    """Replace all keys of one kind. The old ones stay valid for the grace period."""
    access = project_for(project_id, "admin")
    kind, grace = request["kind"], timedelta(hours=request["grace_hours"])
    created = keys.rotate_keys(current_actor(), access.project_id, kind, grace)
    return {"kind": kind, "key": created.text}


def _with_text(created: keys.NewKey) -> dict[str, Any]:
    fields = ("id", "kind", "name", "prefix", "public_key", "created_at", "expires_at")
    return {field: getattr(created.key, field) for field in fields} | {"key": created.text}
