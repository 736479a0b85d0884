"""Sessions that an app starts and ends itself (``$session_start``, ``$session_end``).

The end needs no distinct id: the one that started the session is stored for a day, of the latest
20,000 sessions of a project, in the Redis that evicts when it is full.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from services.ingest.outcomes import EventOutcomes
from services.ingest.protocols import native
from services.ingest.protocols.message import Message, Protocol, text_or_none
from services.ingest.request import IngestRequest
from shared.errors import BadRequest, NotFound, Unavailable
from shared.events.event_times import parse_time
from shared.events.stream import client_sessions_key
from shared.web.bodies import SMALL_BYTES, decode_json, read_body

_OWNER_TTL_SECONDS = 86_400
MAX_STORED = 20_000
"""Sessions of a project whose distinct ids are stored, about 5 MB. The oldest gives way."""
_MAX_ID_CHARACTERS = 200
_STORE = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local surplus = redis.call('ZCARD', KEYS[2]) - ARGV[4]
if surplus > 0 then
    local oldest = redis.call('ZPOPMIN', KEYS[2], surplus)
    for i = 1, #oldest, 2 do redis.call('HDEL', KEYS[1], oldest[i]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
"""


@dataclass(frozen=True, slots=True)
class SessionCall:
    """A start or end of a session, translated for the native protocol."""

    session_id: str
    protocol: Protocol
    """Reads the session event of this call, and ignores the body."""


def start(request: IngestRequest) -> SessionCall:
    """Read a session start; a session id (UUID, version 4) is made unless the app sent one.

    Raises:
        BadRequest: the body is not an object.
    """
    content = _object(request)
    session_id = text_or_none(content.get("session_id")) or str(uuid.uuid4())
    return _call({**content, "event_name": "$session_start", "session_id": session_id})


def end(request: IngestRequest, session_id: str, redis: Redis, project_id: int) -> SessionCall:
    """Read a session end. The body may be empty if the session started here within a day.

    An end before that start is one at the start.

    Raises:
        BadRequest: the body is not an object.
        NotFound: the session's distinct id is unknown.
        Unavailable: the distinct id cannot be looked up at the moment.
    """
    content = _object(request)
    has_owner = any(content.get(name) for name in ("distinct_id", "user_id", "anonymous_id"))
    owner, started_us = _started(redis, project_id, session_id, is_needed=not has_owner)
    if not has_owner:
        content["distinct_id"] = owner
    if started_us and _is_before(content, started_us):
        # An end before its start would give the session a length that it did not have.
        content["timestamp"] = datetime.fromtimestamp(started_us / 1e6, timezone.utc).isoformat()
    # The same end sent twice is one event.
    content.setdefault("event_id", f"$session_end:{session_id}")
    return _call({**content, "event_name": "$session_end", "session_id": session_id})


def key_in(request: IngestRequest) -> str | None:
    """Return the project key in the body, or None."""
    return text_or_none(_object(request).get("api_key"))


def store_owner(redis: Redis, project_id: int, session_id: str, outcomes: EventOutcomes) -> None:
    """Store the session's distinct id and start for its end, which has to name it without Redis."""
    if not outcomes.events:
        return
    key = client_sessions_key(project_id)
    with suppress(RedisError):
        redis.eval(
            _STORE,
            2,
            key,
            f"{key}:times",
            session_id[:_MAX_ID_CHARACTERS],
            f"{outcomes.events[0].distinct_id}\x00{outcomes.events[0].timestamp_us}",
            time.time(),
            MAX_STORED,
            _OWNER_TTL_SECONDS,
        )


def event_time(outcomes: EventOutcomes) -> str | None:
    """Return the event time of the only event, ISO 8601 in UTC; None when it was dropped."""
    if not outcomes.events:
        return None
    timestamp = datetime.fromtimestamp(outcomes.events[0].timestamp_us / 1e6, timezone.utc)
    return timestamp.isoformat()


def _is_before(content: dict[str, Any], started_us: int) -> bool:
    """Return whether an end names a time before the start; one by a clock of its own does not."""
    if content.get("sent_at") or content.get("offset"):
        return False
    with suppress(ValueError, OverflowError):
        return parse_time(content.get("timestamp")) < started_us
    return False


def _started(
    redis: Redis, project_id: int, session_id: str, *, is_needed: bool
) -> tuple[str, int | None]:
    """Return the distinct id and the start of a session, in microseconds since 1970.

    Raises:
        NotFound: it did not start here within a day, and the distinct id is needed.
        Unavailable: it cannot be looked up, and the distinct id is needed.
    """
    key, session_id = client_sessions_key(project_id), session_id[:_MAX_ID_CHARACTERS]
    try:
        with redis.pipeline(transaction=False) as pipeline:
            pipeline.hget(key, session_id)
            pipeline.zscore(f"{key}:times", session_id)
            found, started = pipeline.execute()
    except RedisError as error:
        if not is_needed:
            return "", None
        raise Unavailable(
            "The session's distinct id cannot be looked up at the moment. Send distinct_id."
        ) from error
    if found is None or (started or 0.0) < time.time() - _OWNER_TTL_SECONDS:
        if not is_needed:
            return "", None
        raise NotFound(
            "No session with this id was started here in the last 24 hours. Send distinct_id when "
            "you end it."
        )
    owner, _, started_us = str(found, "utf-8").partition("\x00")
    return owner, int(started_us) if started_us else None  # earlier versions stored the id alone


def _object(request: IngestRequest) -> dict[str, Any]:
    if not request.body:
        return {}
    content = decode_json(
        read_body(request.body, request.content_encoding, SMALL_BYTES, request.acquire_slot)
    )
    if not isinstance(content, dict):
        raise BadRequest("The body is not a JSON object. Send an object, or no body.")
    return content


def _call(event: dict[str, Any]) -> SessionCall:
    key = text_or_none(event.get("api_key"))

    def read(_body: bytes, _request: IngestRequest) -> Message:
        return native.message([event], key, event.get("sent_at"))

    return SessionCall(str(event["session_id"]), Protocol("native", read, native.canonical))
