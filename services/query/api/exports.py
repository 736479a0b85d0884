"""Exports of events as files."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from typing import Any

from flask import Response

from services.query.api.query_context import query_context
from services.query.api.schemas import exports as schemas
from services.query.parsing.filters import invalid_field
from services.query.records import export
from services.query.sources.event_query import EventSelector
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "exports",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/exports",
    description="Exports of events",
)


@blueprint.get("/events")
@blueprint.arguments(schemas.ExportQuery, location="query")
@blueprint.alt_response(200, description="The file")
def export_events(query: dict[str, Any], project_id: int) -> Response:
    """Download the events of a range as a file; X-Export-Events states their number."""
    context = query_context(project_id, query)
    try:
        query["filters"] = json.loads(query["filters"]) if query["filters"] else None
    except (ValueError, RecursionError) as error:
        raise invalid_field("filters", "Not JSON.") from error
    events = context.event_query()
    file_format = query["format"]
    file = export.Export(events, EventSelector(query["event_name"]), file_format)
    pieces = _start(file.pieces())
    name = f"events-{events.time_range.start:%Y%m%d}-{events.time_range.end:%Y%m%d}.{file_format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if file.total is not None:
        headers["X-Export-Events"] = str(file.total)
    return Response(pieces, mimetype=export.FORMATS[file_format], headers=headers)


def _start(pieces: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """Return the same pieces with the first one made already, so that early errors are answered."""
    first = next(pieces, b"")

    def both() -> Generator[bytes, None, None]:
        with closing(pieces):
            yield first
            yield from pieces

    return both()
