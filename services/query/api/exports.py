"""Exports of events as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response

from services.query.api.query_request import query_request
from services.query.api.responses import expired_header, file_response, start_file
from services.query.api.schemas import exports as schemas
from services.query.execution.segments import with_segments
from services.query.parsing.events import EventSelector
from services.query.parsing.filters import parse_filter_text
from services.query.records import export
from shared.web.blueprint import Blueprint
from shared.web.openapi import reference

blueprint = Blueprint(
    "exports",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/exports",
    description="Exports of events",
)


@blueprint.get("/events")
@blueprint.arguments(schemas.ExportRequest, location="query")
@blueprint.doc(
    responses=file_response("The file.", *export.FORMATS.values(), row=reference("ExportedEvent"))
)
def export_events(query: dict[str, Any], project_id: int) -> Response:
    """Download the events of a range as a file; X-Export-Events states their number.

    X-Answer-Expired (from/to) states the time whose events retention has removed, if there is any.
    """
    filters = parse_filter_text(query.pop("filters"))
    events = replace(query_request(project_id, query).event_query(), filters=filters)
    events = with_segments(project_id, events)
    file_format = query["format"]
    file = export.Export(events, EventSelector(query["event_name"]), file_format)
    chunks = start_file(project_id, file.chunks())
    name = f"events-{events.time_range.start:%Y%m%d}-{events.time_range.end:%Y%m%d}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if file.total is not None:
        headers["X-Export-Events"] = str(file.total)
    headers.update(expired_header(file.expired))
    return Response(chunks, content_type=export.FORMATS[file_format], headers=headers)
