"""Administrative divisions of a project."""

from __future__ import annotations

from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import divisions as schemas
from services.query.saved.divisions import DIVISIONS, DivisionResponse
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "divisions",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/divisions",
    description="Administrative divisions",
)
add_object_routes(
    blueprint,
    DIVISIONS,
    DivisionResponse,
    schemas.DivisionRequest,
    schemas.DIVISION_UPDATE,
    deletion_note="No community and no other division may belong to it.",
)
