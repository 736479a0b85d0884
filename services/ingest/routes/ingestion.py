"""Pass the HTTP request to the ingest pipeline, and its result back. Shared by every route."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from flask import Response, request

from services.ingest.client_clocks import ClientClocks
from services.ingest.geography import Geography, country_code
from services.ingest.large_bodies import LargeBodySlot
from services.ingest.limits import RateLimitStatus
from services.ingest.outcomes import EventOutcomes
from services.ingest.pipeline import IngestResult, Pipeline
from services.ingest.protocols.message import Protocol
from services.ingest.request import IngestRequest, Visitor
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from services.ingest.visitors import DailySalt
from shared.events.outcomes import POLICY_REASONS
from shared.policies.lookup import Policies
from shared.runtime.redis_clients import get_answer_cache, get_state_redis, get_stream
from shared.runtime.settings import get_settings
from shared.web.bodies import SMALL_BYTES
from shared.web.request_scope import client_address

BODY_DOC: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                # Events are validated one by one; the response names those that were dropped.
                "schema": {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]},
                "example": {"event_name": "level_completed", "distinct_id": "ada"},
            }
        },
        "description": 'An event, a list of events, or `{"events": […], "sent_at"}`. The response '
        "names each dropped event with its reason; the others are accepted.",
    },
    "security": [{"ProjectKey": []}],
}

INGESTED = "tidemark.ingested"
"""Name in ``environ`` of the result or error of a request that was ingested before Flask ran."""

encode_json = msgspec.json.Encoder().encode


@cache
def pipeline() -> Pipeline:
    """Return this process's pipeline; it connects on first use."""
    settings = get_settings()
    return Pipeline(
        Policies(get_state_redis(), settings),
        Submitter(
            get_stream(),
            Spool(settings.spool_max_batches),
            settings.stream_max_bytes,
            settings.stream_partitions,
        ),
        DailySalt(get_state_redis()),
        Geography(settings.geoip_database),
        ClientClocks(get_answer_cache()),
        settings=settings,
    )


def ingest(
    protocol: Protocol, *, key: str | None = None, body: bytes | None = None
) -> IngestResult:
    """Ingest the events of the current request.

    Args:
        protocol: the wire format of the events.
        key: the key, where the path contains it.
        body: read instead of the request's body.
    """
    if (already := request.environ.get(INGESTED)) is not None:
        return result_of(already)
    with LargeBodySlot() as slot:
        if (request.content_length or 0) > SMALL_BYTES:
            _refuse_before_body(key or request_key())
            slot.acquire()
        ingest_request = request_from_flask(key=key, body=body, acquire_slot=slot.acquire)
        return pipeline().ingest(ingest_request, protocol)


def _refuse_before_body(key: str | None) -> None:
    """Refuse a large body for its key, or, where the key is in it, for guesses of its client."""
    address = client_address(request.environ)
    if key:
        pipeline().policy(key, time.time(), address)
    else:
        pipeline().refuse_guessing(address)


def result_of(ingested: IngestResult | Exception) -> IngestResult:
    """Return a result that is there already, or raise the error that is there instead."""
    if isinstance(ingested, Exception):
        raise ingested
    return ingested


def request_from_flask(
    *,
    key: str | None = None,
    body: bytes | None = None,
    acquire_slot: Callable[[], None] = lambda: None,
) -> IngestRequest:
    """Return the current HTTP request as an ``IngestRequest``."""
    environ = request.environ
    return request_from_environ(
        environ,
        request.get_data(cache=False) if body is None else body,
        key or request_key(),
        acquire_slot,
        query=request.args if environ.get("QUERY_STRING") else {},
        cookie_user_id=request.cookies.get("user_id", "") if "HTTP_COOKIE" in environ else "",
    )


def request_from_environ(
    environ: Mapping[str, Any],
    body: bytes,
    key: str | None,
    acquire_slot: Callable[[], None],
    **others: Any,
) -> IngestRequest:
    """Return an HTTP request as an ``IngestRequest``.

    Args:
        environ: the WSGI environment.
        body: its body.
        key: its key; None: it is in the body.
        acquire_slot: called before a large body is decoded.
        others: fields of ``IngestRequest``.
    """
    return IngestRequest(
        body=body,
        content_encoding=environ.get("HTTP_CONTENT_ENCODING", ""),
        key=key,
        visitor=Visitor(client_address(environ), _readable(environ.get("HTTP_USER_AGENT", ""))),
        content_type=environ.get("CONTENT_TYPE", ""),
        origin=environ.get("HTTP_ORIGIN", ""),
        country=country_code(environ.get("HTTP_X_COUNTRY", "")) or "",
        acquire_slot=acquire_slot,
        wants_no_tracking=environ.get("HTTP_DNT") == "1" or environ.get("HTTP_SEC_GPC") == "1",
        **others,
    )


def request_key() -> str | None:
    """Return the key outside the body: header, Bearer token, Basic user or query parameter."""
    environ = request.environ
    given: str | None = environ.get("HTTP_X_API_KEY")
    if given:
        return given
    if "HTTP_AUTHORIZATION" in environ:
        try:
            authorization = request.authorization
        except ValueError:  # bytes that are not text
            return None
        if authorization is not None:
            if authorization.type == "bearer" and authorization.token:
                return authorization.token
            if authorization.type == "basic" and authorization.username:
                return authorization.username
    if environ.get("QUERY_STRING"):
        return request.args.get("api_key") or request.args.get("token") or None
    return None


def all_outcomes(outcomes: EventOutcomes) -> dict[str, Any]:
    """Return the content of a response with the outcome of each event."""
    return {
        "accepted": outcomes.accepted,
        "dropped": len(outcomes.results) - outcomes.accepted,
        "results": outcomes.results,
    }


def is_invalid(outcome: Mapping[str, Any]) -> bool:
    """Return whether an event was dropped for a mistake of the client."""
    return outcome["status"] == "dropped" and outcome["reason"] not in POLICY_REASONS


def json_response(content: object, status: int, rate_limit: RateLimitStatus) -> Response:
    """Return a JSON response with the RateLimit headers."""
    response = Response(encode_json(content), status=status, content_type="application/json")
    response.headers["RateLimit-Policy"] = rate_limit.policy
    response.headers["RateLimit"] = rate_limit.limit
    return response


def _readable(header: str) -> str:
    """Decode a header as UTF-8: WSGI passes bytes as Latin-1."""
    return header if header.isascii() else header.encode("latin-1").decode("utf-8", "replace")
