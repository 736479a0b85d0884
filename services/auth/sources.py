"""What a project has decided about single sources of its events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.auth import audit, store
from services.auth.audit import Actor
from shared.errors import Conflict, NotFound, Unprocessable
from shared.models import EventSource

MAX_SOURCES = 200
"""They travel with every policy, so there is an end to them."""


def add_source(
    session: Session, actor: Actor, project_id: int, fields: Mapping[str, Any]
) -> EventSource:
    """Decide about one more source.

    Raises:
        Conflict: it was decided about already, or there are too many.
    """
    known = store.sources_of(session, project_id)
    if any(source.name == fields["name"] for source in known):
        raise Conflict("This source is in the list already. Change it there.")
    if len(known) >= MAX_SOURCES:
        raise Conflict(f"A project has at most {MAX_SOURCES} sources. Delete one first.")
    source = EventSource(project_id=project_id, **fields)
    session.add(source)
    session.flush()
    session.refresh(source)
    audit.record(session, actor, "source.added", project_id=project_id, **fields)
    return source


def get_source(session: Session, project_id: int, source_id: int) -> EventSource:
    """One source of a project.

    Raises:
        NotFound: the project has no such source.
    """
    source = store.source(session, project_id, source_id)
    if source is None:
        raise NotFound("This project has no such source.")
    return source


def change_source(
    session: Session, actor: Actor, project_id: int, source_id: int, changes: Mapping[str, Any]
) -> EventSource:
    """Decide otherwise.

    Raises:
        NotFound: the project has no such source.
        Unprocessable: another source has the new name.
    """
    source = get_source(session, project_id, source_id)
    named = changes.get("name", source.name)
    others = (other for other in store.sources_of(session, project_id) if other is not source)
    if any(other.name == named for other in others):
        raise Unprocessable("Another source has this name.", errors={"name": ["Is taken."]})
    before = {field: getattr(source, field) for field in changes}
    for field, value in changes.items():
        setattr(source, field, value)
    session.flush()
    changed = audit.differences(before, changes)
    if changed:
        audit.record(
            session, actor, "source.changed", project_id=project_id, source=named, **changed
        )
    return source


def delete_source(session: Session, actor: Actor, project_id: int, source_id: int) -> None:
    """Forget what was decided; its events are treated like those of any other source.

    Raises:
        NotFound: the project has no such source.
    """
    source = get_source(session, project_id, source_id)
    session.delete(source)
    audit.record(session, actor, "source.deleted", project_id=project_id, source=source.name)
