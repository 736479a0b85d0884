"""The gateway's own error responses, in the format of the services'."""

from __future__ import annotations

from deploy.nginx import headers, limits
from deploy.nginx.blocks import location
from deploy.nginx.routes import NOT_PUBLIC
from shared.errors import code_for_status

_TOO_LARGE = (
    413,
    "Request Entity Too Large",
    "The body is larger than this path accepts. Send fewer events in one request. A body without "
    "Content-Length (Transfer-Encoding: chunked) may have at most 1 MiB.",
)
_TOO_LONG = (
    414,
    "Request-URI Too Large",
    "The URL is longer than 16 kB. Send long queries by POST.",
)
_UNAVAILABLE = (
    503,
    "Service Unavailable",
    "This part of Tidemark is starting or has stopped. Try again in a few seconds.",
)
_TOO_MANY = (
    429,
    "Too Many Requests",
    "Your address or login sends too many requests, or too many large ones at a time. Try again "
    "after the seconds in Retry-After.",
)
_NOT_FOUND = (404, "Not Found", "There is no such path. The API is documented under /api/v1/docs.")


def error_locations() -> str:
    """Return the locations of nginx's own error responses, in the format of the services'."""
    not_public = "|".join(NOT_PUBLIC)
    return "\n".join(
        (
            _error("@too_large", _TOO_LARGE),
            _error("= /414", _TOO_LONG, "internal;"),
            _error(
                "@too_many",
                _TOO_MANY,
                f"add_header Retry-After {limits.RETRY_AFTER_SECONDS} always;",
                # Pages of other sites send events, and may read the reason of a rejection.
                'add_header Access-Control-Allow-Origin "*" always;',
            ),
            _error("@unavailable", _UNAVAILABLE, "add_header Retry-After 5 always;"),
            _error("/api", _NOT_FOUND),
            _error(f"~ ^/({not_public})(/|$)", _NOT_FOUND),
        )
    )


def _error(match: str, answer: tuple[int, str, str], *lines: str) -> str:
    status, name, message = answer
    body = (
        f'{{"code": "{code_for_status(status)}", "status": "{name}", "message": "{message}", '
        '"errors": {}, '
        '"request_id": "$tidemark_request_id"}'
    )
    return location(
        match,
        "default_type application/json;",
        "add_header X-Request-ID $tidemark_request_id always;",
        "add_header Cache-Control no-store always;",
        "add_header X-Content-Type-Options nosniff always;",
        *headers.OF_EVERYTHING.splitlines(),
        *lines,
        f"return {status} '{body}';",
    )
