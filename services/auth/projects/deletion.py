"""Deleting a project: hidden at once, and removed by a job 7 days later."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from sqlalchemy.orm import Session

from services.auth import audit, project_store
from services.auth.audit import Actor, AuditAction
from services.auth.projects.projects import ProjectView, project_view
from services.auth.projects.publication import invalidate_policies
from shared.errors import Conflict, NotFound
from shared.models import Project, ProjectDeletion
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis

UNDOABLE_FOR = timedelta(days=7)


def delete_project(actor: Actor, project_id: int) -> ProjectDeletion:
    """Hide a project, end its keys, and schedule the removal of its data.

    The processor's job ``delete_projects`` does the rest.
    """
    with session_scope() as session:
        project = project_store.get_locked_project(session, project_id)
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
        hashes_to_invalidate = project_store.list_key_hashes(session, project.id)
        deletion = _get(session, project_id)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return deletion


def restore_project(actor: Actor, project_id: int, role: str) -> ProjectView:
    """Undo a deletion; the project's keys are valid again.

    Raises:
        Conflict: the project was not deleted, or its data is already being removed.
    """
    with session_scope() as session:
        project = project_store.get_locked_project(session, project_id)
        deletion = session.get(ProjectDeletion, project.id, with_for_update=True)
        if project.deleted_at is None or deletion is None:
            raise Conflict("This project is not deleted, so there is nothing to restore.")
        if deletion.started_at is not None:
            raise Conflict(
                "The project's data is already being removed. It can no longer be restored."
            )
        session.delete(deletion)
        project.deleted_at = None
        _record(session, actor, "project.restored", project)
        hashes_to_invalidate = project_store.list_key_hashes(session, project.id)
        view = project_view(session, project, role)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return view


def get_deletion(project_id: int) -> ProjectDeletion:
    """Return the progress of a project's deletion.

    Raises:
        NotFound: the project was not deleted.
    """
    with session_scope() as session:
        return _get(session, project_id)


def _get(session: Session, project_id: int) -> ProjectDeletion:
    found = session.get(ProjectDeletion, project_id)
    if found is None:
        raise NotFound("This project is not deleted, so there is no progress to show.")
    return found


def _record(session: Session, actor: Actor, action: AuditAction, project: Project) -> None:
    # In both logs, because the project's own is removed with the project.
    for project_id in (project.id, audit.INSTALLATION):
        audit.record(
            session,
            actor,
            action,
            project_id=project_id,
            project={"id": project.id, "name": project.name},
        )
