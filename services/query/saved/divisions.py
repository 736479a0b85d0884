"""Administrative divisions, and communities, which may belong to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy.orm import Session

from services.query.parsing.errors import invalid_field
from services.query.saved import store
from services.query.saved.objects import ObjectType, Values
from shared.errors import Conflict
from shared.models import Community, Division
from shared.responses import Doc, Timestamp


@dataclass(frozen=True, slots=True)
class DivisionResponse:
    """An administrative division."""

    id: Annotated[str, Doc("Chosen by the project.", example="ca-qc")]
    name: Annotated[str, Doc(example="Quebec")]
    kind: Annotated[str, Doc("Such as country, province or city.", example="province")]
    parent_id: Annotated[str | None, Doc("The division that contains it.", example="ca")]
    country: Annotated[str | None, Doc("ISO 3166-1 alpha-2 code.", example="CA")]
    region: Annotated[str | None, Doc("As events name it.")]
    created_at: Timestamp
    updated_at: Timestamp


@dataclass(frozen=True, slots=True)
class CommunityResponse:
    """A community."""

    id: Annotated[str, Doc("Chosen by the project.")]
    name: str
    slug: str
    division_id: Annotated[str | None, Doc("The division that the community belongs to.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize_division(row: Division) -> DivisionResponse:
    return DivisionResponse(
        id=row.id,
        name=row.name,
        kind=row.kind,
        parent_id=row.parent_id,
        country=row.country,
        region=row.region,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _serialize_community(row: Community) -> CommunityResponse:
    return CommunityResponse(
        id=row.id,
        name=row.name,
        slug=row.slug,
        division_id=row.division_id,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _check_community(session: Session, project_id: int, values: Values) -> None:
    """Refuse a division that the project does not have."""
    if values.get("division_id") is not None:
        _find(session, project_id, "division_id", values["division_id"])


def _check_division(session: Session, project_id: int, values: Values) -> None:
    """Refuse a parent that the project does not have, or that lies in the division itself."""
    if values.get("parent_id") is None:
        return
    division: Division | None = _find(session, project_id, "parent_id", values["parent_id"])
    visited: set[str] = set()
    while division is not None and division.id not in visited:
        if division.id == values["id"]:
            raise invalid_field(
                "parent_id", "A division cannot be inside itself. Use another parent, or null."
            )
        visited.add(division.id)
        division = store.get(session, Division, (project_id, division.parent_id or ""))


def _find(session: Session, project_id: int, field: str, division_id: str) -> Division:
    division = store.get(session, Division, (project_id, division_id))
    if division is None:
        raise invalid_field(
            field, "The project has no such division. Use the id of one, or create it first."
        )
    return division


def _check_deletion(session: Session, project_id: int, division_id: str) -> None:
    if store.is_division_used(session, project_id, division_id):
        raise Conflict("Communities or other divisions belong to this division. Move them first.")


DIVISIONS = ObjectType(
    "division",
    Division,
    _serialize_division,
    has_chosen_id=True,
    has_author=False,
    affects_answers=True,
    check=_check_division,
    check_deletion=_check_deletion,
)
COMMUNITIES = ObjectType(
    "community",
    Community,
    _serialize_community,
    has_chosen_id=True,
    has_author=False,
    affects_answers=True,
    check=_check_community,
)
