"""SQL of auth about projects, their keys and sources, and the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Integer, and_, func, literal_column, not_, select
from sqlalchemy.orm import Session

from shared.auth.first_owner import first_owner_sql
from shared.auth.valid_keys import valid_key
from shared.errors import NotFound
from shared.models import (
    ApiKey,
    AuditEntry,
    Definition,
    EventSource,
    Membership,
    Project,
    SealedDay,
)


def list_projects(
    session: Session, user_id: int, *, after_id: int, limit: int, deleted: bool
) -> list[tuple[Project, str]]:
    """Return the user's projects with the user's role, oldest first."""
    rows = session.execute(
        select(Project, Membership.role)
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.user_id == user_id, Project.id > after_id)
        .where(Project.deleted_at.is_not(None) if deleted else Project.deleted_at.is_(None))
        .order_by(Project.id)
        .limit(limit)
    )
    return [(project, role) for project, role in rows]


def count_projects_of_first_owner(session: Session, user_id: int) -> int:
    """Count the projects whose first owner a user is, with deleted ones whose data is there."""
    first_owner = literal_column(first_owner_sql("memberships.project_id"), Integer)
    owned = select(func.count()).where(
        Membership.user_id == user_id, Membership.role == "owner", first_owner == user_id
    )
    return session.scalar(owned) or 0


def get_locked_project(session: Session, project_id: int) -> Project:
    """Return a project that the caller may see, locked until the end of the transaction.

    Raises:
        NotFound: the project was deleted in the meantime.
    """
    project = session.get(Project, project_id, with_for_update=True)
    if project is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return project


def slug_is_taken(session: Session, slug: str) -> bool:
    """Return whether a project has this slug."""
    return session.scalar(select(Project.id).where(Project.slug == slug)) is not None


def list_valid_keys(session: Session, project_ids: list[int]) -> list[ApiKey]:
    """Return the valid keys of these projects, newest first."""
    return list(
        session.scalars(
            select(ApiKey)
            .where(ApiKey.project_id.in_(project_ids), valid_key())
            .order_by(ApiKey.id.desc())
        )
    )


def list_key_hashes(session: Session, project_id: int) -> list[str]:
    """Return the hashes of a project's valid keys."""
    return [key.key_hash for key in list_valid_keys(session, [project_id])]


def list_keys_with_projects(
    session: Session, key_hashes: list[str]
) -> list[tuple[ApiKey, Project, datetime | None, int | None, bool]]:
    """Return the known keys among these.

    Each comes with its project, with the end of the last local day whose raw events retention has
    removed, with the id of the project's first owner, and with whether the key has ended: it was
    revoked or has expired, or its project is deleted.
    """
    expired_until = (
        select(SealedDay.ends_at)
        .where(SealedDay.project_id == Project.id, SealedDay.expired_at.is_not(None))
        .order_by(SealedDay.day.desc())
        .limit(1)
        .scalar_subquery()
    )
    owner = literal_column(first_owner_sql("projects.id"), Integer)
    has_ended = not_(and_(valid_key(), Project.deleted_at.is_(None)))
    rows = session.execute(
        select(ApiKey, Project, expired_until, owner, has_ended)
        .join(Project, Project.id == ApiKey.project_id)
        .where(ApiKey.key_hash.in_(key_hashes))
    )
    return [
        (key, project, expired, owner_id, ended) for key, project, expired, owner_id, ended in rows
    ]


def list_sources_by_project(
    session: Session, project_ids: Iterable[int]
) -> dict[int, list[EventSource]]:
    """Return the configured sources of projects, by name."""
    found: dict[int, list[EventSource]] = {}
    for source in session.scalars(
        select(EventSource)
        .where(EventSource.project_id.in_(project_ids))
        .order_by(EventSource.name)
    ):
        found.setdefault(source.project_id, []).append(source)
    return found


def list_schemas_by_project(
    session: Session, project_ids: Iterable[int]
) -> dict[int, list[Definition]]:
    """Return the definitions of projects with a schema that ingest checks events by, by name."""
    found: dict[int, list[Definition]] = {}
    for definition in session.scalars(
        select(Definition)
        .where(
            Definition.project_id.in_(project_ids),
            Definition.kind == "event",
            Definition.schema_mode != "off",
            Definition.json_schema.is_not(None),
        )
        .order_by(Definition.name)
    ):
        found.setdefault(definition.project_id, []).append(definition)
    return found


def list_sources(session: Session, project_id: int) -> list[EventSource]:
    """Return a project's configured sources, by name."""
    return list(
        session.scalars(
            select(EventSource)
            .where(EventSource.project_id == project_id)
            .order_by(EventSource.name)
        )
    )


def get_source(session: Session, project_id: int, source_id: int) -> EventSource | None:
    """Return one source of a project."""
    return session.scalar(
        select(EventSource).where(EventSource.project_id == project_id, EventSource.id == source_id)
    )


def list_audit_entries(
    session: Session, project_id: int, *, before_id: int | None, limit: int
) -> list[AuditEntry]:
    """Return entries of a project's audit log, newest first."""
    statement = select(AuditEntry).where(AuditEntry.project_id == project_id)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    return list(session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit)))
