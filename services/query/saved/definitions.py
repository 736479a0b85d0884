"""Definitions: documentation of event names and properties by members of the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from services.query.parsing.errors import invalid_field
from services.query.saved import store
from services.query.saved.objects import Values
from shared.models import Definition
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

DefinitionKind = Literal["event", "property"]
MAX_NAME_LENGTH = 200
"""Event names have at most 100 characters; longer names of properties are not described."""


@dataclass(frozen=True, slots=True)
class DefinitionResponse:
    """The documentation of an event name or a property."""

    kind: DefinitionKind
    name: str
    description: str
    hidden: Annotated[bool, Doc("Whether lists to choose from leave it out.")]
    json_schema: Annotated[
        dict[str, Any] | None, Doc("JSON Schema of the event's properties; null: none.")
    ]
    owner: Annotated[str, Doc("Who answers questions about it; empty: nobody is named.")]
    verified: Annotated[bool, Doc("Whether a member says that it is right.")]
    created_at: Timestamp
    updated_at: Timestamp


def describe(
    project_id: int, kind: DefinitionKind, name: str, values: Values
) -> DefinitionResponse:
    """Change the given fields of a definition, which is created when there is none.

    Raises:
        Unprocessable: the name is longer than any that can be described.
    """
    if len(name) > MAX_NAME_LENGTH:
        raise invalid_field("name", f"Use a name of at most {MAX_NAME_LENGTH} characters.")
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
            owner=row.owner,
            verified=row.verified,
            created_at=row.created_at.isoformat(),
            updated_at=row.updated_at.isoformat(),
        )
