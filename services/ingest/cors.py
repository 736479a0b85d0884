"""Letting pages of other sites send events: a public key is made to ship in them."""

from __future__ import annotations

from flask import Response

_ANY_SITE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Encoding, Content-Type, X-API-Key",
    "Access-Control-Expose-Headers": "Retry-After, X-Request-ID",
    "Access-Control-Max-Age": "86400",
}


def allow_any_site(response: Response) -> Response:
    """Headers for every answer, refusals included, so that a page can read the reason."""
    response.headers.update(_ANY_SITE)
    return response
