"""Definitions: documentation of event names and properties by members of the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from services.query.parsing.errors import invalid_field
from services.query.saved import store
from services.query.saved.objects import Values
from shared.errors import Unavailable
from shared.events.property_schemas import SchemaMode, compile_schema
from shared.models import Definition
from shared.policies.changes import withdraw
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_state_redis

MAX_CHECKED_EVENTS = 100
"""They are in the policy of each of the project's keys."""
MAX_CHECKED_BYTES = 128 * 1024
"""Of their schemas together, for the same reason."""
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
    schema_mode: Annotated[
        SchemaMode,
        Doc("What ingest does with events that do not fit: nothing (off), warn, or refuse."),
    ]
    created_at: Timestamp
    updated_at: Timestamp


def describe(
    project_id: int, kind: DefinitionKind, name: str, values: Values
) -> DefinitionResponse:
    """Change the given fields of a definition, which is created when there is none.

    Raises:
        Unprocessable: the name is longer than any that can be described, or events cannot be
            checked by the schema.
        Unavailable: the definition is stored, but ingest does not know yet.
    """
    if len(name) > MAX_NAME_LENGTH:
        raise invalid_field("name", f"Use a name of at most {MAX_NAME_LENGTH} characters.")
    with session_scope() as session:
        row = store.get(session, Definition, (project_id, kind, name))
        if row is None:
            row = store.add(session, Definition(project_id=project_id, kind=kind, name=name))
        was_checked = row.schema_mode != "off"
        store.update(session, row, values)
        is_checked = row.schema_mode != "off"
        if is_checked:
            _check_schema(session, row)
        response = DefinitionResponse(
            kind=kind,
            name=row.name,
            description=row.description,
            hidden=row.hidden,
            json_schema=row.json_schema,
            owner=row.owner,
            verified=row.verified,
            schema_mode=cast("SchemaMode", row.schema_mode),
            created_at=row.created_at.isoformat(),
            updated_at=row.updated_at.isoformat(),
        )
        keys = store.list_key_hashes(session, project_id) if was_checked or is_checked else []
    if keys:
        _withdraw_policies(keys)
    return response


def _check_schema(session: Session, row: Definition) -> None:
    """Refuse a schema by which ingest cannot check events.

    Raises:
        Unprocessable: it is of a property, or none, or has words that are not checked, or the
            project has as many as it may have.
    """
    if row.kind != "event":
        raise invalid_field("schema_mode", "Only events are checked. Set the schema of an event.")
    if row.json_schema is None:
        raise invalid_field("json_schema", "Set the schema that events are checked by.")
    compile_schema(row.json_schema)
    events, size = store.count_checked_events(session, row.project_id)
    if events > MAX_CHECKED_EVENTS:
        raise invalid_field(
            "schema_mode",
            f"A project checks at most {MAX_CHECKED_EVENTS} event names. Set another one to off.",
        )
    if size > MAX_CHECKED_BYTES:
        raise invalid_field(
            "json_schema",
            f"The schemas that a project checks events by have at most {MAX_CHECKED_BYTES // 1024} "
            "KB together. Shorten this one, or set another one to off.",
        )


def _withdraw_policies(key_hashes: list[str]) -> None:
    """Let ingest ask for the project's policies again, which hold the schemas.

    Raises:
        Unavailable: Redis does not answer; the definition is stored, but ingest may go on without
            it until the published policies expire.
    """
    try:
        withdraw(get_state_redis(), key_hashes)
    except RedisError as error:
        raise Unavailable(
            "The definition is stored, but ingest may apply the old one for up to 20 more minutes, "
            "because Redis does not answer. Send it again later to be sure."
        ) from error
