"""Definitions: what people say about an event name or a property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from services.query.saved import store
from services.query.saved.objects import Values
from shared.models import Definition
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

DefinitionKind = Literal["event", "property"]


@dataclass(frozen=True, slots=True)
class DefinitionResponse:
    """What people say about an event name or a property."""

    kind: DefinitionKind
    name: str
    description: str
    hidden: Annotated[bool, Doc("Whether lists to choose from leave it out.")]
    json_schema: Annotated[
        dict[str, Any] | None, Doc("JSON Schema of the event's properties; null: none.")
    ]
    created_at: Timestamp
    updated_at: Timestamp


def describe(
    project_id: int, kind: DefinitionKind, name: str, values: Values
) -> DefinitionResponse:
    """Change the given fields of a definition, which is created when there is none."""
    with session_scope() as session:
        row = store.get(session, Definition, (project_id, kind, name))
        if row is None:
            row = store.add(session, Definition(project_id=project_id, kind=kind, name=name))
        store.update(session, row, values)
        return DefinitionResponse(
            kind=kind,
            name=row.name,
            description=row.description,
            hidden=row.hidden,
            json_schema=row.json_schema,
            created_at=row.created_at.isoformat(),
            updated_at=row.updated_at.isoformat(),
        )
