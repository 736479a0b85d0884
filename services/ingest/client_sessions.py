"""Sessions that an app starts and ends itself (``$session_start``, ``$session_end``).

The end needs no distinct id: the one that started the session is stored for a day, in the Redis
that evicts when it is full. Of a project the latest 20,000 sessions are stored for each kind of
key, and of one client with a public key the latest 1,000. A public key is in every copy of an app:
what it starts is never found by the secret key, nor takes a place of the secret key's.
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
from services.ingest.request import IngestRequest, Visitor
from services.ingest.visitors import ip_hash
from shared.errors import BadRequest, NotFound, Unavailable
from shared.events.event_times import parse_time
from shared.events.stream import client_sessions_key
from shared.policies.networks import is_private, network_of
from shared.policies.policy import Policy
from shared.web.bodies import decode_json

_OWNER_TTL_SECONDS = 86_400
MAX_STORED = 20_000
"""Sessions of a project and kind of key whose distinct ids are stored, about 5 MB. The oldest gives
way."""
MAX_OF_CLIENT = 1_000
"""Of these, sessions that one client (address, or IPv6 /64) with a public key has started."""
_MAX_ID_CHARACTERS = 200
MAX_BYTES = 64 * 1024
"""Of the body, before and after decompression: it has one event."""
_STORE = """
local owners, times, client, name = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local function forget(which)
    local stored = redis.call('HGET', owners, which)
    local of = stored and string.match(stored, '^[^%z]*') or ''
    if of ~= '' then redis.call('ZREM', owners .. ':of:' .. of, which) end
    redis.call('HDEL', owners, which)
    redis.call('ZREM', times, which)
end
local function shorten(key, maximum)
    local surplus = redis.call('ZCARD', key) - maximum
    if surplus > 0 then
        for _, oldest in ipairs(redis.call('ZRANGE', key, 0, surplus - 1)) do forget(oldest) end
    end
end
forget(name)
redis.call('HSET', owners, name, ARGV[3])
redis.call('ZADD', times, ARGV[4], name)
if client ~= '' then
    redis.call('ZADD', KEYS[3], ARGV[4], name)
    shorten(KEYS[3], ARGV[6])
    redis.call('EXPIRE', KEYS[3], ARGV[7])
end
shorten(times, ARGV[5])
redis.call('EXPIRE', owners, ARGV[7])
redis.call('EXPIRE', times, ARGV[7])
"""
"""Stores a session.

Keys: whose the sessions are, their times, the times of the client's. Arguments: the client (empty:
not counted), the session's id, what is stored of it (which begins with the client), the time now,
both maxima, and the seconds until everything expires.
"""


@dataclass(frozen=True, slots=True)
class SessionCall:
    """A start or end of a session, translated for the native protocol."""

    session_id: str
    protocol: Protocol
    """Reads the session event of this call, and ignores the body."""


def content_of(text: bytes) -> dict[str, Any]:
    """Return the object in the body of a call; empty where the call has no body.

    Raises:
        BadRequest: the body is not an object.
    """
    content = decode_json(text) if text else {}
    if not isinstance(content, dict):
        raise BadRequest("The body is not a JSON object. Send an object, or no body.")
    return content


def start(content: dict[str, Any]) -> SessionCall:
    """Read a session start; a session id (UUID, version 4) is made unless the app sent one."""
    session_id = text_or_none(content.get("session_id")) or str(uuid.uuid4())
    return _call({**content, "event_name": "$session_start", "session_id": session_id})


def end(content: dict[str, Any], session_id: str, redis: Redis, policy: Policy) -> SessionCall:
    """Read a session end. The body may be empty if the session started here within a day.

    It started here if a key of the same project and kind started it.

    An end before that start is one at the start.

    Raises:
        NotFound: the session's distinct id is unknown.
        Unavailable: the distinct id cannot be looked up at the moment.
    """
    has_owner = any(content.get(name) for name in ("distinct_id", "user_id", "anonymous_id"))
    owner, started_us = _started(redis, policy, session_id, is_needed=not has_owner)
    content = {**content} if has_owner else {**content, "distinct_id": owner}
    if started_us and _is_before(content, started_us):
        # An end before its start would give the session a length that it did not have.
        content["timestamp"] = datetime.fromtimestamp(started_us / 1e6, timezone.utc).isoformat()
    # The same end sent twice is one event.
    content.setdefault("event_id", f"$session_end:{session_id}")
    return _call({**content, "event_name": "$session_end", "session_id": session_id})


def store_owner(
    redis: Redis, policy: Policy, client: str, session_id: str, outcomes: EventOutcomes
) -> None:
    """Store the session's distinct id and start for its end, which has to name it without Redis.

    Args:
        redis: the cache.
        policy: the policy of the key that started the session.
        client: who started it, without NUL characters; empty: not counted by client.
        session_id: the session.
        outcomes: of the start; nothing is stored unless its event was accepted.
    """
    if not outcomes.events:
        return
    owners, event = _owners_key(policy), outcomes.events[0]
    with suppress(RedisError):
        redis.eval(
            _STORE,
            3,
            owners,
            f"{owners}:times",
            f"{owners}:of:{client}",
            client,
            session_id[:_MAX_ID_CHARACTERS],
            f"{client}\x00{event.distinct_id}\x00{event.timestamp_us}",
            time.time(),
            MAX_STORED,
            MAX_OF_CLIENT,
            _OWNER_TTL_SECONDS,
        )


def counted_client(policy: Policy, visitor: Visitor, salt: bytes) -> str:
    """Return by which name the sessions of a client are counted; empty: by none.

    Nobody can read the client's address from it once the day's salt is deleted. A secret key's
    requests are a server's, and those from a private network may be many clients'.

    Args:
        policy: the policy of the client's key.
        visitor: the client.
        salt: the day's.
    """
    if policy.kind == "secret" or not visitor.address or is_private(visitor.address):
        return ""
    return ip_hash(salt, policy.project_id, network_of(visitor.address))


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


def _owners_key(policy: Policy) -> str:
    return f"{client_sessions_key(policy.project_id)}:{policy.kind}"


def _started(
    redis: Redis, policy: Policy, session_id: str, *, is_needed: bool
) -> tuple[str, int | None]:
    """Return the distinct id and the start of a session, in microseconds since 1970.

    Raises:
        NotFound: it did not start here within a day, and the distinct id is needed.
        Unavailable: it cannot be looked up, and the distinct id is needed.
    """
    key, session_id = _owners_key(policy), session_id[:_MAX_ID_CHARACTERS]
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
            f"No session with this id was started here with a {policy.kind} key in the last 24 "
            "hours. Send distinct_id when you end it."
        )
    _client, owner, started_us = str(found, "utf-8").split("\x00")
    return owner, int(started_us)


def _call(event: dict[str, Any]) -> SessionCall:
    key = text_or_none(event.get("api_key"))

    def read(_body: bytes, _request: IngestRequest) -> Message:
        return native.message([event], key, event.get("sent_at"))

    return SessionCall(str(event["session_id"]), Protocol("native", read, native.canonical))
