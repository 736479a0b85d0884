"""Sign-in with the OpenID Connect provider: the browser visits both routes, there and back."""

from __future__ import annotations

import hmac
import logging
from functools import cache
from urllib.parse import urlencode

from flask import Response, redirect, request

from services.auth.accounts.oidc import (
    STATE_SECONDS,
    Provider,
    SignInFailure,
    SignInRefused,
    store_pending_login,
)
from services.auth.accounts.schemas import OidcCallbackQuery, OidcStartQuery
from services.auth.accounts.sso import LinkRequiresLogin, sign_in
from services.auth.lockout import limit_per_minute
from services.auth.routes.cookies import (
    LINK_COOKIE,
    REFRESH_PATH,
    set_cookies,
    start_login_session,
)
from shared.errors import NotFound, TooManyRequests, Unavailable
from shared.runtime.redis_clients import get_login_redis
from shared.runtime.settings import get_settings
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings
from shared.web.request_scope import client_address

log = logging.getLogger(__name__)
blueprint = Blueprint(
    "oidc", __name__, url_prefix="/api/v1/auth/oidc", description="Single sign-on"
)
_STATE_COOKIE = "oidc_state"
_STARTS_PER_MINUTE = 60
_FOUND = {"description": "Redirect to the address in `Location`."}


@cache
def get_provider() -> Provider:
    """Return the provider of this installation, cached in this process."""
    return Provider(get_settings())


@blueprint.get("/start")
@blueprint.arguments(OidcStartQuery, location="query")
@blueprint.doc(responses={"302": _FOUND})
def start(query: dict[str, str]) -> Response:
    """Redirect to the sign-in provider."""
    _must_be_configured()
    try:
        limit_per_minute(get_login_redis(), "oidc-starts", client_address(), _STARTS_PER_MINUTE)
        url, state = get_provider().begin(get_login_redis(), _local(query["next"]))
    except (Unavailable, TooManyRequests, SignInRefused) as error:
        return _back_to_login(error)
    return _with_cookie(redirect(url), _STATE_COOKIE, state, str(blueprint.url_prefix))  # type: ignore[arg-type]


@blueprint.get("/callback")
@blueprint.arguments(OidcCallbackQuery, location="query")
@blueprint.doc(responses={"302": _FOUND})
def callback(answer: dict[str, str]) -> Response:
    """Complete the sign-in and set the cookies, then redirect to the dashboard."""
    _must_be_configured()
    state_cookie = request.cookies.get(_STATE_COOKIE, "")
    try:
        if not hmac.compare_digest(state_cookie.encode(), answer.get("state", "").encode()):
            raise SignInRefused(
                "expired", "This sign-in was started in another browser. Start again."
            )
        identity, pending = get_provider().finish(get_login_redis(), answer)
        user = sign_in(identity, service_settings(), address=client_address())
        pair = start_login_session(user)
    except LinkRequiresLogin as error:
        token = store_pending_login(get_login_redis(), error.identity)
        response = _with_cookie(_back_to_login(error), LINK_COOKIE, token, REFRESH_PATH)
        return _forget_state(response)
    except (Unavailable, SignInRefused) as error:
        return _forget_state(_back_to_login(error))
    return _forget_state(set_cookies(redirect(pending.next_path), pair))  # type: ignore[arg-type]


def _must_be_configured() -> None:
    if not service_settings().oidc_issuer:
        raise NotFound("This installation has no sign-in provider. Sign in with a password.")


def _local(path: str) -> str:
    """Return the path if it is local; ``/`` for anything that could lead to another site."""
    plain = path.isprintable() and path.isascii() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def _back_to_login(error: Unavailable | TooManyRequests | SignInRefused) -> Response:
    """Redirect to the login page with the reason in one word; the log has the details."""
    reason: SignInFailure = error.reason if isinstance(error, SignInRefused) else "away"
    log.warning("sign-in with the provider failed: %s: %s", reason, error.message)
    return redirect(f"/login?{urlencode({'sign_in': reason})}")  # type: ignore[return-value]


def _with_cookie(response: Response, name: str, value: str, path: str) -> Response:
    response.set_cookie(
        name,
        value,
        max_age=STATE_SECONDS,
        path=path,
        httponly=True,
        secure=service_settings().cookie_secure,
        # Lax, not Strict: the provider's page redirects the browser here.
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
