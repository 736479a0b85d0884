"""Imports: history that was recorded elsewhere, from files of CSV or JSON lines."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.query.api.responses import file_response, json_response, start_file
from services.query.api.schemas import imports as schemas
from services.query.saved import import_results, imports
from services.query.saved.import_results import ImportCountsResponse, ImportPreviewResponse
from services.query.saved.imports import ImportResponse
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import list_schema, response_schema
from shared.web.schemas import PageQuery

blueprint = Blueprint(
    "imports",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/imports",
    description="Imports of events",
)
_CSV = "text/csv; charset=utf-8"
_BYTES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ONE = "/<int:import_id>"


@blueprint.get("/")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, list_schema(ImportResponse))
def list_imports(query: dict[str, Any], project_id: int) -> Response:
    """List imports, latest first."""
    project_for(project_id)
    return json_response(imports.list_imports(project_id, query["limit"], query["cursor"]))


@blueprint.post("/")
@blueprint.arguments(schemas.ImportRequest)
@blueprint.response(201, response_schema(ImportResponse))
def create_import(data: dict[str, Any], project_id: int) -> Response:
    """Begin an import. Then send the parts of the file, and start it."""
    project_for(project_id, "admin")
    return json_response(imports.create_import(project_id, data, current_caller().user_id), 201)


@blueprint.post("/preview")
@blueprint.arguments(schemas.ImportPreviewRequest)
@blueprint.response(200, response_schema(ImportPreviewResponse))
def preview_import(data: dict[str, Any], project_id: int) -> Response:
    """Say what would become of the first rows of a file: a dry run, which stores nothing.

    Without a mapping or a preset the answer has a mapping that the columns suggest.
    """
    project_for(project_id, "admin")
    return json_response(import_results.preview_import(project_id, data))


@blueprint.get(_ONE)
@blueprint.response(200, response_schema(ImportResponse))
def get_import(project_id: int, import_id: int) -> Response:
    """Get an import, and how far it has come."""
    project_for(project_id)
    return json_response(imports.get_import(project_id, import_id))


@blueprint.delete(_ONE)
@blueprint.response(204)
def delete_import(project_id: int, import_id: int) -> tuple[str, int]:
    """Forget an import that has ended, with its refused rows. The events stay."""
    project_for(project_id, "admin")
    imports.delete_import(project_id, import_id)
    return "", 204


@blueprint.put(f"{_ONE}/parts/<int:part>")
@blueprint.doc(**_BYTES)
@blueprint.response(204)
def put_import_part(project_id: int, import_id: int, part: int) -> tuple[str, int]:
    """Send a part of the file, of `part_bytes` bytes; the last one has the rest.

    A part that was lost on the way is sent again.
    """
    project_for(project_id, "admin")
    imports.put_part(project_id, import_id, part, request.get_data(cache=False))
    return "", 204


@blueprint.post(f"{_ONE}/start")
@blueprint.response(200, response_schema(ImportResponse))
def start_import(project_id: int, import_id: int) -> Response:
    """Let a worker import the file, when all parts are sent."""
    project_for(project_id, "admin")
    return json_response(imports.start_import(project_id, import_id))


@blueprint.post(f"{_ONE}/cancel")
@blueprint.response(200, response_schema(ImportResponse))
def cancel_import(project_id: int, import_id: int) -> Response:
    """Stop an import. Events that it has stored stay."""
    project_for(project_id, "admin")
    return json_response(imports.cancel_import(project_id, import_id))


@blueprint.get(f"{_ONE}/counts")
@blueprint.response(200, response_schema(ImportCountsResponse))
def get_import_counts(project_id: int, import_id: int) -> Response:
    """Reconcile an import: the rows of each day and event, and what became of them."""
    project_for(project_id)
    return json_response(import_results.list_counts(project_id, import_id))


@blueprint.get(f"{_ONE}/refused")
@blueprint.doc(responses=file_response("The file.", _CSV))
def get_refused_rows(project_id: int, import_id: int) -> Response:
    """Download the refused rows as CSV: row, line, reason, and the row itself."""
    project_for(project_id, "admin")
    return Response(
        start_file(project_id, import_results.refused_rows(project_id, import_id)),
        content_type=_CSV,
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}-refused.csv"'},
    )
