"""Answer ordinary requests with events before Flask, whose routing and contexts cost as much again.

Ordinary is what Tidemark's own paths mostly get: a body of known length up to a megabyte, and the
key in ``X-API-Key``. Whatever else is sent goes on to Flask, and so does what is refused: the
routes and error handlers there make the response, without ingesting again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.exceptions import ClientDisconnected

from services.ingest.large_bodies import LargeBodySlot
from services.ingest.pipeline import IngestResult
from services.ingest.protocols import native
from services.ingest.routes.ingestion import (
    INGESTED,
    all_outcomes,
    encode_json,
    is_invalid,
    pipeline,
    request_from_environ,
)
from shared.runtime.logs import request_id
from shared.web.bodies import SMALL_BYTES
from shared.web.cors import headers_for_origin
from shared.web.request_scope import SECURITY_HEADERS, begin_request, count_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_PATHS = frozenset({"/api/v1/events/ingest", "/api/events/ingest"})
"""Those of ``routes.native`` that respond with 202 and the outcome of each event."""
_UNUSUAL = ("HTTP_TRANSFER_ENCODING", "HTTP_COOKIE")


class DirectIngest:
    """The WSGI application around Flask's."""

    def __init__(self, app: Flask) -> None:
        self._flask: WSGIApplication = app.wsgi_app
        settings = app.config["SETTINGS"]
        self._token = settings.gateway_token
        self._max_bytes = min(SMALL_BYTES, settings.ingest_max_body_bytes)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or have Flask answer it."""
        if not self._is_ordinary(environ):
            return self._flask(environ, start_response)
        begin_request(environ, self._token)
        try:
            result = _ingest(environ)
        except Exception as error:  # noqa: BLE001 (Flask's handlers answer it, whatever it is)
            environ[INGESTED] = error
            return self._flask(environ, start_response)
        if result.is_single and is_invalid(result.outcomes.results[0]):
            environ[INGESTED] = result
            return self._flask(environ, start_response)
        return _respond(environ, start_response, result)

    def _is_ordinary(self, environ: dict[str, Any]) -> bool:
        length = environ.get("CONTENT_LENGTH", "")
        return (
            environ["PATH_INFO"] in _PATHS
            and environ["REQUEST_METHOD"] == "POST"
            and bool(environ.get("HTTP_X_API_KEY"))
            and not environ.get("QUERY_STRING")
            and length.isdecimal()
            and 0 < int(length) <= self._max_bytes
            and not any(name in environ for name in _UNUSUAL)
        )


def _ingest(environ: dict[str, Any]) -> IngestResult:
    length = int(environ["CONTENT_LENGTH"])
    body = environ["wsgi.input"].read(length)
    if len(body) < length:
        raise ClientDisconnected
    with LargeBodySlot() as slot:  # a small body may be large once it is decompressed
        request = request_from_environ(environ, body, environ["HTTP_X_API_KEY"], slot.acquire)
        return pipeline().ingest(request, native.PROTOCOL)


def _respond(
    environ: dict[str, Any], start_response: StartResponse, result: IngestResult
) -> Iterable[bytes]:
    body = encode_json(all_outcomes(result.outcomes))
    start_response(
        "202 ACCEPTED",
        [
            ("Content-Type", "application/json"),
            ("RateLimit-Policy", result.rate_limit.policy),
            ("RateLimit", result.rate_limit.limit),
            ("Content-Length", str(len(body))),
            *headers_for_origin(environ.get("HTTP_ORIGIN")),
            ("X-Request-ID", request_id.get()),
            *SECURITY_HEADERS,
        ],
    )
    count_request("ingest", environ["PATH_INFO"], environ, 202)
    return [body]
