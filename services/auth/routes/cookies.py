"""The cookies of a login, and starting a login from the current request."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.auth.lockout import Lockout
from shared.auth.access import ACCESS_COOKIE, REFRESH_COOKIE
from shared.auth.login_sessions import Client, TokenPair, get_login_sessions
from shared.models import User
from shared.runtime.redis_clients import get_login_redis
from shared.web.factory import service_settings
from shared.web.request_scope import client_address

# Readable by the page, so that it knows whether to show the login form; it grants no access.
LOGGED_IN_COOKIE = "logged_in"
# Token of an identity that is linked once its owner has logged in by password.
LINK_COOKIE = "oidc_link"
REFRESH_PATH = "/api/v1/auth"
_COOKIES = (ACCESS_COOKIE, REFRESH_COOKIE, LOGGED_IN_COOKIE)


def start_login_session(user: User) -> TokenPair:
    """Start a login session for the client of the current request."""
    client = Client(client_address(), request.headers.get("User-Agent", ""))
    return get_login_sessions().open(user.id, version=user.session_version, client=client)


def set_cookies(response: Response, pair: TokenPair) -> Response:
    """Set the cookies of a login."""
    seconds = service_settings().refresh_token_expire_days * 86_400
    for name, value in zip(_COOKIES, (pair.access_token, pair.refresh_token, "1"), strict=True):
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            httponly=name != LOGGED_IN_COOKIE,
            **_attributes(name),
        )
    return response


def delete_cookies(response: Response) -> Response:
    """Delete the cookies of a login."""
    for name in _COOKIES:
        response.delete_cookie(name, **_attributes(name))
    return response


def lockout_for(email: str) -> Lockout:
    """Return the counter of wrong passwords of an account from the current request's client."""
    return Lockout(
        get_login_redis(),
        email,
        client_address(),
        failures_per_minute=service_settings().login_failures_per_minute,
    )


def _attributes(name: str) -> dict[str, Any]:
    """Return the attributes that say where the browser sends a cookie."""
    return {
        "path": REFRESH_PATH if name == REFRESH_COOKIE else "/",
        "secure": service_settings().cookie_secure,
        "samesite": "Lax",
    }
