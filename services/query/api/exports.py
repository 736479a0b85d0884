"""Exports of events as files."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from typing import Any

from flask import Response

from services.query.api.query_request import query_request
from services.query.api.responses import file_response
from services.query.api.schemas import exports as schemas
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventSelector
from services.query.records import export
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "exports",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/exports",
    description="Exports of events",
)


@blueprint.get("/events")
@blueprint.arguments(schemas.ExportRequest, location="query")
@blueprint.doc(responses=file_response("The file.", *export.FORMATS.values()))
def export_events(query: dict[str, Any], project_id: int) -> Response:
    """Download the events of a range as a file; X-Export-Events states their number."""
    request = query_request(project_id, query)
    try:
        query["filters"] = json.loads(query["filters"]) if query["filters"] else None
    except (ValueError, RecursionError) as error:
        raise invalid_field(
            "filters", "This is not JSON. Use the filters of an insight, encoded as JSON."
        ) from error
    events = request.event_query()
    file_format = query["format"]
    file = export.Export(events, EventSelector(query["event_name"]), file_format)
    chunks = _start(file.chunks())
    name = f"events-{events.time_range.start:%Y%m%d}-{events.time_range.end:%Y%m%d}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if file.total is not None:
        headers["X-Export-Events"] = str(file.total)
    return Response(chunks, content_type=export.FORMATS[file_format], headers=headers)


def _start(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """Return the chunks; an error in the first one is raised here, so it gets an error status."""
    first = next(chunks, b"")

    def both() -> Generator[bytes, None, None]:
        with closing(chunks):
            yield first
            yield from chunks

    return both()
