"""Segments: filters with a name, which queries refer to."""

from __future__ import annotations

from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import segments as schemas
from services.query.saved.segments import SEGMENTS, SegmentResponse
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "segments",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/segments",
    description="Segments",
)
add_object_routes(
    blueprint, SEGMENTS, SegmentResponse, schemas.SegmentRequest, schemas.SEGMENT_UPDATE
)
