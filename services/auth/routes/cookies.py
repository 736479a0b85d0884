"""The cookies of a login."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.auth.lockout import Lockout
from shared.auth.access import ACCESS_COOKIE, REFRESH_COOKIE, get_sessions
from shared.auth.login_sessions import Client, TokenPair
from shared.models import User
from shared.runtime.redis_clients import get_cache
from shared.web.factory import client_address, service_settings

# Readable by the page, so that it knows whether to show a login; it opens nothing.
LOGGED_IN_COOKIE = "logged_in"
# Of an identity that is linked once its holder has logged in by password.
LINK_COOKIE = "oidc_link"
REFRESH_PATH = "/api/v1/auth"
_COOKIES = (ACCESS_COOKIE, REFRESH_COOKIE, LOGGED_IN_COOKIE)


def open_session(user: User) -> TokenPair:
    """Start a login from the client that is asking."""
    client = Client(client_address(), request.headers.get("User-Agent", ""))
    return get_sessions().open(user.id, version=user.session_version, client=client)


def set_cookies(response: Response, pair: TokenPair) -> Response:
    """Hand a login out to a browser."""
    seconds = service_settings().refresh_token_expire_days * 86_400
    for name, value in zip(_COOKIES, (pair.access_token, pair.refresh_token, "1"), strict=True):
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            httponly=name != LOGGED_IN_COOKIE,
            **cookie_scope(name),
        )
    return response


def delete_cookies(response: Response) -> Response:
    """Have a browser forget its login."""
    for name in _COOKIES:
        response.delete_cookie(name, **cookie_scope(name))
    return response


def cookie_scope(name: str) -> dict[str, Any]:
    """Where a cookie is sent."""
    return {
        "path": REFRESH_PATH if name == REFRESH_COOKIE else "/",
        "secure": service_settings().cookie_secure,
        "samesite": "Lax",
    }


def lockout_for(email: str) -> Lockout:
    """What counts the wrong passwords of an account from the client that is asking."""
    return Lockout(
        get_cache(),
        email,
        client_address(),
        failures_per_minute=service_settings().login_failures_per_minute,
    )
