"""Projects: created, listed, read and updated."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy.orm import Session

from services.auth import audit, project_store
from services.auth.audit import Actor
from services.auth.lockout import limit_new_projects
from services.auth.projects import keys
from services.auth.projects.ownership import check_may_be_first_owner
from services.auth.projects.publication import invalidate_policies
from shared.models import ApiKey, Membership, Project
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_login_redis


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as its members see it. ``secret_key`` is set only when it was just created."""

    id: int
    name: str
    slug: str
    domain: str | None
    timezone: str
    allowed_sources: list[str]
    rate_limit_per_minute: int
    is_active: bool
    role: str
    public_key: str | None
    secret_key_prefix: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    is_sample: bool
    secret_key: str | None = None


def create_project(
    owner: Actor,
    name: str,
    zone: str,
    domain: str | None,
    *,
    per_hour: int,
    is_sample: bool = False,
) -> ProjectView:
    """Create a project with a public and a secret key, owned by a user.

    Args:
        owner: who creates it.
        name: its name.
        zone: the IANA name of its time zone.
        domain: the host name of its site, if it has one.
        per_hour: most projects that an account may create in an hour.
        is_sample: its data is generated, so events up to 400 days old are accepted.

    Raises:
        TooManyRequests: the account has created too many in this hour.
        Conflict: the account owns too many already.
    """
    with session_scope() as session:
        check_may_be_first_owner(session, owner.existing_user_id)
        limit_new_projects(get_login_redis(), owner.existing_user_id, per_hour)
        return add_project(session, owner, name, zone, domain, is_sample=is_sample)


def add_project(
    session: Session,
    owner: Actor,
    name: str,
    zone: str = "UTC",
    domain: str | None = None,
    *,
    is_sample: bool = False,
) -> ProjectView:
    """Create a project within the caller's transaction; see ``create_project``."""
    now = datetime.now(timezone.utc)
    project = Project(
        name=name.strip(),
        slug=_free_slug(session, name),
        domain=domain,
        timezone=zone,
        allowed_sources=[],
        is_sample=is_sample,
        created_at=now,
        updated_at=now,
    )
    session.add(project)
    session.flush()
    session.add(Membership(project_id=project.id, user_id=owner.user_id, role="owner"))
    keys.add_key(session, project.id, "public", now)
    secret = keys.add_key(session, project.id, "secret", now)
    session.flush()
    audit.record(session, owner, "project.created", project_id=project.id, name=project.name)
    return project_view(session, project, "owner", secret_key=secret.text)


def list_projects(
    user_id: int, *, after_id: int, limit: int, deleted: bool = False
) -> tuple[list[ProjectView], int | None]:
    """Return the user's projects, and the id after which the next page begins (None: no more)."""
    with session_scope() as session:
        rows = project_store.list_projects(
            session, user_id, after_id=after_id, limit=limit + 1, deleted=deleted
        )
        page = rows[:limit]
        valid = project_store.list_valid_keys(session, [project.id for project, _ in page])
    views = [
        _view(project, role, [key for key in valid if key.project_id == project.id])
        for project, role in page
    ]
    return views, page[-1][0].id if len(rows) > limit else None


def get_project(project_id: int, role: str) -> ProjectView:
    """Return a project as its members see it; ``role`` is the caller's."""
    with session_scope() as session:
        return project_view(session, project_store.get_locked_project(session, project_id), role)


def get_settings(project_id: int) -> Project:
    """Return a project with all its settings."""
    with session_scope() as session:
        return project_store.get_locked_project(session, project_id)


def update_project(
    actor: Actor, project_id: int, role: str, changes: Mapping[str, Any]
) -> ProjectView:
    """Change fields of a project; ingest applies them within seconds."""
    with session_scope() as session:
        project, hashes_to_invalidate = _update(session, actor, project_id, changes)
        view = project_view(session, project, role)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return view


def update_settings(actor: Actor, project_id: int, changes: Mapping[str, Any]) -> Project:
    """Change settings of a project; ingest applies them within seconds."""
    with session_scope() as session:
        project, hashes_to_invalidate = _update(session, actor, project_id, changes)
    invalidate_policies(get_login_redis(), hashes_to_invalidate)
    return project


def project_view(
    session: Session, project: Project, role: str, secret_key: str | None = None
) -> ProjectView:
    """Return a project as its members see it."""
    return _view(project, role, project_store.list_valid_keys(session, [project.id]), secret_key)


def _update(
    session: Session, actor: Actor, project_id: int, changes: Mapping[str, Any]
) -> tuple[Project, list[str]]:
    """Change a project; return it and the hashes of its keys, whose policies have changed."""
    project = project_store.get_locked_project(session, project_id)
    before = {field: getattr(project, field) for field in changes}
    for field, value in changes.items():
        setattr(project, field, value)
    session.flush()
    session.refresh(project)
    changed = audit.differences(before, changes)
    if changed:
        audit.record(session, actor, "settings.changed", project_id=project.id, **changed)
    return project, project_store.list_key_hashes(session, project.id)


def _view(
    project: Project, role: str, valid: list[ApiKey], secret_key: str | None = None
) -> ProjectView:
    # Keys in their grace period are not offered to someone who sets up a new app.
    lasting = [key for key in valid if key.expires_at is None]
    public = next((key.public_key for key in lasting if key.kind == "public"), None)
    secret = next((key.prefix for key in lasting if key.kind == "secret"), None)
    return ProjectView(
        id=project.id,
        name=project.name,
        slug=project.slug,
        domain=project.domain,
        timezone=project.timezone,
        allowed_sources=list(project.allowed_sources),
        rate_limit_per_minute=project.rate_limit_per_minute,
        is_active=project.is_active,
        role=role,
        public_key=public,
        secret_key_prefix=secret,
        created_at=project.created_at,
        updated_at=project.updated_at,
        deleted_at=project.deleted_at,
        is_sample=project.is_sample,
        secret_key=secret_key,
    )


def _free_slug(session: Session, name: str) -> str:
    """Return the name in lower-case ASCII words, with a random suffix if that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48] or "project"
    while project_store.slug_is_taken(session, slug):
        slug = f"{slug[:48]}-{secrets.token_hex(3)}"
    return slug
