"""CORS: which pages of other origins may call, and read the responses.

Pages of any site call ingest and flags with a public key. These services read no cookies. Whether
a page may send events is decided by the project's allowed origins, once the key is known. A
preflight carries no key and is always granted.

The other services read logins, so only the origins of the setting ``CORS_ORIGINS`` may call them.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, request
from werkzeug.datastructures import Headers

_METHODS = "GET, POST, PUT, OPTIONS"
_METHODS_OF_READERS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_HEADERS = "Authorization, Content-Encoding, Content-Type, If-None-Match, X-API-Key"
_EXPOSED = "ETag, Retry-After, RateLimit, RateLimit-Policy, X-Request-ID"
_EXPOSED_TO_READERS = (
    "Content-Disposition, Retry-After, X-Answer-Expired, X-Answer-From, X-Answer-Source, "
    "X-Answer-Timezone, X-Answer-To, X-Export-Events, X-Request-ID"
)
_MAX_CHARACTERS = 1000


def allow_origins(response: Response) -> Response:
    """Add the CORS headers to a response, errors included, so that a page can read the reason.

    The origin is mirrored, because browsers reject a star for requests with credentials. A page
    that the project does not allow (403) gets no headers, so its browser hides the response.
    """
    headers = response.headers
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is not None and response.status_code == 403:
        headers["Vary"] = "Origin"
        return response
    for name, value in headers_for_origin(origin):
        headers[name] = value
    if origin is not None:
        _allow_methods(headers, _METHODS, seconds=86_400)
    return response


def headers_for_origin(origin: str | None) -> list[tuple[str, str]]:
    """Return the headers that let a page of this origin read a response; None: no page asks."""
    if origin is None:
        return [("Access-Control-Allow-Origin", "*")]
    return [
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", _EXPOSED),
    ]


def answer_preflight(origins: Collection[str]) -> Response | None:
    """Return the response to a preflight from one of these origins; None for other requests."""
    asked = "Access-Control-Request-Method" in request.headers
    if request.method != "OPTIONS" or not asked or _allowed(origins) is None:
        return None
    return Response(status=204)


def allow_readers(response: Response, origins: Collection[str]) -> Response:
    """Add the CORS headers to a response, if the page's origin is one of these.

    With ``*`` browsers send no cookies, so that only pages with a token or a key can read.
    """
    headers = response.headers
    if origins and origins != ("*",):
        headers.add("Vary", "Origin")
    allowed = _allowed(origins)
    if allowed is None:
        return response
    headers["Access-Control-Allow-Origin"] = allowed
    headers["Access-Control-Expose-Headers"] = _EXPOSED_TO_READERS
    if allowed != "*":
        headers["Access-Control-Allow-Credentials"] = "true"
    _allow_methods(headers, _METHODS_OF_READERS, seconds=600)
    return response


def _allow_methods(headers: Headers, methods: str, *, seconds: int) -> None:
    """Answer a preflight: with what a page may call, and for how long that holds."""
    if request.method != "OPTIONS":
        return
    requested = request.headers.get("Access-Control-Request-Headers", "")
    headers["Access-Control-Allow-Headers"] = requested[:_MAX_CHARACTERS] or _HEADERS
    headers["Access-Control-Allow-Methods"] = methods
    headers["Access-Control-Max-Age"] = str(seconds)


def _allowed(origins: Collection[str]) -> str | None:
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    if origin.lower() in origins:
        return origin
    return "*" if "*" in origins else None
