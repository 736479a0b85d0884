"""Dead letters of all projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.processor.api.operator import current_operator
from services.processor.api.schemas import (
    MAX_ID,
    MAX_LARGE_ID,
    DeadLetterListRequest,
    DeadLetterSelection,
)
from services.processor.maintenance import dead_letters
from services.processor.maintenance.replay import replay_selected
from shared.errors import NotFound
from shared.runtime.database import job_connection
from shared.runtime.redis_clients import get_stream
from shared.web.blueprint import Blueprint
from shared.web.pagination import decode_id
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "dead_letters",
    __name__,
    url_prefix="/api/v1/system/dead-letters",
    description="Events that could not be stored",
)


@dataclass(frozen=True, slots=True)
class DeadLettersDone:
    """How many dead letters it was done to; those that are gone meanwhile are not among them."""

    events: int


@blueprint.get("/")
@blueprint.arguments(DeadLetterListRequest, location="query")
@blueprint.response(200, response_schema(dead_letters.DeadLetterPage))
def list_dead_letters(query: dict[str, Any]) -> dead_letters.DeadLetterPage:
    """List events that could not be stored, newest first."""
    limit, before_id = query.pop("limit"), decode_id(query.pop("cursor"))
    with job_connection("admin") as connection:
        return dead_letters.list_dead_letters(
            connection, dead_letters.Selection(**query), before_id=before_id, limit=limit
        )


@blueprint.get("/<int:project_id>/<int:dead_letter_id>")
@blueprint.response(200, response_schema(dead_letters.DeadLetterDetail))
def get_dead_letter(project_id: int, dead_letter_id: int) -> dead_letters.DeadLetterDetail:
    """Get a dead letter with the event that was received."""
    if project_id > MAX_ID or dead_letter_id > MAX_LARGE_ID:
        raise NotFound("There is no such dead letter. Use an id of the list.")
    with job_connection("admin") as connection:
        return dead_letters.get_dead_letter(connection, project_id, dead_letter_id)


@blueprint.post("/replay")
@blueprint.arguments(DeadLetterSelection)
@blueprint.response(200, response_schema(DeadLettersDone))
def replay_dead_letters(selection: dict[str, Any]) -> DeadLettersDone:
    """Send dead letters through the stream once more; they are stored, or dead letters again."""
    with job_connection("admin") as connection:
        return DeadLettersDone(
            replay_selected(connection, get_stream(), **selection, operator=current_operator())
        )


@blueprint.post("/discard")
@blueprint.arguments(DeadLetterSelection)
@blueprint.response(200, response_schema(DeadLettersDone))
def discard_dead_letters(selection: dict[str, Any]) -> DeadLettersDone:
    """Delete dead letters for good. The counts of received events keep them."""
    with job_connection("admin") as connection:
        return DeadLettersDone(
            dead_letters.discard(connection, **selection, operator=current_operator())
        )
