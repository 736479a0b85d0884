"""Segments: filters with a name, for everybody in the project.

A query names segments by their ids (``{"scope": "segment", "value": [3]}``), so that it changes
with them; ``services/query/execution/segments.py`` puts their conditions into its plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy.orm import Session

from services.query.execution.filter_checks import check_filters
from services.query.parsing.errors import invalid_field
from services.query.parsing.filters import filter_conditions, parse_filter
from services.query.saved.objects import ObjectType, Values
from services.query.saved.store import list_after
from shared.models import Segment
from shared.responses import Doc, Timestamp

MAX_SEGMENTS = 100
"""Segments of a project; pages list all of them at once."""


@dataclass(frozen=True, slots=True)
class SegmentResponse:
    """A filter with a name."""

    id: int
    name: str
    filters: Annotated[dict[str, Any], Doc("It names no other segment.", schema="Filter")]
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize(row: Segment) -> SegmentResponse:
    return SegmentResponse(
        id=row.id,
        name=row.name,
        filters=row.filters,
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _check(session: Session, project_id: int, values: Values) -> None:
    """Refuse a segment without a condition, of other segments, or beyond the most segments."""
    is_new = "id" not in values
    if is_new and len(list_after(session, Segment, project_id, None, MAX_SEGMENTS)) >= MAX_SEGMENTS:
        raise invalid_field(
            "name", f"A project has at most {MAX_SEGMENTS} segments. Delete one first."
        )
    if "filters" not in values:
        return
    filters = parse_filter(values["filters"])
    conditions = [*filter_conditions(filters)]
    if not conditions:
        raise invalid_field("filters", "Use at least one condition.")
    for condition in conditions:
        if condition.scope == "segment":
            raise invalid_field(
                f"{condition.field}.scope",
                "A segment names no other segment. Use the conditions of that segment.",
            )
    check_filters(project_id, filters)


SEGMENTS = ObjectType("segment", Segment, _serialize, check=_check)
