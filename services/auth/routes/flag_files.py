"""A project's flags as a file that can be kept in git."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, request

from services.auth.flags.file_schemas import (
    FlagChangesResponse,
    FlagCopyRequest,
    FlagFileQuery,
    FlagFileResponse,
)
from services.auth.flags.files import read_yaml, to_yaml
from services.auth.flags.replacement import copy_flags, portable_flags, replace_flags
from services.auth.routes.current_actor import current_actor
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "flag_files",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/feature-flags",
    description="Feature flags",
)
_YAML = "application/yaml"
_FILE: dict[str, Any] = {
    "type": "object",
    "required": ["flags"],
    "properties": {"flags": {"type": "object"}},
    "example": {"flags": {"new-checkout": {"rollout_percentage": 20}}},
}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {_YAML: {"schema": _FILE}}},
}


@blueprint.get("/flags.yaml")
@blueprint.alt_response(200, content_type=_YAML, schema=_FILE)
def get_flags_as_yaml(project_id: int) -> Response:
    """Get all flags of a project as YAML, by key, each with what is not as in a new flag."""
    access = project_for(project_id)
    text = to_yaml(portable_flags(access.project_id).values())
    return Response(text, content_type=f"{_YAML}; charset=utf-8")


@blueprint.put("/flags.yaml")
@blueprint.doc(**_BODY)
@blueprint.arguments(FlagFileQuery, location="query")
@blueprint.response(200, FlagFileResponse)
def replace_flags_by_yaml(query: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Give a project the flags of a YAML file, all or none, or see what that would change.

    Fields that the file leaves out are as in a new flag.
    """
    access = project_for(project_id, "member")
    wanted = read_yaml(request.get_data(cache=False))
    changes = replace_flags(current_actor(), access.project_id, wanted, **query)
    return {**asdict(changes), **query}


@blueprint.post("/copy")
@blueprint.arguments(FlagCopyRequest)
@blueprint.response(200, FlagChangesResponse)
def copy_flags_of_another_project(request: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Give a project flags of another one, all or none, or see what that would change.

    Cohorts are found by their names.
    """
    access = project_for(project_id, "member")
    source = project_for(request["from_project_id"])
    changes = copy_flags(
        current_actor(),
        access.project_id,
        source.project_id,
        request["keys"],
        keep_rollout=request["keep_rollout"],
        dry_run=request["dry_run"],
    )
    return {**asdict(changes), "dry_run": request["dry_run"]}
