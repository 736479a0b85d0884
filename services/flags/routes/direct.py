"""Answer ordinary requests for all flags before Flask, whose routing and contexts cost as much.

Ordinary is what SDKs mostly send: a body of known length up to a megabyte, to PostHog's path
without configuration, or to OFREP's with the key in ``X-API-Key``. Whatever else is sent goes on to
Flask, and so does what is refused: the routes and error handlers there make the response.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask
from werkzeug.exceptions import ClientDisconnected

from services.flags.ofrep import person_of
from services.flags.request import read_flags_request, read_object
from services.flags.routes.answers import REFUSED, flags_content, ofrep_answer
from services.flags.routes.callers import charged, charged_for_body, flags_of_key, stream_of_key
from shared.runtime.logs import request_id
from shared.web.bodies import SMALL_BYTES
from shared.web.cors import headers_for_origin
from shared.web.request_scope import SECURITY_HEADERS, begin_request, count_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_POSTHOG, _OFREP = "/flags/", "/ofrep/v1/evaluate/flags"
_ROUTES = {"/flags": _POSTHOG, _POSTHOG: _POSTHOG, _OFREP: _OFREP}
"""By path."""
_UNUSUAL = ("HTTP_TRANSFER_ENCODING", "HTTP_COOKIE", "HTTP_IF_NONE_MATCH")
_QUERIES = frozenset({"", "v=2"})


class DirectFlags:
    """The WSGI application around Flask's."""

    def __init__(self, app: Flask) -> None:
        self._flask: WSGIApplication = app.wsgi_app
        self._token = app.config["SETTINGS"].gateway_token

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or have Flask answer it."""
        route = _ROUTES.get(environ["PATH_INFO"])
        if route is None or not _is_ordinary(environ, route):
            return self._flask(environ, start_response)
        begin_request(environ, self._token)
        try:
            answer = _posthog(environ) if route == _POSTHOG else _ofrep(environ)
        except Exception as error:  # noqa: BLE001 (Flask's handlers answer it, whatever it is)
            environ[REFUSED] = error
            return self._flask(environ, start_response)
        return _respond(environ, start_response, route, *answer)


def _is_ordinary(environ: dict[str, Any], route: str) -> bool:
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("QUERY_STRING", "") in _QUERIES
        and (route == _POSTHOG or bool(environ.get("HTTP_X_API_KEY")))
        and length.isdecimal()
        and 0 < int(length) <= SMALL_BYTES
        and not any(name in environ for name in _UNUSUAL)
    )


def _posthog(environ: dict[str, Any]) -> tuple[bytes, str | None]:
    encoding = environ.get("HTTP_CONTENT_ENCODING", "")
    charge = partial(charged_for_body, environ=environ)
    sent = read_flags_request(_read(environ), encoding, "", "", charge)
    return msgspec.json.encode(flags_content(sent, flags_of_key(sent.token, environ))), None


def _ofrep(environ: dict[str, Any]) -> tuple[bytes, str | None]:
    key = environ["HTTP_X_API_KEY"]
    flags, stream = flags_of_key(key, environ), stream_of_key(key, environ)
    body = _read(environ)
    with charged(key, environ):
        sent = read_object(body, environ.get("HTTP_CONTENT_ENCODING", ""))
    return ofrep_answer(flags, person_of(sent), stream)


def _read(environ: dict[str, Any]) -> bytes:
    length = int(environ["CONTENT_LENGTH"])
    body: bytes = environ["wsgi.input"].read(length)
    if len(body) < length:
        raise ClientDisconnected
    return body


def _respond(
    environ: dict[str, Any],
    start_response: StartResponse,
    route: str,
    body: bytes,
    tag: str | None,
) -> Iterable[bytes]:
    start_response(
        "200 OK",
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            *([] if tag is None else [("ETag", f'"{tag}"')]),
            *headers_for_origin(environ.get("HTTP_ORIGIN")),
            ("X-Request-ID", request_id.get()),
            *SECURITY_HEADERS,
        ],
    )
    count_request("flags", route, environ, 200)
    return [body]
