"""What every ingest route shares: from the HTTP request to the intake, and back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from flask import Response, request

from services.ingest.geography import Geography, country_code
from services.ingest.large_bodies import SMALL_BYTES, Turn
from services.ingest.limits import Standing
from services.ingest.pipeline import Pipeline, Taken
from services.ingest.protocols.message import Protocol
from services.ingest.request import Delivery, Visitor
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt
from shared.policies.lookup import Policies
from shared.runtime.redis_clients import get_cache, get_stream
from shared.runtime.settings import get_settings
from shared.web.factory import client_address

BODY_DOC: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                # Single events are judged one by one, and refused in the answer.
                "schema": {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]},
                "example": {"event_name": "level_completed", "distinct_id": "ada"},
            }
        },
        "description": 'An event, a list of events, or `{"events": […], "sent_at"}`. What cannot '
        "be taken is named in the answer, and its neighbours are kept.",
    },
    "security": [{"ProjectKey": []}],
}

_encode = msgspec.json.Encoder().encode


@cache
def pipeline() -> Pipeline:
    """This process's pipeline; it connects on first use."""
    settings = get_settings()
    return Pipeline(
        Policies(get_cache(), settings),
        Submitter(
            get_stream(),
            Spool(settings.spool_max_batches),
            settings.stream_max_entries,
            settings.stream_partitions,
        ),
        DailySalt(get_cache()),
        Geography(settings.geoip_database),
        settings,
    )


def take(protocol: Protocol, *, key: str | None = None, body: bytes | None = None) -> Taken:
    """Take the events of the current request.

    Args:
        protocol: how they were sent.
        key: the key, where the path names it.
        body: what to read instead of the request's body.
    """
    with Turn() as turn:
        if (request.content_length or 0) > SMALL_BYTES:
            turn.take()
        return pipeline().take(delivery(key=key, body=body, take_turn=turn.take), protocol)


def delivery(
    *,
    key: str | None = None,
    body: bytes | None = None,
    take_turn: Callable[[], None] = lambda: None,
) -> Delivery:
    """The current request, freed from HTTP."""
    environ = request.environ
    return Delivery(
        body=request.get_data(cache=False) if body is None else body,
        content_encoding=environ.get("HTTP_CONTENT_ENCODING", ""),
        key=key or request_key(),
        visitor=Visitor(client_address(), _readable(environ.get("HTTP_USER_AGENT", ""))),
        content_type=environ.get("CONTENT_TYPE", ""),
        query=request.args if environ.get("QUERY_STRING") else {},
        origin=environ.get("HTTP_ORIGIN", ""),
        country=country_code(environ.get("HTTP_X_COUNTRY", "")) or "",
        take_turn=take_turn,
        wants_no_tracking=environ.get("HTTP_DNT") == "1" or environ.get("HTTP_SEC_GPC") == "1",
    )


def request_key() -> str | None:
    """The key outside the body: header, Bearer token, Basic user or query parameter."""
    environ = request.environ
    given: str | None = environ.get("HTTP_X_API_KEY")
    if given:
        return given
    if "HTTP_AUTHORIZATION" in environ:
        try:
            authorization = request.authorization
        except ValueError:  # bytes that are no text
            return None
        if authorization is not None:
            if authorization.type == "bearer" and authorization.token:
                return authorization.token
            if authorization.type == "basic" and authorization.username:
                return authorization.username
    if environ.get("QUERY_STRING"):
        return request.args.get("api_key") or request.args.get("token") or None
    return None


def answer(content: object, status: int, standing: Standing) -> Response:
    """A JSON answer that says where the sender stands."""
    response = Response(_encode(content), status=status, content_type="application/json")
    response.headers["RateLimit-Policy"] = standing.policy
    response.headers["RateLimit"] = standing.limit
    return response


def _readable(header: str) -> str:
    """A header as text: WSGI hands bytes over as Latin-1."""
    return header if header.isascii() else header.encode("latin-1").decode("utf-8", "replace")
