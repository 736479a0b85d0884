"""The settings of single sources of a project's events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.auth import audit, project_store
from services.auth.audit import Actor
from services.auth.projects.publication import invalidate_policies
from shared.errors import Conflict, ErrorCode, NotFound, Unprocessable
from shared.models import EventSource
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis

MAX_SOURCES = 200
"""Bounded because the sources are part of every published policy."""


def list_sources(project_id: int) -> list[EventSource]:
    """Return a project's configured sources, by name."""
    with session_scope() as session:
        return project_store.list_sources(session, project_id)


def get_source(project_id: int, source_id: int) -> EventSource:
    """Return one source of a project.

    Raises:
        NotFound: the project has no such source.
    """
    with session_scope() as session:
        return _get(session, project_id, source_id)


def create_source(actor: Actor, project_id: int, fields: Mapping[str, Any]) -> EventSource:
    """Configure one more source.

    Raises:
        Conflict: the source exists, or the project has the maximum number of sources.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        known = project_store.list_sources(session, project_id)
        if any(source.name == fields["name"] for source in known):
            raise Conflict("This source exists already. Change it instead.")
        if len(known) >= MAX_SOURCES:
            raise Conflict(
                f"A project may have at most {MAX_SOURCES} sources. Delete one first.",
                code=ErrorCode.TOO_MANY_OBJECTS,
            )
        source = EventSource(project_id=project_id, **fields)
        session.add(source)
        session.flush()
        session.refresh(source)
        audit.record(session, actor, "source.added", project_id=project_id, **fields)
        hashes_to_invalidate = project_store.list_key_hashes(session, project_id)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return source


def update_source(
    actor: Actor, project_id: int, source_id: int, changes: Mapping[str, Any]
) -> EventSource:
    """Change the settings of a source.

    Raises:
        NotFound: the project has no such source.
        Unprocessable: another source has the new name.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        source = _get(session, project_id, source_id)
        name = changes.get("name", source.name)
        others = (
            other
            for other in project_store.list_sources(session, project_id)
            if other is not source
        )
        if any(other.name == name for other in others):
            raise Unprocessable(
                "Another source has this name. Choose another.", errors={"name": ["Is taken."]}
            )
        before = {field: getattr(source, field) for field in changes}
        for field, value in changes.items():
            setattr(source, field, value)
        session.flush()
        changed = audit.differences(before, changes)
        if changed:
            audit.record(
                session, actor, "source.changed", project_id=project_id, source=name, **changed
            )
        hashes_to_invalidate = project_store.list_key_hashes(session, project_id)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return source


def delete_source(actor: Actor, project_id: int, source_id: int) -> None:
    """Delete the settings of a source; its events are then treated like those of any other.

    Raises:
        NotFound: the project has no such source.
    """
    with session_scope() as session:
        project_store.get_locked_project(session, project_id)
        source = _get(session, project_id, source_id)
        session.delete(source)
        audit.record(session, actor, "source.deleted", project_id=project_id, source=source.name)
        hashes_to_invalidate = project_store.list_key_hashes(session, project_id)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)


def _get(session: Session, project_id: int, source_id: int) -> EventSource:
    source = project_store.get_source(session, project_id, source_id)
    if source is None:
        raise NotFound("This project has no such source. List its sources to find the id.")
    return source
