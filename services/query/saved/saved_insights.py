"""Saved insights: queries with a name, for everybody in the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast

from services.query.parsing.insight_kind import InsightKind
from services.query.saved.objects import ObjectType
from shared.models import SavedInsight
from shared.responses import Doc, Timestamp


@dataclass(frozen=True, slots=True)
class SavedInsightResponse:
    """A query with a name."""

    id: int
    name: str
    description: str
    kind: InsightKind
    query: Annotated[dict[str, Any], Doc(schema="InsightQuery")]
    view: Annotated[dict[str, Any], Doc("How to show the result, as the client gave it.")]
    is_favourite: Annotated[bool, Doc("Whether the members of the project pinned it.")]
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize(row: SavedInsight) -> SavedInsightResponse:
    return SavedInsightResponse(
        id=row.id,
        name=row.name,
        description=row.description,
        kind=cast("InsightKind", row.kind),
        query=row.query,
        view=row.view,
        is_favourite=row.is_favourite,
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


SAVED_INSIGHTS = ObjectType("saved insight", SavedInsight, _serialize)
