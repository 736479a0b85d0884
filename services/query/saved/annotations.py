"""Annotations: notes at a point in time, shown in charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.saved.objects import ObjectType
from shared.models import Annotation
from shared.responses import Doc, Timestamp


@dataclass(frozen=True, slots=True)
class AnnotationResponse:
    """A note at a point in time, such as a release, an outage or a campaign."""

    id: int
    at: Timestamp
    text: str
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize(row: Annotation) -> AnnotationResponse:
    return AnnotationResponse(
        id=row.id,
        at=row.at.isoformat(),
        text=row.text,
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


ANNOTATIONS = ObjectType("annotation", Annotation, _serialize)
