"""Logging in, renewing a login, and logging out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, request

from services.auth.accounts import authenticate
from services.auth.lockout import Lockout
from services.auth.schemas import LoginAnswer, LoginRequest, UserAnswer
from shared.access import ACCESS_COOKIE, REFRESH_COOKIE, current_caller, get_sessions
from shared.blueprint import Blueprint
from shared.database import session_scope
from shared.errors import Unauthorized
from shared.models import User
from shared.redis_clients import get_cache
from shared.sessions import TokenPair
from shared.web import client_address, service_settings

blueprint = Blueprint("login", __name__, url_prefix="/api/v1/auth", description="Logging in")
user_blueprint = Blueprint("account", __name__, url_prefix="/api/v1/auth", description="Account")

# Readable by the page, so that it knows whether to show a login; it opens nothing.
_LOGGED_IN_COOKIE = "logged_in"


@blueprint.post("/login")
@blueprint.arguments(LoginRequest)
@blueprint.response(200, LoginAnswer)
def login(credentials: dict[str, str]) -> Response:
    """Log in; the tokens are set as cookies."""
    lockout = Lockout(get_cache(), credentials["email"], client_address())
    with session_scope() as session:
        user = authenticate(session, credentials["email"], credentials["password"], lockout)
    return _logged_in(user, get_sessions().open(user.id))


@blueprint.post("/refresh")
@blueprint.response(200, LoginAnswer)
def refresh() -> Response:
    """Renew a login by its refresh cookie; both tokens are replaced."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthorized("There is no login to renew. Log in again.")
    pair = get_sessions().renew(token)
    user_id = get_sessions().check(pair.access_token).user_id
    with session_scope() as session:
        user = session.get(User, user_id)
    if user is None or not user.is_active:
        raise Unauthorized("This account is closed. Ask the owner of the installation.")
    return _logged_in(user, pair)


@user_blueprint.post("/logout")
@user_blueprint.response(204)
def logout() -> Response:
    """End this login, here and wherever its tokens were copied to."""
    session_id = current_caller().session_id
    if session_id:
        get_sessions().end(session_id)
    response = make_response("", 204)
    for name in (ACCESS_COOKIE, REFRESH_COOKIE, _LOGGED_IN_COOKIE):
        response.delete_cookie(name, **_cookie_scope(name))
    return response


@user_blueprint.get("/me")
@user_blueprint.response(200, UserAnswer)
def me() -> User | None:
    """The account that is logged in."""
    with session_scope() as session:
        return session.get(User, current_caller().user_id)


def _logged_in(user: User, pair: TokenPair) -> Response:
    settings = service_settings()
    refresh_seconds = settings.refresh_token_expire_days * 86_400
    response = jsonify(LoginAnswer().dump({"user": user}))
    for name, value, http_only in (
        (ACCESS_COOKIE, pair.access_token, True),
        (REFRESH_COOKIE, pair.refresh_token, True),
        (_LOGGED_IN_COOKIE, "1", False),
    ):
        response.set_cookie(
            name, value, max_age=refresh_seconds, httponly=http_only, **_cookie_scope(name)
        )
    return response


def _cookie_scope(name: str) -> dict[str, Any]:
    return {
        "path": "/api/v1/auth" if name == REFRESH_COOKIE else "/",
        "secure": service_settings().cookie_secure,
        "samesite": "Lax",
    }
