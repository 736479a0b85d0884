"""Keys of a project."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.auth import keys, projects, store
from services.auth.project_schemas import (
    Grace,
    KeyListAnswer,
    KeyRequest,
    NewKeyAnswer,
    RotateAnswer,
    RotateRequest,
)
from services.auth.publication import withdraw_policies
from services.auth.routes.current_actor import actor
from shared.auth.access import project_for
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "keys", __name__, url_prefix="/api/v1/projects/<int:project_id>", description="Keys"
)


@blueprint.get("/keys")
@blueprint.response(200, KeyListAnswer)
def list_keys(project_id: int) -> dict[str, Any]:
    """The keys that work now."""
    access = project_for(project_id, "member")
    with session_scope() as session:
        return {"items": store.valid_keys(session, [access.project_id])}


@blueprint.post("/keys")
@blueprint.arguments(KeyRequest)
@blueprint.response(201, NewKeyAnswer)
def create_key(request: dict[str, str], project_id: int) -> dict[str, Any]:
    """Make one more key; the answer is the only one that shows a secret one."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        made = keys.create_key(
            session, actor(), access.project_id, request["kind"], request["name"]
        )
    return _shown(made)


@blueprint.post("/keys/<int:key_id>/rotate")
@blueprint.arguments(Grace)
@blueprint.response(201, NewKeyAnswer)
def replace_key(request: dict[str, int], project_id: int, key_id: int) -> dict[str, Any]:
    """Replace one key; the old one works on for the grace period."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        made, outdated = keys.replace(
            session, actor(), access.project_id, key_id, timedelta(hours=request["grace_hours"])
        )
    withdraw_policies(get_cache(), outdated)
    return _shown(made)


@blueprint.delete("/keys/<int:key_id>")
@blueprint.response(204)
def revoke_key(project_id: int, key_id: int) -> None:
    """End a key; it stops working within 5 seconds."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        outdated = keys.revoke(session, actor(), access.project_id, key_id)
    withdraw_policies(get_cache(), [outdated])


@blueprint.post("/rotate-key")
@blueprint.arguments(RotateRequest)
@blueprint.response(200, RotateAnswer)
def rotate_key(request: dict[str, Any], project_id: int) -> dict[str, str]:
    """Replace all keys of one kind; the old ones work on for the grace period."""
    access = project_for(project_id, "admin")
    with session_scope() as session:
        projects.existing(session, access.project_id)
        made, outdated = keys.rotate(
            session,
            actor(),
            access.project_id,
            request["kind"],
            timedelta(hours=request["grace_hours"]),
        )
    withdraw_policies(get_cache(), outdated)
    return {"kind": request["kind"], "key": made.text}


def _shown(made: keys.NewKey) -> dict[str, Any]:
    fields = ("id", "kind", "name", "prefix", "public_key", "created_at", "expires_at")
    return {field: getattr(made.key, field) for field in fields} | {"key": made.text}
