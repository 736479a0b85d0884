"""Signing in at the OpenID Connect provider: there, and back. Both are visited by the browser."""

from __future__ import annotations

import hmac
import logging
from functools import cache
from urllib.parse import urlencode

from flask import Response, redirect, request

from services.auth.lockout import limit_per_minute
from services.auth.oidc import STATE_SECONDS, Provider, SignInRefused, keep_for_login
from services.auth.routes.cookies import (
    LINK_COOKIE,
    REFRESH_PATH,
    open_session,
    set_cookies,
)
from services.auth.schemas import OidcCallbackQuery, OidcStartQuery
from services.auth.sso import LoginFirst, sign_in
from shared.errors import NotFound, TooManyRequests, Unavailable
from shared.runtime.database import session_scope
from shared.runtime.redis_clients import get_cache
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint
from shared.web.factory import client_address, service_settings

log = logging.getLogger(__name__)
blueprint = Blueprint(
    "oidc", __name__, url_prefix="/api/v1/auth/oidc", description="Signing in elsewhere"
)
_STATE_COOKIE = "oidc_state"
_STARTS_PER_MINUTE = 60
_FOUND = {"description": "Go on at the address in `Location`."}


@cache
def get_provider() -> Provider:
    """The provider of this installation, which this process remembers."""
    return Provider(get_settings())


@blueprint.get("/start")
@blueprint.arguments(OidcStartQuery, location="query")
@blueprint.doc(responses={"302": _FOUND})
def start(wanted: dict[str, str]) -> Response:
    """Go to the provider."""
    _must_be_configured()
    try:
        limit_per_minute(get_cache(), "oidc-starts", client_address(), _STARTS_PER_MINUTE)
        url, state = get_provider().begin(get_cache(), _local(wanted["next"]))
    except (Unavailable, TooManyRequests, SignInRefused) as error:
        return _back_to_login(error)
    return _with_cookie(redirect(url), _STATE_COOKIE, state, str(blueprint.url_prefix))  # type: ignore[arg-type]


@blueprint.get("/callback")
@blueprint.arguments(OidcCallbackQuery, location="query")
@blueprint.doc(responses={"302": _FOUND})
def callback(answer: dict[str, str]) -> Response:
    """Come back from the provider; the tokens are set as cookies, as a login sets them."""
    _must_be_configured()
    mine = request.cookies.get(_STATE_COOKIE, "")
    try:
        if not hmac.compare_digest(mine.encode(), answer.get("state", "").encode()):
            raise SignInRefused("expired", "This sign-in was begun elsewhere. Begin anew.")
        identity, started = get_provider().finish(get_cache(), answer)
        with session_scope() as session:
            user = sign_in(session, identity, service_settings(), address=client_address())
        pair = open_session(user)
    except LoginFirst as error:
        kept = keep_for_login(get_cache(), error.identity)
        response = _with_cookie(_back_to_login(error), LINK_COOKIE, kept, REFRESH_PATH)
        return _forget_state(response)
    except (Unavailable, SignInRefused) as error:
        return _forget_state(_back_to_login(error))
    return _forget_state(set_cookies(redirect(started.next_path), pair))  # type: ignore[arg-type]


def _must_be_configured() -> None:
    if not service_settings().oidc_issuer:
        raise NotFound("This installation has no provider to sign in at.")


def _local(path: str) -> str:
    """A path of ours; anything that a browser could take for another site leads home."""
    plain = path.isprintable() and path.isascii() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def _back_to_login(error: Unavailable | TooManyRequests | SignInRefused) -> Response:
    """The login page tells why, by one word; the log has the rest."""
    reason = error.reason if isinstance(error, SignInRefused) else "away"
    log.warning("signing in elsewhere failed: %s: %s", reason, error.message)
    return redirect(f"/login?{urlencode({'sign_in': reason})}")  # type: ignore[return-value]


def _with_cookie(response: Response, name: str, value: str, path: str) -> Response:
    response.set_cookie(
        name,
        value,
        max_age=STATE_SECONDS,
        path=path,
        httponly=True,
        secure=service_settings().cookie_secure,
        # Lax, not Strict: the provider's page sends the browser back to us.
        samesite="Lax",
    )
    return response


def _forget_state(response: Response) -> Response:
    response.delete_cookie(
        _STATE_COOKIE,
        path=str(blueprint.url_prefix),
        httponly=True,
        secure=service_settings().cookie_secure,
        samesite="Lax",
    )
    return response
