"""What live views read from a request, and how they refuse one."""

from __future__ import annotations

import re

import msgspec
from aiohttp import web

from services.live.viewers import Credentials
from shared.auth.access import ACCESS_COOKIE, is_own_page
from shared.auth.internal_token import GATEWAY_HEADER, is_gateway
from shared.errors import (
    ErrorCode,
    Forbidden,
    NotFound,
    TidemarkError,
    Unauthorized,
    Unprocessable,
)
from shared.runtime.settings import get_settings
from shared.web.factory import error_body
from shared.web.request_scope import client_address

_POSITION = re.compile(r"[0-9]{1,15}-[0-9]{1,15}")
_MAX_ID = 2**31 - 1
_TRY_AGAIN_LATER = 1013
"""Close code of RFC 6455's registry; the others are 4000 and the HTTP status."""


def refuse_other_sites(request: web.Request) -> None:
    """Refuse pages of other sites: a browser shows the login cookie with their requests too.

    Raises:
        Forbidden: the request comes from another site's page.
    """
    origin = request.headers.get("Origin")
    if origin is None:  # a program, or the same site's page
        if request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}:
            return
    elif is_own_page(origin, request.host, request.headers.get("X-Forwarded-Proto")):
        return
    raise Forbidden(
        "This request comes from another site's page. Name its origin in CORS_ORIGINS.",
        code=ErrorCode.ORIGIN_NOT_ALLOWED,
    )


def key_of(request: web.Request) -> str | None:
    """Return the project key that the request shows in a header or its address; None: none."""
    return request.headers.get("X-API-Key") or _bearer(request) or request.query.get("key")


def client_address_of(request: web.Request) -> str:
    """Return the client's address, which the gateway tells."""
    environ = {
        "HTTP_X_REAL_IP": request.headers.get("X-Real-IP", ""),
        "REMOTE_ADDR": request.remote or "",
    }
    token = get_settings().gateway_token
    if token and not is_gateway(request.headers.get(GATEWAY_HEADER, ""), token):
        del environ["HTTP_X_REAL_IP"]
    return client_address(environ)


def credentials_of(request: web.Request) -> Credentials:
    """Return what the request shows: a ticket, a secret key, or an access token.

    Raises:
        Unauthorized: it is none, as it is not ASCII.
    """
    bearer = _bearer(request)
    is_key = bearer[:3] in {"sk_", "pk_"}
    shown = (
        request.query.get("ticket"),
        request.headers.get("X-API-Key") or (bearer if is_key else None) or None,
        ("" if is_key else bearer) or request.cookies.get(ACCESS_COOKIE) or None,
    )
    if not "".join(one or "" for one in shown).isascii():
        raise Unauthorized("The ticket, key or token is not valid. Request a new one.")
    return Credentials(*shown)


def _bearer(request: web.Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def project_id_of(request: web.Request) -> int | None:
    """Return the project that the path or the query names.

    Raises:
        NotFound: it is no number of a project.
    """
    text = request.match_info.get("project_id") or request.query.get("project_id")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 0 < int(text) <= _MAX_ID:
        raise NotFound("There is no such project, or you are not a member of it.")
    return int(text)


def community_id_of(request: web.Request) -> str | None:
    """Return the community whose visitors are wanted; None: those of all.

    Raises:
        Unprocessable: no community can have this id.
    """
    community_id = request.query.get("community_id") or None
    if community_id is not None and "\x00" in community_id:
        raise Unprocessable(
            "The field community_id is invalid. Remove the character NUL.",
            errors={"community_id": ["Contains NUL."]},
        )
    return community_id


def position_of(request: web.Request) -> str | None:
    """Return the position from which the reader wants to go on.

    Raises:
        Unprocessable: it is not one.
    """
    position = request.headers.get("Last-Event-ID") or request.query.get("after")
    if position is not None and not _POSITION.fullmatch(position):
        raise Unprocessable(
            "The field after is invalid. Send the field resume of the last message.",
            errors={"after": ["Is not a position."]},
        )
    return position


def error_response(request: web.Request, error: TidemarkError) -> web.Response:
    """Return the response of an error, in the form of every service's."""
    of_request = request.headers.get("X-Request-ID", "")
    body = error_body(error.status, error.code, error.message, error.errors, of_request)
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return web.Response(
        status=error.status,
        body=msgspec.json.encode(body),
        content_type="application/json",
        headers=headers,
    )


def close_code(error: TidemarkError) -> int:
    """Return the WebSocket close code of an error."""
    return _TRY_AGAIN_LATER if error.status == 503 else 4000 + error.status


def close_reason(error: TidemarkError) -> bytes:
    """Return the reason of a close frame, which has room for 123 bytes: the error's code."""
    return error.code.value.encode()
