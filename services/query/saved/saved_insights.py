"""Saved insights: queries with a name, for everybody in the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast

from services.query.parsing.insight_kind import InsightKind
from services.query.saved.alerts import begin_anew_with_insight
from services.query.saved.objects import ObjectType, get_object
from shared.errors import NotFound
from shared.models import Project, SavedInsight
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope


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


SAVED_INSIGHTS = ObjectType(
    "saved insight", SavedInsight, _serialize, before_update=begin_anew_with_insight
)


def find_query(project_id: int, insight_id: int) -> tuple[InsightKind, dict[str, Any], str]:
    """Return the kind, the query and the name of a saved insight.

    Raises:
        NotFound: the project has no such insight.
    """
    found = get_object(SAVED_INSIGHTS, project_id, str(insight_id))
    return found.kind, dict(found.query), found.name


def project_timezone(project_id: int) -> str:
    """Return the time zone of a project.

    Raises:
        NotFound: there is no such project, or it was deleted.
    """
    with session_scope() as session:
        project = session.get(Project, project_id)
        if project is None or project.deleted_at is not None:
            raise NotFound("There is no such project, or it was deleted.")
        return project.timezone
