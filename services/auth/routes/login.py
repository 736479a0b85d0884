"""Registering, logging in and renewing a login: routes for callers who are not logged in."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from services.auth.accounts import logins
from services.auth.accounts.accounts import Credentials, log_in
from services.auth.accounts.oidc import pop_pending_login
from services.auth.accounts.registration import is_invited, register, registration_mode
from services.auth.accounts.schemas import (
    FormLoginRequest,
    LoginRequest,
    LoginResponse,
    RegisterRequest,
    RegistrationResponse,
    TokenResponse,
)
from services.auth.accounts.sso import link_after_login
from services.auth.lockout import limit_per_minute
from services.auth.members import invitations
from services.auth.members.invitations import InvitationPreview
from services.auth.members.schemas import InvitationPreviewResponse, InvitationTokenRequest
from services.auth.routes.cookies import (
    LINK_COOKIE,
    REFRESH_PATH,
    lockout_for,
    set_cookies,
    start_login_session,
)
from shared.auth.access import REFRESH_COOKIE
from shared.auth.login_sessions import TokenPair
from shared.errors import Unauthorized
from shared.models import User
from shared.runtime.redis_clients import get_login_redis
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings
from shared.web.request_scope import client_address

blueprint = Blueprint("login", __name__, url_prefix="/api/v1/auth", description="Signing in")


@blueprint.get("/registration")
@blueprint.response(200, RegistrationResponse)
def get_registration() -> dict[str, str | None]:
    """Get who may register, and the name of the sign-in provider."""
    settings = service_settings()
    return {
        "registration": registration_mode(settings.registration),
        "sign_in_with": settings.oidc_name if settings.oidc_issuer else None,
    }


@blueprint.post("/register")
@blueprint.arguments(RegisterRequest)
@blueprint.response(201, LoginResponse)
def register_account(fields: dict[str, Any]) -> tuple[Response, int]:
    """Register an account and sign in. The first account owns the installation."""
    settings = service_settings()
    # Invited people may share an address, such as that of an office.
    if not is_invited(fields["email"], fields["invitation"]):
        limit_per_minute(
            get_login_redis(),
            "registrations",
            client_address(),
            settings.registrations_per_minute,
        )
    user = register(
        email=fields["email"],
        name=fields["name"],
        password=fields["password"],
        token=fields["invitation"],
        mode=settings.registration,
        address=client_address(),
    )
    return _logged_in(user, start_login_session(user)), 201


@blueprint.post("/login")
@blueprint.arguments(LoginRequest)
@blueprint.response(200, LoginResponse)
def login(given: dict[str, Any]) -> Response:
    """Sign in and set the cookies. 401 with `second_factor_required` asks for a code as well."""
    user = _log_in(Credentials(given["email"], given["password"], given["code"]))
    link_token = request.cookies.get(LINK_COOKIE)
    identity = pop_pending_login(get_login_redis(), link_token) if link_token else None
    if identity is not None:
        link_after_login(identity, user, client_address())
    response = _logged_in(user, start_login_session(user))
    if link_token:
        response.delete_cookie(LINK_COOKIE, path=REFRESH_PATH)
    return response


@blueprint.post("/login/form")
@blueprint.arguments(FormLoginRequest, location="form")
@blueprint.response(200, TokenResponse)
def form_login(given: dict[str, Any]) -> dict[str, Any]:
    """Sign in with an OAuth 2 password form. The response has a Bearer token; no cookie is set."""
    user = _log_in(Credentials(given["username"], given["password"], given["code"]))
    return {
        "access_token": start_login_session(user).access_token,
        "token_type": "bearer",
        "expires_in": service_settings().access_token_expire_minutes * 60,
    }


@blueprint.post("/refresh")
@blueprint.response(200, LoginResponse)
def refresh() -> Response:
    """Renew a login with its refresh cookie. Both tokens are replaced."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthorized("There is no login to renew. Sign in again.")
    user, pair = logins.renew_login(token)
    return _logged_in(user, pair)


@blueprint.post("/invitations/look")
@blueprint.arguments(InvitationTokenRequest)
@blueprint.response(200, InvitationPreviewResponse)
def preview_invitation(given: dict[str, str]) -> InvitationPreview:
    """Get what an invitation is for, by the token of its link."""
    return invitations.preview_invitation(given["token"])


def _log_in(credentials: Credentials) -> User:
    return log_in(
        credentials,
        lockout_for(credentials.email),
        secret_key=service_settings().secret_key,
        address=client_address(),
    )


def _logged_in(user: User, pair: TokenPair) -> Response:
    return set_cookies(jsonify(LoginResponse().dump({"user": user})), pair)
