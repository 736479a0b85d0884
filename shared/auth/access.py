"""Authenticate callers and check their access to projects.

Each blueprint names its guard where it is registered; a route that needs a project calls
``project_for``.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import g, request
from sqlalchemy import Integer, bindparam, literal_column, select
from sqlalchemy.orm import Session, load_only

from shared.auth.api_keys import SECRET_PREFIX, key_hash
from shared.auth.call_limit import call_limit
from shared.auth.charged_account import ANONYMOUS, charged_account, readers_of_links
from shared.auth.first_owner import first_owner, first_owner_sql
from shared.auth.login_sessions import get_login_sessions
from shared.auth.roles import is_at_least
from shared.auth.valid_keys import valid_key
from shared.errors import ErrorCode, Forbidden, NotFound, Unauthorized, Unprocessable
from shared.models import ApiKey, Membership, Project, User
from shared.runtime.database import session_scope
from shared.runtime.settings import get_settings

ACCESS_COOKIE = "access_token"
REFRESH_COOKIE = "refresh_token"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

_MAX_ID = 2**31 - 1
_LOGIN_COLUMNS = (
    User.id, User.email, User.is_active, User.is_superuser, User.session_version
)  # fmt: skip
_NO_PROJECT = "There is no such project, or you are not a member of it."


@dataclass(frozen=True, slots=True)
class Caller:
    """A logged-in user, or the holder of a project's secret key (then ``user_id`` is None)."""

    user_id: int | None
    is_superuser: bool = False
    login_session_id: str | None = None
    key_project_id: int | None = None
    email: str = ""
    login_version: int = 0
    """Version of the account's logins when this one was created."""


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """A project that the caller may see, with the caller's role."""

    project_id: int
    name: str
    timezone: str
    role: str


def require_user() -> None:
    """Guard a blueprint: require a user with a valid login.

    Raises:
        Unauthorized: there is no login, or it has ended.
        Forbidden: the request has a login cookie and comes from another site's page.
        TooManyRequests: the user makes too many calls a second, whatever the login or address.
    """
    token = _bearer()
    if token is None:
        token = request.cookies.get(ACCESS_COOKIE)
        refuse_other_sites()
    if not token:
        raise Unauthorized("Sign in first. This path needs a login cookie or a Bearer token.")
    g.caller = caller_of_token(token)
    charged_account.set(g.caller.user_id)


def caller_of_token(token: str) -> Caller:
    """Return the user whose valid access token this is.

    Raises:
        Unauthorized: the token is not valid, the login has ended, or the account is deactivated.
        TooManyRequests: the user makes too many calls a second, whatever the login or address.
    """
    claims = get_login_sessions().check(token)
    call_limit().count(f"user:{claims.user_id}")
    with session_scope() as session:
        user = _active_user(session, claims.user_id)
        if user.session_version != claims.version:
            raise Unauthorized("This login has ended. Sign in again.", code=ErrorCode.LOGIN_EXPIRED)
        return Caller(
            user.id,
            user.is_superuser,
            claims.session_id,
            email=user.email,
            login_version=claims.version,
        )


def caller_of_login(user_id: int, login_session_id: str, login_version: int) -> Caller:
    """Return a user who was authenticated before, if the login has not ended since.

    Args:
        user_id: the user.
        login_session_id: of the login.
        login_version: the version of the account's logins when this one was created.

    Raises:
        Unauthorized: the login has ended, or the account is deactivated.
        Unavailable: Redis does not answer, so that revocation cannot be checked.
    """
    if not get_login_sessions().is_open(login_session_id):
        raise Unauthorized("This login has ended. Sign in again.", code=ErrorCode.LOGIN_EXPIRED)
    with session_scope() as session:
        user = _active_user(session, user_id)
        if user.session_version != login_version:
            raise Unauthorized("This login has ended. Sign in again.", code=ErrorCode.LOGIN_EXPIRED)
        return Caller(
            user.id,
            user.is_superuser,
            login_session_id,
            email=user.email,
            login_version=login_version,
        )


def _active_user(session: Session, user_id: int) -> User:
    # The query service's role in PostgreSQL may read these columns alone.
    user = session.get(User, user_id, options=[load_only(*_LOGIN_COLUMNS)])
    if user is None or not user.is_active:
        raise Unauthorized(
            "This account is deactivated. Ask an owner of this server.",
            code=ErrorCode.ACCOUNT_CLOSED,
        )
    return user


def require_superuser() -> None:
    """Guard a blueprint: require an owner of the installation.

    Raises:
        Unauthorized: there is no valid login.
        Forbidden: the account does not own the installation.
    """
    require_user()
    if not current_caller().is_superuser:
        raise Forbidden("Only an owner of the installation may do this. Ask one of them.")


def require_reader() -> None:
    """Guard a blueprint of reads: require a logged-in user or a project's secret key.

    Raises:
        Unauthorized: neither was sent, or it is invalid or has expired.
        Forbidden: a public key was sent; it can only write.
        TooManyRequests: the user, or all secret keys of the project, make too many calls a second.
    """
    key = request.headers.get("X-API-Key") or _bearer_key()
    if key is None:
        require_user()
        return
    caller, owner_id = holder_of_key(key)
    g.caller = caller
    charged_account.set(owner_id or ANONYMOUS)


def caller_of_key(key: str) -> Caller:
    """Return the holder of a project's secret key.

    Raises:
        Unauthorized: the key is invalid, was revoked or has expired.
        Forbidden: it is a public key, which can only write.
        TooManyRequests: all secret keys of the project make too many calls a second.
    """
    return holder_of_key(key)[0]


def holder_of_key(key: str) -> tuple[Caller, int | None]:
    """Return the holder of a secret key as ``caller_of_key``, and the first owner of its project.

    Raises:
        Unauthorized, Forbidden, TooManyRequests: as ``caller_of_key``.
    """
    if not key.startswith(SECRET_PREFIX):
        raise Forbidden(
            "A public key can only write events. Use a secret key or a login to read.",
            code=ErrorCode.INVALID_KEY,
        )
    with session_scope() as session:
        found = session.execute(_HOLDER_OF_KEY, {"key_hash": key_hash(key)}).one_or_none()
    if found is None:
        raise Unauthorized(
            "This secret key is invalid, was revoked or has expired. "
            "Use a key from the project's settings.",
            code=ErrorCode.INVALID_KEY,
        )
    project_id, owner_id = found
    call_limit().count(f"project:{project_id}")
    return Caller(None, key_project_id=project_id), owner_id


def charge_owner(project_id: int) -> None:
    """Charge the current request to the first owner of a project, as one with its secret key is."""
    with session_scope() as session:
        owner_id = first_owner(session, project_id)
    charged_account.set(owner_id or ANONYMOUS)


def charge_readers_of_links(session: Session, project_id: int) -> None:
    """Charge the current request to all readers of public links of the project's first owner."""
    owner_id = first_owner(session, project_id)
    charged_account.set(readers_of_links(owner_id) if owner_id else ANONYMOUS)


# Built once: each read with a secret key runs it.
_HOLDER_OF_KEY = select(
    ApiKey.project_id,
    literal_column(first_owner_sql("api_keys.project_id"), Integer),
).where(ApiKey.key_hash == bindparam("key_hash"), ApiKey.kind == "secret", valid_key())


# Security schemes of the guarded operations in the OpenAPI document (shared/web/factory.py).
require_user.security = ("LoginCookie", "Login")  # type: ignore[attr-defined]
require_superuser.security = ("LoginCookie", "Login")  # type: ignore[attr-defined]
require_reader.security = ("ProjectKey", "LoginCookie", "Login")  # type: ignore[attr-defined]


def current_caller() -> Caller:
    """Return the caller that the blueprint's guard has authenticated."""
    caller: Caller = g.caller
    return caller


def project_for(project_id: int | None, minimum_role: str = "viewer") -> ProjectAccess:
    """Return access to a project; None means a secret key's own project or a user's only one.

    Sample projects count as a user's only where they are named.

    Raises:
        Unprocessable: none is named, and the user is a member of no project or of several.
        NotFound: the project does not exist, or the caller may not see it.
        Forbidden: the caller's role is lower than the minimum.
    """
    return access_of(current_caller(), project_id, minimum_role)


def deleted_project_for(project_id: int, minimum_role: str) -> ProjectAccess:
    """Return access to a project that may have been deleted; see ``project_for``."""
    return access_of(current_caller(), project_id, minimum_role, deleted=True)


def access_of(
    caller: Caller, project_id: int | None, minimum_role: str = "viewer", *, deleted: bool = False
) -> ProjectAccess:
    """Return a caller's access to a project; see ``project_for`` and ``deleted_project_for``."""
    if project_id is None:
        project_id = caller.key_project_id or _only_project(caller)
    if project_id is None or not 0 < project_id <= _MAX_ID:
        raise NotFound(_NO_PROJECT)
    if caller.user_id is None and project_id != caller.key_project_id:
        raise NotFound(_NO_PROJECT)
    with session_scope() as session:
        project = session.get(Project, project_id)
        role = _role(session, project_id, caller)
    if project is None or role is None or (project.deleted_at is not None and not deleted):
        raise NotFound(_NO_PROJECT)
    if not is_at_least(role, minimum_role):
        raise Forbidden(
            f"This needs the role {minimum_role}; your role in this project is {role}. "
            "Ask an owner or admin of the project.",
            code=ErrorCode.ROLE_TOO_LOW,
        )
    return ProjectAccess(project.id, project.name, project.timezone, role)


def _only_project(caller: Caller) -> int:
    with session_scope() as session:
        found = session.scalars(
            select(Project.id)
            .join(Membership, Membership.project_id == Project.id)
            .where(
                Membership.user_id == caller.user_id,
                Project.deleted_at.is_(None),
                Project.is_sample.is_(False),
            )
            .limit(2)
        ).all()
    if len(found) != 1:
        raise Unprocessable(
            "The request names no project. Name one in project_id.",
            code=ErrorCode.PROJECT_REQUIRED,
            errors={"project_id": ["Is required, because you are not a member of exactly one."]},
        )
    return found[0]


def _role(session: Session, project_id: int, caller: Caller) -> str | None:
    if caller.user_id is None:
        return "viewer"
    if caller.is_superuser:
        return "owner"  # owners of the installation own every project
    membership = session.get(Membership, (project_id, caller.user_id))
    return membership.role if membership is not None else None


def _bearer() -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value.strip() else None


def _bearer_key() -> str | None:
    token = _bearer()
    return token if token and token[:3] in {"sk_", "pk_"} else None


def refuse_other_sites() -> None:
    """Refuse unsafe requests from pages of other sites, by the origin that browsers send.

    Together with SameSite=Lax cookies this protects against cross-site request forgery (OWASP:
    "Verifying Origin With Standard Headers"), including forged logins. Pages that ``CORS_ORIGINS``
    names are trusted.

    Raises:
        Forbidden: the request comes from another site's page.
    """
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is None:
        # Programs send neither header; browsers that omit Origin send this one.
        same = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    else:
        same = is_own_page(origin, request.host, request.headers.get("X-Forwarded-Proto"))
    if not same:
        raise Forbidden(
            "This request comes from another site's page. Send it from Tidemark's own pages.",
            code=ErrorCode.ORIGIN_NOT_ALLOWED,
        )


def is_own_page(origin: str, host: str, forwarded_scheme: str | None) -> bool:
    """Return whether an origin is a page of Tidemark, or one that ``CORS_ORIGINS`` trusts.

    The HTTP twin of a page is not, where TLS is used: whoever sits on the line can answer for
    ``http://`` of any host. ``https://`` is accepted everywhere: a proxy that ends TLS may not be
    named in TRUSTED_PROXIES.

    Args:
        origin: as the browser sent it.
        host: of the request.
        forwarded_scheme: ``X-Forwarded-Proto`` of the request.
    """
    settings = get_settings()
    public = urlsplit(settings.public_url)
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    if origin.lower() in tuple(settings.cors_origins):
        return True
    if page.scheme == "https":
        return page.netloc in {host, public.netloc}
    if page.scheme != "http" or forwarded_scheme == "https":
        return False
    if page.netloc == public.netloc:
        return public.scheme == "http"
    return page.netloc == host
