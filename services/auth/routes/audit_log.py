"""The audit log of a project."""

from __future__ import annotations

from typing import Any

from services.auth import audit
from services.auth.projects.schemas import AuditLogResponse
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id, encode_cursor
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "audit-log",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/audit-log",
    description="Audit log",
)


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, AuditLogResponse)
def list_project_audit_log(page: dict[str, Any], project_id: int) -> dict[str, Any]:
    """List the audit log of a project, newest first."""
    access = project_for(project_id, "admin")
    items, next_id = audit.list_entries(
        access.project_id, before_id=decode_id(page["cursor"]), limit=page["limit"]
    )
    return {"items": items, "next_cursor": encode_cursor(next_id) if next_id else None}
