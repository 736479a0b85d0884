"""Projects: made, listed and changed."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy.orm import Session

from services.auth import audit, keys, store
from services.auth.audit import Actor
from shared.errors import NotFound
from shared.models import ApiKey, Membership, Project


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as its members see it. ``secret_key`` is only there when it was just made."""

    id: int
    name: str
    slug: str
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
    secret_key: str | None = None


def create_project(session: Session, owner: Actor, name: str, zone: str = "UTC") -> ProjectView:
    """A new project with a public and a secret key, owned by a user."""
    now = datetime.now(timezone.utc)
    project = Project(
        name=name.strip(),
        slug=_free_slug(session, name),
        timezone=zone,
        allowed_sources=[],
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
    return view(session, project, "owner", secret_key=secret.text)


def list_projects(
    session: Session, user_id: int, *, after_id: int, limit: int, deleted: bool = False
) -> tuple[list[ProjectView], int | None]:
    """The user's projects, and the id after which the next page begins (None: no more)."""
    rows = store.projects_of(session, user_id, after_id=after_id, limit=limit + 1, deleted=deleted)
    page = rows[:limit]
    valid = store.valid_keys(session, [project.id for project, _ in page])
    views = [
        _view(project, role, [key for key in valid if key.project_id == project.id])
        for project, role in page
    ]
    return views, page[-1][0].id if len(rows) > limit else None


def existing(session: Session, project_id: int) -> Project:
    """A project that the caller may see, locked until the end of the transaction.

    Raises:
        NotFound: it went away in the meantime.
    """
    project = session.get(Project, project_id, with_for_update=True)
    if project is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return project


def view(
    session: Session, project: Project, role: str, secret_key: str | None = None
) -> ProjectView:
    """One project as its members see it."""
    return _view(project, role, store.valid_keys(session, [project.id]), secret_key)


def change_project(
    session: Session, actor: Actor, project: Project, changes: Mapping[str, Any]
) -> list[str]:
    """Change fields of a project; answers the hashes of its keys, whose policies are outdated."""
    before = {field: getattr(project, field) for field in changes}
    for field, value in changes.items():
        setattr(project, field, value)
    session.flush()
    session.refresh(project)
    changed = audit.differences(before, changes)
    if changed:
        audit.record(session, actor, "settings.changed", project_id=project.id, **changed)
    return store.key_hashes(session, project.id)


def _view(
    project: Project, role: str, valid: list[ApiKey], secret_key: str | None = None
) -> ProjectView:
    # Keys whose time is running out are not shown to those who set up a new app.
    lasting = [key for key in valid if key.expires_at is None]
    public = next((key.public_key for key in lasting if key.kind == "public"), None)
    secret = next((key.prefix for key in lasting if key.kind == "secret"), None)
    return ProjectView(
        id=project.id,
        name=project.name,
        slug=project.slug,
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
        secret_key=secret_key,
    )


def _free_slug(session: Session, name: str) -> str:
    """The name in lower-case ASCII words; with a random ending when that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48] or "project"
    while store.slug_is_taken(session, slug):
        slug = f"{slug[:48]}-{secrets.token_hex(3)}"
    return slug
