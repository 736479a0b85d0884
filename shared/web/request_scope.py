"""What every request of a service has: an id, a time, trust in the gateway alone, and metrics."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from prometheus_client import Counter, Histogram

from shared.auth.internal_token import is_gateway
from shared.policies.networks import canonical_address
from shared.runtime.logs import request_id

_REQUESTS = Counter(
    "tidemark_http_requests_total", "Answered requests.", ["service", "route", "method", "status"]
)
_SECONDS = Histogram(
    "tidemark_http_request_seconds",
    "Time to answer a request, in seconds.",
    ["service", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_STARTED = "tidemark.started"
_OF_THE_GATEWAY = (
    "HTTP_X_REAL_IP",
    "HTTP_X_COUNTRY",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_UNDECLARED_PROXY",
)
"""Headers about the client that only the gateway may send, where it has a token."""
SECURITY_HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    # If a browser shows a response as a page, nothing in it may run or load.
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
"""Headers of every response that has no others of these names."""
_VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def add_request_scope(app: Flask) -> None:
    """Begin every request of a service, and finish its response."""
    service, token = app.config["SERVICE"], app.config["SETTINGS"].gateway_token

    @app.before_request
    def begin() -> None:
        environ = request.environ
        if _STARTED not in environ:  # ingest begins its requests before Flask
            begin_request(environ, token)
        if not environ["QUERY_STRING"].isascii():
            # Bytes that should have been escaped; werkzeug fails on those that are not UTF-8.
            escaped = quote(request.query_string, safe="%&=+;/?:@!$'()*,-._~#[]")
            request.query_string = escaped.encode()

    @app.after_request
    def finish(response: Response) -> Response:
        headers, environ, rule = response.headers, request.environ, request.url_rule
        headers.add("X-Request-ID", request_id.get())
        for name, value in SECURITY_HEADERS:
            if name not in headers:
                headers.add(name, value)
        count_request(service, rule.rule if rule else "(none)", environ, response.status_code)
        return response


def begin_request(environ: dict[str, Any], gateway_token: str) -> None:
    """Set the request's id and start; remove what others than the gateway say of the client."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    request_id.set(given if _VALID_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex)
    environ[_STARTED] = time.perf_counter()
    _believe_only_the_gateway(environ, gateway_token)


def count_request(service: str, route: str, environ: dict[str, Any], status: int) -> None:
    """Count an answered request in the metrics."""
    _requests_total(service, route, _known_method(environ["REQUEST_METHOD"]), status).inc()
    if _STARTED in environ:
        _request_seconds(service, route).observe(time.perf_counter() - environ[_STARTED])


@cache
def _requests_total(service: str, route: str, method: str, status: int) -> Counter:
    return _REQUESTS.labels(service, route, method, status)


@cache
def _request_seconds(service: str, route: str) -> Histogram:
    return _SECONDS.labels(service, route)


def _believe_only_the_gateway(environ: dict[str, Any], token: str) -> None:
    """Remove what others than the gateway say of the client, where the gateway has a token."""
    if token and not is_gateway(environ.get("HTTP_X_GATEWAY_TOKEN", ""), token):
        for name in _OF_THE_GATEWAY:
            environ.pop(name, None)


def _known_method(method: str) -> str:
    """Return the method if it is a standard one, so that clients cannot create metric series."""
    return method if method in _METHODS else "(other)"


def client_address(environ: Mapping[str, Any] | None = None) -> str:
    """Return the client's address; of the current request, unless another's ``environ`` is given.

    The gateway overwrites the header, and without the gateway's token it was removed, so clients
    cannot forge it.
    """
    environ = request.environ if environ is None else environ
    return canonical_address(environ.get("HTTP_X_REAL_IP") or environ.get("REMOTE_ADDR") or "")
