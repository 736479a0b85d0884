"""Annotations: notes at a point in time, shown in charts."""

from __future__ import annotations

from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import annotations as schemas
from services.query.saved.annotations import ANNOTATIONS, AnnotationResponse
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "annotations",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/annotations",
    description="Annotations",
)
add_object_routes(
    blueprint,
    ANNOTATIONS,
    AnnotationResponse,
    schemas.AnnotationRequest,
    schemas.ANNOTATION_UPDATE,
)
