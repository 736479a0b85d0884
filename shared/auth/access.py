"""Who is calling, and what they may see. Used by every service that people call.

A route's blueprint declares its guard where it is registered; a route that needs a project
asks for it with ``project_for``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from flask import g, request
from sqlalchemy import func, or_, select

from shared.auth.api_keys import SECRET_PREFIX, key_hash
from shared.auth.login_sessions import Sessions
from shared.errors import Forbidden, NotFound, Unauthorized, Unprocessable
from shared.models import ApiKey, Membership, Project, User
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.runtime.settings import get_settings

ACCESS_COOKIE = "access_token"
REFRESH_COOKIE = "refresh_token"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_ROLES = ("viewer", "member", "admin", "owner")
_MAX_ID = 2**31 - 1
_NO_PROJECT = "There is no such project, or you are not a member of it."


@dataclass(frozen=True, slots=True)
class Caller:
    """A logged-in user, or the holder of a project's secret key (then ``user_id`` is None)."""

    user_id: int | None
    is_superuser: bool = False
    session_id: str | None = None
    key_project_id: int | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project that the caller may see, and as what."""

    project_id: int
    name: str
    timezone: str
    role: str


@cache
def get_sessions() -> Sessions:
    """The login sessions of this installation."""
    return Sessions(get_cache(), get_settings())


def require_user() -> None:
    """Guard of a blueprint: a user with a valid login.

    Raises:
        Unauthorized: there is no login, or it has ended.
        Forbidden: the call carries a cookie and comes from another site's page.
    """
    token = _bearer()
    if token is None:
        token = request.cookies.get(ACCESS_COOKIE)
        refuse_other_sites()
    if not token:
        raise Unauthorized("Log in first: this needs a login cookie or a Bearer token.")
    claims = get_sessions().check(token)
    with session_scope() as session:
        user = session.get(User, claims.user_id)
        if user is None or not user.is_active:
            raise Unauthorized("This account is closed.")
        if user.session_version != claims.version:
            raise Unauthorized("This login has ended. Log in again.")
        g.caller = Caller(user.id, user.is_superuser, claims.session_id, email=user.email)


def require_reader() -> None:
    """Guard of a blueprint that reads: a logged-in user, or a project's secret key.

    Raises:
        Unauthorized: neither was given, or it is not valid (any more).
        Forbidden: a public key was given; it only writes.
    """
    key = request.headers.get("X-API-Key") or _bearer_key()
    if key is None:
        require_user()
        return
    if not key.startswith(SECRET_PREFIX):
        raise Forbidden("A public key only writes events. Read with a secret key or a login.")
    with session_scope() as session:
        project_id = session.scalar(
            select(ApiKey.project_id).where(
                ApiKey.key_hash == key_hash(key),
                ApiKey.kind == "secret",
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
            )
        )
    if project_id is None:
        raise Unauthorized("This secret key is not valid (any more).")
    g.caller = Caller(None, key_project_id=project_id)


# Told in the OpenAPI document of what they guard (shared/web/factory.py).
require_user.security = ("LoginCookie", "Login")  # type: ignore[attr-defined]
require_reader.security = ("ProjectKey", "LoginCookie", "Login")  # type: ignore[attr-defined]


def current_caller() -> Caller:
    """The caller that the blueprint's guard let in."""
    caller: Caller = g.caller
    return caller


def project_for(project_id: int | None, minimum_role: str = "viewer") -> ProjectAccess:
    """The named project; when none is named, a secret key's own or a user's only one.

    Raises:
        Unprocessable: none is named, and the user is a member of none or of several.
        NotFound: it does not exist, or is not the caller's to know of.
        Forbidden: the caller is a member in a lesser role.
    """
    return _project_for(project_id, minimum_role, deleted=False)


def deleted_project_for(project_id: int, minimum_role: str) -> ProjectAccess:
    """The same, of a project that was deleted, or may have been."""
    return _project_for(project_id, minimum_role, deleted=True)


def _project_for(project_id: int | None, minimum_role: str, *, deleted: bool) -> ProjectAccess:
    caller = current_caller()
    if project_id is None:
        project_id = caller.key_project_id or _only_project(caller)
    if project_id is None or not 0 < project_id <= _MAX_ID:
        raise NotFound(_NO_PROJECT)
    if caller.user_id is None and project_id != caller.key_project_id:
        raise NotFound(_NO_PROJECT)
    with session_scope() as session:
        project = session.get(Project, project_id)
        role = _role(session.get(Membership, (project_id, caller.user_id or 0)), caller)
    if project is None or role is None or (project.deleted_at is not None and not deleted):
        raise NotFound(_NO_PROJECT)
    if _ROLES.index(role) < _ROLES.index(minimum_role):
        raise Forbidden(f"This needs the role {minimum_role}; you are {role} in this project.")
    return ProjectAccess(project.id, project.name, project.timezone, role)


def _only_project(caller: Caller) -> int:
    with session_scope() as session:
        found = session.scalars(
            select(Project.id)
            .join(Membership, Membership.project_id == Project.id)
            .where(Membership.user_id == caller.user_id, Project.deleted_at.is_(None))
            .limit(2)
        ).all()
    if len(found) != 1:
        raise Unprocessable(
            "This path names no project.",
            errors={"project_id": ["Say which project: add project_id to the URL."]},
        )
    return found[0]


def _role(membership: Membership | None, caller: Caller) -> str | None:
    if caller.user_id is None:
        return "viewer"
    if caller.is_superuser:
        return "owner"  # of the installation, and so of all that is in it
    return membership.role if membership is not None else None


def _bearer() -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value.strip() else None


def _bearer_key() -> str | None:
    token = _bearer()
    return token if token and token[:3] in {"sk_", "pk_"} else None


def refuse_other_sites() -> None:
    """A browser names the page's origin with every unsafe call; ours is the only one allowed.

    Together with SameSite=Lax cookies this is the protection against cross-site request forgery
    (OWASP: "Verifying Origin With Standard Headers"), and of logins against being made by others.

    Raises:
        Forbidden: the call comes from another site's page.
    """
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is None:
        # Old browsers and programs; browsers that leave the origin out say at least this.
        same = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    else:
        own = {request.host, urlsplit(get_settings().public_url).netloc}
        try:
            same = urlsplit(origin).netloc in own
        except ValueError:
            same = False
    if not same:
        raise Forbidden("This call comes from another site's page.")
