"""Letting pages of other sites call with a public key: it is made to ship in them.

Cookies mean nothing where a key is asked for, so any page may call; whether it may send is the
project's to say (its CORS allow-list), once its key is known. A preflight carries no key and is
always granted.
"""

from __future__ import annotations

from flask import Response, request

_METHODS = "GET, POST, PUT, OPTIONS"
_HEADERS = "Authorization, Content-Encoding, Content-Type, X-API-Key"
_EXPOSED = "Retry-After, RateLimit, RateLimit-Policy, X-Request-ID"
_MOST_CHARACTERS = 1000


def allow_pages(response: Response) -> Response:
    """Headers for every answer, refusals included, so that a page can read the reason.

    The origin is mirrored, because SDKs that send credentials may not be answered with a star. A
    page that the project does not allow gets none, so its browser keeps the answer from it.
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
        wanted = request.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        headers["Access-Control-Allow-Headers"] = wanted[:_MOST_CHARACTERS] or _HEADERS
        headers["Access-Control-Allow-Methods"] = _METHODS
        headers["Access-Control-Max-Age"] = "86400"
    return response
