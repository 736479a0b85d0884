"""Auth's SQL about projects, their keys, sources and log."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from shared.models import ApiKey, AuditEntry, EventSource, Membership, Project


def projects_of(
    session: Session, user_id: int, *, after_id: int, limit: int, deleted: bool
) -> list[tuple[Project, str]]:
    """The user's projects with their role, in the order they were made."""
    rows = session.execute(
        select(Project, Membership.role)
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.user_id == user_id, Project.id > after_id)
        .where(Project.deleted_at.is_not(None) if deleted else Project.deleted_at.is_(None))
        .order_by(Project.id)
        .limit(limit)
    )
    return [(project, role) for project, role in rows]


def slug_is_taken(session: Session, slug: str) -> bool:
    """Whether a project has this slug."""
    return session.scalar(select(Project.id).where(Project.slug == slug)) is not None


def valid_keys(session: Session, project_ids: list[int]) -> list[ApiKey]:
    """The keys of these projects that work now, newest first."""
    return list(
        session.scalars(
            select(ApiKey)
            .where(ApiKey.project_id.in_(project_ids), _is_valid())
            .order_by(ApiKey.id.desc())
        )
    )


def key_hashes(session: Session, project_id: int) -> list[str]:
    """The hashes of a project's keys that work now."""
    return [key.key_hash for key in valid_keys(session, [project_id])]


def key_with_project(session: Session, key_hash: str) -> tuple[ApiKey, Project] | None:
    """A key that works now, with its project."""
    row = session.execute(
        select(ApiKey, Project)
        .join(Project, Project.id == ApiKey.project_id)
        .where(ApiKey.key_hash == key_hash, _is_valid(), Project.deleted_at.is_(None))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _is_valid() -> ColumnElement[bool]:
    return and_(
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
    )


def sources_of(session: Session, project_id: int) -> list[EventSource]:
    """What a project has decided about its sources, by name."""
    return list(
        session.scalars(
            select(EventSource)
            .where(EventSource.project_id == project_id)
            .order_by(EventSource.name)
        )
    )


def source(session: Session, project_id: int, source_id: int) -> EventSource | None:
    """One source of a project."""
    return session.scalar(
        select(EventSource).where(EventSource.project_id == project_id, EventSource.id == source_id)
    )


def audit_entries(
    session: Session, project_id: int, *, before_id: int | None, limit: int
) -> list[AuditEntry]:
    """Entries of a project's log, newest first."""
    statement = select(AuditEntry).where(AuditEntry.project_id == project_id)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    return list(session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit)))
