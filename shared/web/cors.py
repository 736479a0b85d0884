"""CORS for the services that pages of other sites call with a public key.

These services read no cookies, so any page may call. Whether it may send events is decided by the
project's allowed origins, once the key is known. A preflight carries no key and is always granted.
"""

from __future__ import annotations

from flask import Response, request

_METHODS = "GET, POST, PUT, OPTIONS"
_HEADERS = "Authorization, Content-Encoding, Content-Type, X-API-Key"
_EXPOSED = "Retry-After, RateLimit, RateLimit-Policy, X-Request-ID"
_MAX_CHARACTERS = 1000


def allow_origins(response: Response) -> Response:
    """Add the CORS headers to a response, errors included, so that a page can read the reason.

    The origin is mirrored, because browsers reject a star for requests with credentials. A page
    that the project does not allow (403) gets no headers, so its browser hides the response.
    """
    headers = response.headers
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is None:
        headers["Access-Control-Allow-Origin"] = "*"
        return response
    headers["Vary"] = "Origin"
    if response.status_code == 403:
        return response
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Allow-Credentials"] = "true"
    headers["Access-Control-Expose-Headers"] = _EXPOSED
    if request.method == "OPTIONS":
        requested = request.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        headers["Access-Control-Allow-Headers"] = requested[:_MAX_CHARACTERS] or _HEADERS
        headers["Access-Control-Allow-Methods"] = _METHODS
        headers["Access-Control-Max-Age"] = "86400"
    return response
