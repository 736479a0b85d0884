"""Projects and their keys: made, listed, rotated, and published for ingest."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, cast

from sqlalchemy.orm import Session

from services.auth import store
from shared.keys import key_hash, new_key, shown_prefix
from shared.models import ApiKey, EventSource, Membership, Project
from shared.policy import Policy, SourceRule


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
    secret_key: str | None = None


def create_project(session: Session, owner_id: int, name: str, zone: str = "UTC") -> ProjectView:
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
    session.add(Membership(project_id=project.id, user_id=owner_id, role="owner"))
    _add_key(session, project.id, "public", now)
    secret = _add_key(session, project.id, "secret", now)
    session.flush()
    return view(session, project, "owner", secret_key=secret)


def list_projects(
    session: Session, user_id: int, *, after_id: int, limit: int
) -> tuple[list[ProjectView], int | None]:
    """The user's projects, and the id after which the next page begins (None: no more)."""
    rows = store.projects_of(session, user_id, after_id=after_id, limit=limit + 1)
    page = rows[:limit]
    keys = store.valid_keys(session, [project.id for project, _ in page])
    views = [
        _view(project, role, [key for key in keys if key.project_id == project.id])
        for project, role in page
    ]
    return views, page[-1][0].id if len(rows) > limit else None


def view(
    session: Session, project: Project, role: str, secret_key: str | None = None
) -> ProjectView:
    """One project as its members see it."""
    return _view(project, role, store.valid_keys(session, [project.id]), secret_key)


def change_project(session: Session, project: Project, changes: Mapping[str, Any]) -> list[str]:
    """Change fields of a project; answers the hashes of its keys, whose policies are outdated."""
    for field, value in changes.items():
        setattr(project, field, value)
    session.flush()
    session.refresh(project)
    return [key.key_hash for key in store.valid_keys(session, [project.id])]


def rotate_key(session: Session, project_id: int, kind: str) -> tuple[str, list[str]]:
    """Replace the project's key of one kind; answers the new key and the old keys' hashes."""
    now = datetime.now(timezone.utc)
    revoked = store.revoke_keys(session, project_id, kind, now)
    return _add_key(session, project_id, kind, now), revoked


def policy_of(key: ApiKey, project: Project, sources: Iterable[EventSource]) -> Policy:
    """What ingest must know about a key."""
    return Policy(
        project_id=project.id,
        kind="public" if key.kind == "public" else "secret",
        is_active=project.is_active,
        timezone=project.timezone,
        allowed_sources=tuple(project.allowed_sources),
        rate_limit_per_minute=project.rate_limit_per_minute,
        client_rate_limit_per_minute=project.client_rate_limit_per_minute,
        daily_quota=project.daily_quota,
        monthly_quota=project.monthly_quota,
        sample_rate=project.sample_rate,
        sources={
            source.name: SourceRule(source.is_active, source.sample_rate) for source in sources
        },
        allowed_origins=tuple(project.allowed_origins),
        filter_bots=project.filter_bots,
        ip_mode=cast("Any", project.ip_mode),
        do_not_track=cast("Any", project.do_not_track),
        consent=cast("Any", project.consent),
    )


def _view(
    project: Project, role: str, keys: list[ApiKey], secret_key: str | None = None
) -> ProjectView:
    public = next((key.public_key for key in keys if key.kind == "public"), None)
    secret = next((key.prefix for key in keys if key.kind == "secret"), None)
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
        secret_key=secret_key,
    )


def _add_key(session: Session, project_id: int, kind: str, now: datetime) -> str:
    key = new_key(kind)
    session.add(
        ApiKey(
            project_id=project_id,
            kind=kind,
            key_hash=key_hash(key),
            prefix=shown_prefix(key),
            public_key=key if kind == "public" else None,
            created_at=now,
        )
    )
    return key


def _free_slug(session: Session, name: str) -> str:
    """The name in lower-case ASCII words; with a random ending when that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48] or "project"
    while store.slug_is_taken(session, slug):
        slug = f"{slug[:48]}-{secrets.token_hex(3)}"
    return slug
