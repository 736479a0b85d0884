"""For those who are not logged in (yet): registering, logging in, renewing a login."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from services.auth import account_store, audit, invitations
from services.auth.accounts import Credentials, actor_of, authenticate
from services.auth.audit import Actor
from services.auth.lockout import limit_per_minute
from services.auth.member_schemas import (
    InvitationTokenRequest,
    InvitationView,
)
from services.auth.oidc import take_kept
from services.auth.registration import register
from services.auth.routes.cookies import (
    LINK_COOKIE,
    REFRESH_PATH,
    lockout_for,
    open_session,
    set_cookies,
)
from services.auth.schemas import (
    FormLoginRequest,
    LoginAnswer,
    LoginRequest,
    RegisterRequest,
    RegistrationAnswer,
    TokenAnswer,
)
from services.auth.sso import link_after_login
from shared.auth.access import REFRESH_COOKIE, get_sessions
from shared.auth.login_sessions import TokenPair
from shared.errors import Unauthorized
from shared.models import Project, User
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.web.blueprint import Blueprint
from shared.web.factory import client_address, service_settings

blueprint = Blueprint("login", __name__, url_prefix="/api/v1/auth", description="Logging in")


@blueprint.get("/registration")
@blueprint.response(200, RegistrationAnswer)
def registration() -> dict[str, str | None]:
    """Who may register, and whether one can sign in elsewhere."""
    settings = service_settings()
    with session_scope() as session:
        first = account_store.count_users(session) == 0
    return {
        "registration": "first" if first else settings.registration,
        "sign_in_with": settings.oidc_name if settings.oidc_issuer else None,
    }


@blueprint.post("/register")
@blueprint.arguments(RegisterRequest)
@blueprint.response(201, LoginAnswer)
def register_account(wanted: dict[str, Any]) -> tuple[Response, int]:
    """Make an account and log in; the first one owns the installation."""
    settings = service_settings()
    limit_per_minute(
        get_cache(), "registrations", client_address(), settings.registrations_per_minute
    )
    with session_scope() as session:
        user = register(
            session,
            email=wanted["email"],
            name=wanted["name"],
            password=wanted["password"],
            token=wanted["invitation"],
            mode=settings.registration,
            address=client_address(),
        )
    return _logged_in(user, open_session(user)), 201


@blueprint.post("/login")
@blueprint.arguments(LoginRequest)
@blueprint.response(200, LoginAnswer)
def login(given: dict[str, Any]) -> Response:
    """Log in; the tokens are set as cookies. 401 names `code` where a second factor is needed."""
    user = _authenticate(Credentials(given["email"], given["password"], given["code"]))
    kept = request.cookies.get(LINK_COOKIE)
    identity = take_kept(get_cache(), kept) if kept else None
    if identity is not None:
        with session_scope() as session:
            link_after_login(session, identity, user, client_address())
    response = _logged_in(user, open_session(user))
    if kept:
        response.delete_cookie(LINK_COOKIE, path=REFRESH_PATH)
    return response


@blueprint.post("/login/form")
@blueprint.arguments(FormLoginRequest, location="form")
@blueprint.response(200, TokenAnswer)
def form_login(given: dict[str, Any]) -> dict[str, Any]:
    """Log in by an OAuth 2 password form; the answer is a Bearer token, and no cookie is set."""
    user = _authenticate(Credentials(given["username"], given["password"], given["code"]))
    return {
        "access_token": open_session(user).access_token,
        "token_type": "bearer",
        "expires_in": service_settings().access_token_expire_minutes * 60,
    }


@blueprint.post("/refresh")
@blueprint.response(200, LoginAnswer)
def refresh() -> Response:
    """Renew a login by its refresh cookie; both tokens are replaced."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthorized("There is no login to renew. Log in again.")
    pair = get_sessions().renew(token)
    claims = get_sessions().check(pair.access_token)
    with session_scope() as session:
        user = session.get(User, claims.user_id)
    if user is None or not user.is_active or user.session_version != claims.version:
        get_sessions().end(claims.session_id)
        raise Unauthorized("This login has ended. Log in again.")
    return _logged_in(user, pair)


@blueprint.post("/invitations/look")
@blueprint.arguments(InvitationTokenRequest)
@blueprint.response(200, InvitationView)
def look_at_invitation(given: dict[str, str]) -> dict[str, Any]:
    """What an invitation's link is good for."""
    with session_scope() as session:
        invitation = invitations.find(session, given["token"])
        project = session.get(Project, invitation.project_id or 0)
        account = account_store.user_by_email(session, invitation.email)
    return {
        "email": invitation.email,
        "role": invitation.role,
        "project_name": project.name if project else None,
        "has_account": account is not None,
        "expires_at": invitation.expires_at,
    }


def _authenticate(given: Credentials) -> User:
    """Let somebody in, and have both outcomes in the log of the installation."""
    try:
        with session_scope() as session:
            user = authenticate(
                session, given, lockout_for(given.email), service_settings().secret_key
            )
            audit.record(session, actor_of(user, client_address()), "login.succeeded")
    except Unauthorized as error:
        _record_failure(given.email, error)
        raise
    return user


def _record_failure(email: str, error: Unauthorized) -> None:
    """Of accounts that exist: what strangers make up must not fill the log."""
    with session_scope() as session:
        account_store.do_not_wait_for_the_disk(session)
        user = account_store.user_by_email(session, email)
        if user is not None:
            stranger = Actor(None, user.email, client_address())
            audit.record(session, stranger, "login.failed", why=error.message)


def _logged_in(user: User, pair: TokenPair) -> Response:
    return set_cookies(jsonify(LoginAnswer().dump({"user": user})), pair)
