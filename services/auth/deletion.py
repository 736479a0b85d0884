"""Deleting a project: at once out of sight, and for good by a job 7 days later."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from services.auth import audit, store
from services.auth.audit import Actor
from shared.errors import Conflict, NotFound
from shared.models import Project, ProjectDeletion

UNDOABLE_FOR = timedelta(days=7)


def delete_project(session: Session, actor: Actor, project: Project) -> list[str]:
    """Hide a project and plan its end; answers the hashes of its keys, which end at once.

    The processor's job ``delete_projects`` does the rest.
    """
    now = datetime.now(timezone.utc)
    project.deleted_at = now
    session.merge(
        ProjectDeletion(
            project_id=project.id,
            name=project.name,
            requested_at=now,
            purge_after=now + UNDOABLE_FOR,
        )
    )
    _record(session, actor, "project.deleted", project)
    return store.key_hashes(session, project.id)


def restore_project(session: Session, actor: Actor, project: Project) -> list[str]:
    """Take a deletion back; answers the hashes of its keys, which work again.

    Raises:
        Conflict: the project was not deleted, or its data is being deleted already.
    """
    planned = session.get(ProjectDeletion, project.id, with_for_update=True)
    if project.deleted_at is None or planned is None:
        raise Conflict("This project was not deleted.")
    if planned.started_at is not None:
        raise Conflict("Too late: the project's data is being deleted already.")
    session.delete(planned)
    project.deleted_at = None
    _record(session, actor, "project.restored", project)
    return store.key_hashes(session, project.id)


def get_deletion(session: Session, project_id: int) -> ProjectDeletion:
    """How far the deletion of a project is.

    Raises:
        NotFound: it was not deleted.
    """
    found = session.get(ProjectDeletion, project_id)
    if found is None:
        raise NotFound("This project was not deleted.")
    return found


def _record(session: Session, actor: Actor, action: str, project: Project) -> None:
    # In both logs: the project's own goes with the project.
    for project_id in (project.id, audit.INSTALLATION):
        audit.record(
            session,
            actor,
            action,
            project_id=project_id,
            project={"id": project.id, "name": project.name},
        )
